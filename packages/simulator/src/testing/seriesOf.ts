// SPDX-License-Identifier: Apache-2.0
import type { Series, SeriesSource } from '../metrics/SeriesSource';

/** A metric with series that are given as functions of the time in milliseconds. */
export interface GivenMetric {
  readonly name: string;
  readonly type?: 'counter' | 'gauge';
  readonly series: readonly {
    readonly labels?: Readonly<Record<string, string>>;
    readonly value: (time: number) => number | undefined;
  }[];
}

/** A source of given series, for tests of what is computed from them. */
export function sourceOf(metrics: readonly GivenMetric[]): SeriesSource {
  return {
    metrics: metrics.map(({ name, type = 'gauge' }) => ({
      name,
      type,
      help: `${name} of a test`,
    })),
    series: name =>
      metrics
        .filter(metric => metric.name === name)
        .flatMap(metric =>
          metric.series.map(
            ({ labels = {}, value }): Series => ({ labels, valueAt: value }),
          ),
        ),
  };
}
