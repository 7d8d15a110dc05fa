// SPDX-License-Identifier: Apache-2.0
import type { Point } from './vector';

/** The window a range function looks at, in milliseconds. */
export interface Window {
  readonly from: number;
  readonly until: number;
}

/** Answers from the points of one series; undefined when there are too few. */
export type RangeFunction = (
  points: readonly Point[],
  window: Window,
  parameter: number,
) => number | undefined;

/**
 * By how much a series has grown in a window, extrapolated to its ends the way
 * Prometheus does: to the end of the window when the outermost sample is within
 * 1.1 usual gaps of it, else by half a gap; a counter is not taken below zero.
 */
function extrapolatedGrowth(
  points: readonly Point[],
  { from, until }: Window,
  isCounter: boolean,
): number | undefined {
  if (points.length < 2) return undefined;
  const first = points[0];
  const last = points[points.length - 1];
  let growth = last.value - first.value;
  if (isCounter) {
    for (let index = 1; index < points.length; index++)
      if (points[index].value < points[index - 1].value)
        growth += points[index - 1].value;
  }
  const covered = last.time - first.time;
  const gap = covered / (points.length - 1);
  const threshold = gap * 1.1;
  let before = first.time - from;
  let after = until - last.time;
  if (before >= threshold) before = gap / 2;
  if (isCounter && growth > 0 && first.value >= 0)
    before = Math.min(before, covered * (first.value / growth));
  if (after >= threshold) after = gap / 2;
  return growth * ((covered + before + after) / covered);
}

const seconds = ({ from, until }: Window) => (until - from) / 1_000;

function lastTwo(
  points: readonly Point[],
  isCounter: boolean,
): { readonly growth: number; readonly seconds: number } | undefined {
  if (points.length < 2) return undefined;
  const [earlier, later] = points.slice(-2);
  const isReset = isCounter && later.value < earlier.value;
  return {
    growth: isReset ? later.value : later.value - earlier.value,
    seconds: (later.time - earlier.time) / 1_000,
  };
}

const values = (points: readonly Point[]) => points.map(({ value }) => value);
const sum = (numbers: readonly number[]) =>
  numbers.reduce((total, each) => total + each, 0);

function variance(numbers: readonly number[]): number {
  const mean = sum(numbers) / numbers.length;
  return sum(numbers.map(each => (each - mean) ** 2)) / numbers.length;
}

/** A quantile of numbers, interpolated; infinite outside of 0…1. */
export function quantileOf(share: number, numbers: readonly number[]): number {
  if (numbers.length === 0 || Number.isNaN(share)) return NaN;
  if (share < 0) return -Infinity;
  if (share > 1) return Infinity;
  const sorted = [...numbers].sort((left, right) => left - right);
  const rank = share * (sorted.length - 1);
  const below = Math.max(0, Math.floor(rank));
  const above = Math.min(below + 1, sorted.length - 1);
  const weight = rank - Math.floor(rank);
  return sorted[below] * (1 - weight) + sorted[above] * weight;
}

/** Steps from each point to the next that pass a check. */
function countSteps(
  points: readonly Point[],
  check: (earlier: number, later: number) => boolean,
): number {
  let count = 0;
  for (let index = 1; index < points.length; index++)
    if (check(points[index - 1].value, points[index].value)) count++;
  return count;
}

/** Slope of the least-squares line in units per second. */
function slope(points: readonly Point[]): number | undefined {
  if (points.length < 2) return undefined;
  const origin = points[0].time;
  const xs = points.map(({ time }) => (time - origin) / 1_000);
  const ys = values(points);
  const meanX = sum(xs) / xs.length;
  const meanY = sum(ys) / ys.length;
  const covariance = sum(xs.map((x, i) => (x - meanX) * (ys[i] - meanY)));
  return covariance / sum(xs.map(x => (x - meanX) ** 2));
}

const some =
  (of: (numbers: readonly number[]) => number): RangeFunction =>
  points =>
    points.length > 0 ? of(values(points)) : undefined;

/** The functions that take a range vector. Those named `…_over_time` take the samples as they are. */
export const rangeFunctions: Readonly<Record<string, RangeFunction>> = {
  rate: (points, window) => {
    const growth = extrapolatedGrowth(points, window, true);
    return growth === undefined ? undefined : growth / seconds(window);
  },
  increase: (points, window) => extrapolatedGrowth(points, window, true),
  delta: (points, window) => extrapolatedGrowth(points, window, false),
  irate: points => {
    const step = lastTwo(points, true);
    return step && step.growth / step.seconds;
  },
  idelta: points => lastTwo(points, false)?.growth,
  deriv: slope,
  changes: points =>
    points.length > 0
      ? countSteps(points, (earlier, later) => earlier !== later)
      : undefined,
  resets: points =>
    points.length > 0
      ? countSteps(points, (earlier, later) => later < earlier)
      : undefined,
  avg_over_time: some(numbers => sum(numbers) / numbers.length),
  min_over_time: some(numbers => Math.min(...numbers)),
  max_over_time: some(numbers => Math.max(...numbers)),
  sum_over_time: some(sum),
  count_over_time: some(numbers => numbers.length),
  last_over_time: some(numbers => numbers[numbers.length - 1]),
  present_over_time: some(() => 1),
  stddev_over_time: some(numbers => Math.sqrt(variance(numbers))),
  stdvar_over_time: some(variance),
  quantile_over_time: (points, _window, share) =>
    points.length > 0 ? quantileOf(share, values(points)) : undefined,
};
