// SPDX-License-Identifier: Apache-2.0
import type { CanaryMinuteView } from '@causeway/plugin-delivery-common';
import type { Translate } from '../translation';
import { lastOf } from './chart';
import { ofCanary, sayNumber, type Metric, type Quantile } from './metrics';

/** The name of what is measured: "P95 latency". */
export function metricName(
  { key, check }: Metric,
  quantile: Quantile,
  t: Translate,
): string {
  if (check) return check.title;
  return key === 'latency'
    ? t('canary.metric.latency', { quantile: quantile.toUpperCase() })
    : t(`canary.metric.${key}`);
}

/** What it is measured in. */
export function unitName({ unit, check }: Metric, t: Translate): string {
  return check ? check.unit : t(`canary.unit.${unit}`);
}

/** What a chart shows, in sentences for who does not see it: the last numbers, the limit, the highest. */
export function summaryOf(
  shown: {
    readonly metric: Metric;
    readonly quantile: Quantile;
    readonly minutes: readonly CanaryMinuteView[];
    readonly leftOut: readonly number[];
  },
  t: Translate,
): string {
  const { metric, quantile, minutes, leftOut } = shown;
  const unit = unitName(metric, t);
  const isLower = metric.check?.side === 'lower';
  const say = (value: number | undefined) =>
    value === undefined
      ? t('canary.summary.unheard')
      : `${sayNumber(value)} ${unit}`.trim();
  const values = (read: (minute: CanaryMinuteView) => number | undefined) =>
    minutes.map(minute => ({ at: minute.at, value: read(minute) }));
  const canary = values(minute => ofCanary(metric, minute));
  const limit = lastOf(values(metric.limit));
  const worst = worstOf(canary, isLower ? -1 : 1);
  return [
    t('canary.summary.both', {
      metric: metricName(metric, quantile, t),
      canary: say(lastOf(canary)),
      baseline: say(lastOf(values(minute => metric.of(minute.baseline)))),
    }),
    limit === undefined ? '' : t('canary.summary.limit', { limit: say(limit) }),
    worst &&
      t(isLower ? 'canary.summary.lowest' : 'canary.summary.highest', {
        value: say(worst.value),
        when: timeOfDay(worst.at),
      }),
    t('canary.summary.minutes', { count: minutes.length }),
    leftOut.length > 0
      ? t('canary.summary.leftOut', { count: leftOut.length })
      : '',
  ]
    .filter(Boolean)
    .join(' ');
}

/** The highest number, or with -1 the lowest. */
function worstOf(
  points: readonly {
    readonly at: string;
    readonly value: number | undefined;
  }[],
  sign: 1 | -1,
): { readonly at: string; readonly value: number } | undefined {
  return points
    .flatMap(({ at, value }) => (value === undefined ? [] : [{ at, value }]))
    .reduce<{ at: string; value: number } | undefined>(
      (most, point) =>
        most && sign * most.value >= sign * point.value ? most : point,
      undefined,
    );
}

function timeOfDay(at: string): string {
  return new Intl.DateTimeFormat(undefined, {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(Date.parse(at));
}
