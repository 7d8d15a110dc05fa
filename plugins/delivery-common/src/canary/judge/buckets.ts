// SPDX-License-Identifier: Apache-2.0
import { clamp } from './statistics';

/** Requests by latency: counts per bucket, and the upper bounds in milliseconds of all but the last. */
export interface Histogram {
  readonly counts: readonly number[];
  readonly bounds: readonly number[];
  readonly total: number;
  /** Share of requests above each bound. Never quite 0: what was not seen yet may come. */
  readonly above: readonly number[];
}

/** Shares of so few requests as to be unknown are taken for this many. */
const unseen = 0.3;

/** Reads counts per bucket as a distribution. */
export function histogramOf(
  counts: readonly number[],
  bounds: readonly number[],
): Histogram {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const above: number[] = [];
  let rest = total;
  for (let index = 0; index < bounds.length; index++) {
    rest -= counts[index];
    above.push(total > 0 ? Math.max(rest, unseen) / total : 1);
  }
  return { counts, bounds, total, above };
}

/** How many requests took longer than a bound. */
export function countAbove(
  counts: readonly number[],
  boundIndex: number,
): number {
  let sum = 0;
  for (let index = boundIndex + 1; index < counts.length; index++)
    sum += counts[index];
  return sum;
}

/** Between two bounds the share above is taken to fall as a power of the latency. */
function segmentAt(histogram: Histogram, index: number) {
  const { above, bounds } = histogram;
  const high = clamp(index, 1, bounds.length - 1);
  const low = high - 1;
  const slope =
    Math.log(above[low] / above[high]) / Math.log(bounds[high] / bounds[low]);
  return { from: bounds[high], share: above[high], slope };
}

/** How steeply the distribution falls around an index, as an exponent between 0.7 and 8. */
function exponentAt(histogram: Histogram, index: number): number {
  return clamp(segmentAt(histogram, index).slope, 0.7, 8);
}

/**
 * A quantile of a histogram in milliseconds with the exponent of the tail around it. Logarithms are
 * interpolated, not values: latencies are spread over orders of magnitude, and straight lines between
 * wide buckets misjudge ratios by a quarter. Undefined without requests.
 */
export function latencyQuantile(
  histogram: Histogram,
  share: number,
): { readonly value: number; readonly exponent: number } | undefined {
  const { total, above, bounds } = histogram;
  if (total <= 0 || bounds.length < 2) return undefined;
  const wanted = 1 - share;
  const crossing = above.findIndex(each => each <= wanted);
  const index = crossing < 0 ? bounds.length - 1 : crossing;
  const exponent = exponentAt(histogram, index);
  if (crossing <= 0 || above[crossing - 1] <= above[crossing]) {
    // Below the first bound or above the last one nothing is known but the slope beside it.
    const edge = crossing < 0 ? bounds.length - 1 : crossing;
    const value = bounds[edge] * (above[edge] / wanted) ** (1 / exponent);
    return { value, exponent };
  }
  const low = crossing - 1;
  const part =
    Math.log(above[low] / wanted) / Math.log(above[low] / above[crossing]);
  const value = bounds[low] * (bounds[crossing] / bounds[low]) ** part;
  return { value, exponent };
}

/** Share of requests that took longer than `latency`, interpolated as above. */
export function shareAbove(histogram: Histogram, latency: number): number {
  const { bounds } = histogram;
  const found = bounds.findIndex(bound => bound >= latency);
  const index = found < 0 ? bounds.length - 1 : found;
  const { from, share, slope } = segmentAt(histogram, index);
  const exponent = found <= 0 ? clamp(slope, 0.7, 8) : Math.max(slope, 0);
  return Math.min(1, share * (from / latency) ** exponent);
}
