// SPDX-License-Identifier: Apache-2.0
import type {
  CanaryCheckView,
  CanaryMinuteView,
  CanaryQuantileLimits,
  CanaryView,
} from '@causeway/plugin-delivery-common';
import { Moment } from '@causeway/plugin-delivery-react';
import { useDeliveryTranslation, type Translate } from '../translation';
import { CHART_HEIGHT, layOutChart, timeOf, type Chart } from './chart';
import { metricName, summaryOf, unitName } from './chartSummary';
import styles from './MetricChart.module.css';
import { limitsOf, sayNumber, type Metric, type Quantile } from './metrics';

/** One thing measured of canary and baseline over time, with its limit; a sentence says the same. */
export function MetricChart(props: {
  metric: Metric;
  quantile: Quantile;
  limits: CanaryView['limits'];
  /** At least one. */
  minutes: readonly CanaryMinuteView[];
  leftOut: readonly number[];
  until?: string;
}) {
  const { t } = useDeliveryTranslation();
  const { metric, quantile, limits, minutes, leftOut, until } = props;
  const chart = layOutChart(minutes, metric, leftOut, until);
  const { from, to } = timeOf(minutes, until);
  return (
    <figure className={styles.figure}>
      <figcaption>
        <b>{metricName(metric, quantile, t)}</b>{' '}
        <span className={styles.quiet}>{unitName(metric, t)}</span>
      </figcaption>
      <div className={styles.frame}>
        <div className={styles.scale} aria-hidden="true">
          {[1, 0.5, 0].map(share => (
            <span key={share} style={{ top: CHART_HEIGHT * (1 - share) }}>
              {sayNumber(chart.top * share)}
            </span>
          ))}
        </div>
        <div className={styles.plot}>
          <Drawing
            chart={chart}
            label={summaryOf({ metric, quantile, minutes, leftOut }, t)}
          />
          {labelled(chart.weights).map(({ x, weight }) => (
            <span
              key={x}
              className={styles.step}
              style={{ left: `${x}%` }}
              aria-hidden="true"
            >
              {weight} %
            </span>
          ))}
        </div>
        <div className={styles.ends} aria-hidden="true">
          {chart.ends.map(({ line, value, y }) => (
            <span key={line} data-line={line} style={{ top: y }}>
              {sayNumber(value)}
            </span>
          ))}
        </div>
        <div className={styles.times} aria-hidden="true">
          <Moment at={new Date(from).toISOString()} />
          <Moment at={new Date(to).toISOString()} />
        </div>
      </div>
      <p className={styles.quiet}>{limitWords(metric, quantile, limits, t)}</p>
    </figure>
  );
}

function Drawing(props: { chart: Chart; label: string }) {
  const { chart, label } = props;
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 100 ${CHART_HEIGHT}`}
      width="100%"
      height={CHART_HEIGHT}
      preserveAspectRatio="none"
      className={styles.drawing}
    >
      {[0, 0.5, 1].map(share => (
        <path
          key={share}
          className={styles.grid}
          d={`M0 ${CHART_HEIGHT * share}H100`}
        />
      ))}
      <path className={styles.beyond} d={chart.beyond} />
      {chart.leftOut.map(({ x, width }) => (
        <rect
          key={x}
          className={styles.leftOut}
          x={x}
          y={0}
          width={width}
          height={CHART_HEIGHT}
        />
      ))}
      {chart.weights.map(({ x }) => (
        <path key={x} className={styles.weight} d={`M${x} 0V${CHART_HEIGHT}`} />
      ))}
      <path className={styles.limit} d={chart.limit} />
      <path className={styles.baseline} d={chart.baseline} />
      <path className={styles.canary} d={chart.canary} />
    </svg>
  );
}

/** What the lines and fills of the charts mean. */
export function ChartKey(props: { hasLeftOut: boolean }) {
  const { t } = useDeliveryTranslation();
  const lines = ['canary', 'baseline', 'beyond', 'newWeight'] as const;
  return (
    <ul className={styles.key}>
      {[...lines, ...(props.hasLeftOut ? (['leftOut'] as const) : [])].map(
        line => (
          <li key={line}>
            <span className={styles.swatch} data-line={line} />
            {t(`canary.measured.${line}`)}
          </li>
        ),
      )}
    </ul>
  );
}

function limitWords(
  { key, check }: Metric,
  quantile: Quantile,
  limits: CanaryView['limits'],
  t: Translate,
): string {
  switch (key) {
    case 'errors':
      return t('canary.limit.errors', {
        limit: sayNumber(limits.errorPercent),
      });
    case 'latency':
      return latencyWords(limitsOf(quantile, limits), t);
    case 'cpu':
      return t('canary.limit.fixed', { limit: sayNumber(limits.cpuPercent) });
    case 'memory':
      return t('canary.limit.fixed', {
        limit: sayNumber(limits.memoryPercent),
      });
    case 'check':
      return check ? checkWords(check, t) : '';
    default:
      return t('canary.limit.none');
  }
}

function latencyWords(
  limits: CanaryQuantileLimits | undefined,
  t: Translate,
): string {
  if (!limits) return t('canary.limit.notJudged');
  const percent = sayNumber(limits.percentAboveBaseline);
  return limits.milliseconds === undefined
    ? t('canary.limit.latency', { percent })
    : t('canary.limit.latencyAbsolute', {
        percent,
        limit: sayNumber(limits.milliseconds),
      });
}

function checkWords(
  { unit, side, limit, percentFromBaseline }: CanaryCheckView,
  t: Translate,
): string {
  const isUpper = side === 'upper';
  return [
    ...(percentFromBaseline === undefined
      ? []
      : [
          t(isUpper ? 'canary.limit.latency' : 'canary.limit.below', {
            percent: sayNumber(percentFromBaseline),
          }),
        ]),
    ...(limit === undefined
      ? []
      : [
          t(isUpper ? 'canary.limit.atMost' : 'canary.limit.atLeast', {
            limit: `${sayNumber(limit)} ${unit}`,
          }),
        ]),
  ].join('. ');
}

/** Weights whose names do not stand on one another; of two close ones the later is named. */
function labelled(weights: Chart['weights']): Chart['weights'] {
  return weights.filter(
    ({ x }, index) => (weights[index + 1]?.x ?? Infinity) - x > 16,
  );
}
