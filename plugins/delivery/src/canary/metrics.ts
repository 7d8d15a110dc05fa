// SPDX-License-Identifier: Apache-2.0
import type {
  CanaryCheckView,
  CanaryMinuteView,
  CanaryQuantileLimits,
  CanaryView,
} from '@causeway/plugin-delivery-common';

export const quantiles = ['p50', 'p95', 'p99'] as const;
export type Quantile = (typeof quantiles)[number];

type Arm = CanaryMinuteView['canary'];

/** Something measured of both versions, minute by minute. */
export interface Metric {
  readonly key: 'errors' | 'latency' | 'cpu' | 'memory' | 'requests' | 'check';
  readonly unit:
    | 'percentOfRequests'
    | 'percentOfLimit'
    | 'milliseconds'
    | 'perMinute'
    | 'own';
  /** A check of the pipeline, which has a name and a unit of its own. */
  readonly check?: CanaryCheckView;
  /** Undefined where nothing was heard. */
  readonly of: (arm: Arm) => number | undefined;
  /** What the canary is to keep to in that minute; undefined where nothing is asked. */
  readonly limit: (minute: CanaryMinuteView) => number | undefined;
}

/** What a quantile is to keep to; undefined where it is shown and not judged. */
export function limitsOf(
  quantile: Quantile,
  limits: CanaryView['limits'],
): CanaryQuantileLimits | undefined {
  if (quantile !== 'p95') return limits[quantile];
  return {
    percentAboveBaseline: limits.latencyPercentAboveBaseline,
    milliseconds: limits.p95Milliseconds,
  };
}

/** It is a share of something, so a hundred is the most there can be. */
export function isShare({ unit, check }: Metric): boolean {
  return unit.startsWith('percent') || check?.unit === '%';
}

/**
 * What is shown of a canary, with the limits of its pipeline. Latency is compared with the baseline
 * of the same minute; where it has an absolute limit too, the lower of the two counts.
 */
export function metricsOf(
  limits: CanaryView['limits'],
  quantile: Quantile,
): readonly Metric[] {
  const ofQuantile = limitsOf(quantile, limits);
  return [
    {
      key: 'errors',
      unit: 'percentOfRequests',
      of: ({ requests, errors }) =>
        requests > 0 ? (errors / requests) * 100 : undefined,
      limit: () => limits.errorPercent,
    },
    {
      key: 'latency',
      unit: 'milliseconds',
      of: arm => arm[quantile],
      limit: ({ baseline }) =>
        ofQuantile && latencyLimit(ofQuantile, baseline[quantile]),
    },
    {
      key: 'cpu',
      unit: 'percentOfLimit',
      of: ({ cpuPercent }) => cpuPercent,
      limit: () => limits.cpuPercent,
    },
    {
      key: 'memory',
      unit: 'percentOfLimit',
      of: ({ memoryPercent }) => memoryPercent,
      limit: () => limits.memoryPercent,
    },
    {
      key: 'requests',
      unit: 'perMinute',
      of: ({ requests }) => requests,
      limit: () => undefined,
    },
    ...(limits.checks ?? []).map(metricOfCheck),
  ];
}

function latencyLimit(
  { percentAboveBaseline, milliseconds = Infinity }: CanaryQuantileLimits,
  usual = Infinity,
): number | undefined {
  const compared = usual * (1 + percentAboveBaseline / 100);
  const limit = Math.min(compared, milliseconds);
  return Number.isFinite(limit) ? limit : undefined;
}

/** Tells metrics apart. */
export function idOf({ key, check }: Metric): string {
  return check ? `check ${check.title}` : key;
}

/** Of two limits the one counts that asks for more. */
function metricOfCheck(check: CanaryCheckView): Metric {
  const { title, side, limit, percentFromBaseline } = check;
  const of = ({ checks = [] }: Arm) =>
    checks.find(each => each.title === title)?.value;
  const sign = side === 'upper' ? 1 : -1;
  return {
    key: 'check',
    unit: 'own',
    check,
    of,
    limit: ({ baseline }) => {
      const usual = of(baseline);
      const compared =
        usual === undefined || percentFromBaseline === undefined
          ? undefined
          : usual * (1 + (sign * percentFromBaseline) / 100);
      const limits = [limit, compared].filter(each => each !== undefined);
      if (limits.length === 0) return undefined;
      return side === 'upper' ? Math.min(...limits) : Math.max(...limits);
    },
  };
}

/** What was measured of the canary; nothing of a time in which it got no traffic. */
export function ofCanary(
  metric: Metric,
  { weight, canary }: CanaryMinuteView,
): number | undefined {
  return weight > 0 ? metric.of(canary) : undefined;
}

/** A measured number with as many digits as matter: 0.04, 3.2, 182. */
export function sayNumber(value: number): string {
  return new Intl.NumberFormat(undefined, {
    ...(Math.abs(value) < 10
      ? { maximumSignificantDigits: 2 }
      : { maximumFractionDigits: 0 }),
  }).format(value);
}
