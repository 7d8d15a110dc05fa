// SPDX-License-Identifier: Apache-2.0
import type { Counter } from './alignScrapes';
import type { Labels, Series } from './series';

/** What the queries of one arm brought. */
export interface ArmSeries {
  readonly requests: readonly Series[];
  /** Counters of failures only; without them the label of `requests` tells. */
  readonly errors?: readonly Series[];
  readonly latency: readonly Series[];
  /** Shares in percent, one series a pod. */
  readonly cpuPercent: readonly Series[];
  readonly memoryPercent: readonly Series[];
}

/** How counters are to be understood. */
export interface CounterMeaning {
  readonly errorLabel: string;
  /** Takes the whole value of the label. */
  readonly errorPattern: RegExp;
  readonly latencyUnit: 'seconds' | 'milliseconds';
}

/** An arm's counters, and how many series can not be used because a label is missing. */
export interface CountersOfArm {
  readonly counters: readonly Counter[];
  readonly withoutErrorLabel: number;
}

/**
 * Sorts the series of an arm. A counter of requests that does not say how they ended is left out:
 * taken along, its failures would pass for successes.
 */
export function countersOfArm(
  { requests, errors, latency }: ArmSeries,
  { errorLabel, errorPattern, latencyUnit }: CounterMeaning,
  bounds: readonly number[],
): CountersOfArm {
  const counters: Counter[] = [];
  let withoutErrorLabel = 0;
  for (const { labels, samples } of requests) {
    const value = labels[errorLabel];
    if (errors) {
      counters.push({
        target: targetOf(labels),
        counts: ['requests'],
        samples,
      });
    } else if (value) {
      const failed = errorPattern.test(value);
      counters.push({
        target: targetOf(labels),
        counts: failed ? ['requests', 'errors'] : ['requests'],
        samples,
      });
    } else withoutErrorLabel += 1;
  }
  for (const { labels, samples } of errors ?? [])
    counters.push({ target: targetOf(labels), counts: ['errors'], samples });
  const histograms = boundsByHistogram(latency, latencyUnit);
  for (const { labels, samples } of latency) {
    const bound = boundOf(labels, latencyUnit);
    const histogram = histogramOf(labels);
    const place = bound === undefined ? -1 : bounds.indexOf(bound);
    if (place < 0) continue;
    if (!histograms.get(histogram)?.has(Infinity)) continue;
    counters.push({
      target: targetOf(labels),
      counts: [],
      bucket: { histogram, place, of: bounds.length },
      samples,
    });
  }
  return { counters, withoutErrorLabel };
}

/**
 * The bounds in milliseconds, ascending and with infinity, that every histogram of the arms has. Two versions may
 * divide latencies differently; at the bounds they share, cumulative buckets can be compared as they are.
 * Empty when the histograms share nothing.
 */
export function boundsOf(
  arms: readonly (readonly Series[])[],
  unit: CounterMeaning['latencyUnit'],
): readonly number[] {
  const [first, ...others] = arms
    .flatMap(series => [...boundsByHistogram(series, unit).values()])
    .filter(bounds => bounds.has(Infinity));
  return [...(first ?? [])]
    .filter(bound => others.every(bounds => bounds.has(bound)))
    .sort((left, right) => left - right);
}

function boundsByHistogram(
  series: readonly Series[],
  unit: CounterMeaning['latencyUnit'],
): ReadonlyMap<string, ReadonlySet<number>> {
  const histograms = new Map<string, Set<number>>();
  for (const { labels } of series) {
    const bound = boundOf(labels, unit);
    if (bound === undefined) continue;
    const histogram = histogramOf(labels);
    const bounds = histograms.get(histogram) ?? new Set();
    histograms.set(histogram, bounds.add(bound));
  }
  return histograms;
}

function boundOf(
  { le }: Labels,
  unit: CounterMeaning['latencyUnit'],
): number | undefined {
  if (le === '+Inf' || le === 'Inf') return Infinity;
  const bound = le ? Number(le) : NaN;
  if (!(bound > 0)) return undefined;
  // Twelve digits: 0.07 s are 70 ms and not a trillionth more.
  return unit === 'seconds' ? Number((bound * 1000).toPrecision(12)) : bound;
}

/** The labels by which Prometheus and Kubernetes tell processes apart. */
const targetLabels = ['job', 'instance', 'namespace', 'pod', 'container'];

/** The process that a counter belongs to. */
export function targetOf(labels: Labels): string {
  return JSON.stringify(targetLabels.map(label => labels[label] ?? ''));
}

/** All labels but the bound, in an order of their own. */
function histogramOf({ le: _bound, ...labels }: Labels): string {
  return JSON.stringify(
    Object.entries(labels).sort(([left], [right]) => (left < right ? -1 : 1)),
  );
}
