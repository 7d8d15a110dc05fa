// SPDX-License-Identifier: Apache-2.0
import type { CanaryMinuteView } from '@causeway/plugin-delivery-common';
import { isShare, ofCanary, type Metric } from './metrics';

const MINUTE = 60_000;

/** Height of a chart in pixels; its width is a hundred units, stretched to the room there is. */
export const CHART_HEIGHT = 112;

/** Labels beside a line keep this distance in pixels. */
const LABEL_DISTANCE = 14;

/** A chart as lines and places, ready to be drawn. x in percent of the width, y in pixels. */
export interface Chart {
  readonly top: number;
  readonly canary: string;
  readonly baseline: string;
  /** The limit as a line, and the area beyond it. */
  readonly limit: string;
  readonly beyond: string;
  readonly leftOut: readonly { readonly x: number; readonly width: number }[];
  readonly weights: readonly { readonly x: number; readonly weight: number }[];
  /** The last known numbers, with places that do not overlap. */
  readonly ends: readonly {
    readonly line: 'canary' | 'baseline' | 'limit';
    readonly value: number;
    readonly y: number;
  }[];
}

interface Point {
  readonly x: number;
  readonly value: number | undefined;
}

/**
 * Lays out one metric of a canary. A minute in which nothing was heard is a gap, never a zero.
 *
 * @param minutes - ascending, at least one
 * @param leftOut - numbers of the minutes that the judge left out
 * @param until - when the present step ends; the time up to then stays empty
 */
export function layOutChart(
  minutes: readonly CanaryMinuteView[],
  metric: Metric,
  leftOut: readonly number[],
  until?: string,
): Chart {
  const scale = timeScale(minutes, until);
  const series = (read: (minute: CanaryMinuteView) => number | undefined) =>
    minutes.map(minute => ({
      x: scale(middle(minute)),
      value: read(minute),
    }));
  const canary = series(minute => ofCanary(metric, minute));
  const baseline = series(minute => metric.of(minute.baseline));
  const limit = series(metric.limit);
  const top = topOf([...canary, ...baseline, ...limit], isShare(metric));
  const y = (value: number) =>
    round(CHART_HEIGHT * (1 - Math.min(1, value / top)));
  return {
    top,
    canary: lineThrough(canary, y),
    baseline: lineThrough(baseline, y),
    limit: lineThrough(stretched(limit), y),
    beyond: areaBeyond(
      stretched(limit),
      metric.check?.side === 'lower' ? CHART_HEIGHT : 0,
      y,
    ),
    leftOut: minutes
      .filter(({ minute }) => leftOut.includes(minute))
      .map(({ at }) => ({
        x: scale(Date.parse(at)),
        width: scale(Date.parse(at) + MINUTE) - scale(Date.parse(at)),
      })),
    weights: minutes
      .filter(({ weight }, index) => minutes[index - 1]?.weight !== weight)
      .map(({ at, weight }) => ({ x: scale(Date.parse(at)), weight })),
    ends: apart(
      (['limit', 'canary', 'baseline'] as const).flatMap(line => {
        const value = lastOf({ canary, baseline, limit }[line]);
        return value === undefined ? [] : [{ line, value, y: y(value) }];
      }),
    ),
  };
}

/** The last number that was heard. */
export function lastOf(
  points: readonly { readonly value: number | undefined }[],
): number | undefined {
  return [...points].reverse().find(({ value }) => value !== undefined)?.value;
}

/** When the time that a chart shows begins and ends, in milliseconds since 1970. */
export function timeOf(
  minutes: readonly CanaryMinuteView[],
  until?: string,
): { readonly from: number; readonly to: number } {
  const from = Date.parse(minutes[0].at);
  const end = Date.parse(minutes[minutes.length - 1].at) + MINUTE;
  return { from, to: Math.max(end, until ? Date.parse(until) : end) };
}

function timeScale(minutes: readonly CanaryMinuteView[], until?: string) {
  const { from, to } = timeOf(minutes, until);
  return (at: number) => round(((at - from) / (to - from)) * 100);
}

function middle({ at }: CanaryMinuteView): number {
  return Date.parse(at) + MINUTE / 2;
}

/** The number at the top: a round one whose half is round too, with some air above what is shown, but not above a whole. */
function topOf(points: readonly Point[], share: boolean): number {
  const most = Math.max(0, ...points.map(({ value }) => value ?? 0));
  if (most === 0) return 1;
  const asked = most * 1.1;
  const power = 10 ** Math.floor(Math.log10(asked));
  const factor =
    [1, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10].find(each => each * power >= asked) ??
    10;
  const top = factor * power;
  return share && most <= 100 ? Math.min(100, top) : top;
}

/** A line with gaps; a lonely number becomes a dot. */
function lineThrough(
  points: readonly Point[],
  y: (value: number) => number,
): string {
  return runsOf(points)
    .map(run =>
      run
        .map(({ x, value }, index) => `${index ? 'L' : 'M'}${x} ${y(value)}`)
        .join('')
        .concat(run.length === 1 ? 'h0' : ''),
    )
    .join('');
}

/** Between the limit and the edge of the chart on its bad side. */
function areaBeyond(
  points: readonly Point[],
  edge: number,
  y: (value: number) => number,
): string {
  return runsOf(points)
    .map(run => {
      const line = run.map(({ x, value }) => `L${x} ${y(value)}`).join('');
      return `M${run[0].x} ${edge}${line}L${run[run.length - 1].x} ${edge}Z`;
    })
    .join('');
}

/** A limit holds to both edges of the chart, not only between the first and the last minute. */
function stretched(points: readonly Point[]): readonly Point[] {
  const known = points.filter(({ value }) => value !== undefined);
  if (known.length === 0) return [];
  return [
    { x: 0, value: known[0].value },
    ...points,
    { x: 100, value: known[known.length - 1].value },
  ];
}

function runsOf(
  points: readonly Point[],
): readonly (readonly { x: number; value: number }[])[] {
  const runs: { x: number; value: number }[][] = [];
  let isGap = true;
  for (const { x, value } of points) {
    if (value !== undefined) {
      if (isGap) runs.push([]);
      runs[runs.length - 1].push({ x, value });
    }
    isGap = value === undefined;
  }
  return runs;
}

/** Moves labels apart, downwards and then back up from the lower edge. */
function apart<T extends { readonly y: number }>(labels: readonly T[]): T[] {
  const placed: T[] = [];
  for (const label of [...labels].sort((one, other) => one.y - other.y)) {
    const above = placed[placed.length - 1]?.y ?? -Infinity;
    placed.push({ ...label, y: Math.max(label.y, above + LABEL_DISTANCE) });
  }
  let floor = CHART_HEIGHT;
  return placed
    .reverse()
    .map(label => {
      const y = Math.min(label.y, floor);
      floor = y - LABEL_DISTANCE;
      return { ...label, y };
    })
    .reverse();
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
