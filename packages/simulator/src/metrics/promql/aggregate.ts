// SPDX-License-Identifier: Apache-2.0
import { QueryExecutionError } from './expression';
import { quantileOf } from './overTime';
import { dropLabels, Labels, labelsKey, pickLabels, Sample } from './vector';

/** How samples are grouped. */
export interface Grouping {
  readonly without: boolean;
  readonly labels: readonly string[];
}

type Reduce = (numbers: readonly number[], parameter: number) => number;

const sum: Reduce = numbers => numbers.reduce((total, each) => total + each, 0);
const variance: Reduce = numbers => {
  const mean = sum(numbers, 0) / numbers.length;
  return (
    numbers.reduce((total, each) => total + (each - mean) ** 2, 0) /
    numbers.length
  );
};
/** Not a number only when every number is. */
const extreme =
  (better: (left: number, right: number) => boolean): Reduce =>
  numbers =>
    numbers.reduce((best, each) =>
      Number.isNaN(best) || better(each, best) ? each : best,
    );

const reductions: Readonly<Record<string, Reduce>> = {
  sum,
  avg: numbers => sum(numbers, 0) / numbers.length,
  min: extreme((left, right) => left < right),
  max: extreme((left, right) => left > right),
  count: numbers => numbers.length,
  group: () => 1,
  stddev: numbers => Math.sqrt(variance(numbers, 0)),
  stdvar: variance,
  quantile: (numbers, share) => quantileOf(share, numbers),
};

/** Brings the samples of each group down to one, or to the `k` largest or smallest. */
export function aggregate(
  operator: string,
  samples: readonly Sample[],
  { without, labels }: Grouping,
  parameter: number,
): readonly Sample[] {
  const groups = new Map<string, { labels: Labels; members: Sample[] }>();
  for (const sample of samples) {
    const grouped = without
      ? dropLabels(sample.labels, labels)
      : pickLabels(sample.labels, labels);
    const key = labelsKey(grouped);
    const group = groups.get(key) ?? { labels: grouped, members: [] };
    group.members.push(sample);
    groups.set(key, group);
  }
  if (operator === 'topk' || operator === 'bottomk') {
    return [...groups.values()].flatMap(({ members }) =>
      ranked(members, operator === 'topk').slice(0, Math.max(0, parameter)),
    );
  }
  const reduce = reductions[operator];
  if (!reduce)
    throw new QueryExecutionError(
      `the aggregation ${operator} is not simulated`,
    );
  return [...groups.values()].map(group => ({
    labels: group.labels,
    time: group.members[0].time,
    value: reduce(
      group.members.map(({ value }) => value),
      parameter,
    ),
  }));
}

function ranked(
  samples: readonly Sample[],
  largestFirst: boolean,
): readonly Sample[] {
  const rank = (value: number) => {
    if (Number.isNaN(value)) return -Infinity;
    return largestFirst ? value : -value;
  };
  return [...samples].sort(
    (left, right) => rank(right.value) - rank(left.value),
  );
}
