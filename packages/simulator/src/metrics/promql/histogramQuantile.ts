// SPDX-License-Identifier: Apache-2.0
import { dropLabels, Labels, labelsKey, Sample } from './vector';

interface Bucket {
  readonly bound: number;
  readonly count: number;
}

const ofBuckets = ['le'];

/** Quantiles of classic histograms, one for each set of labels besides `le`, interpolated linearly inside a bucket. */
export function histogramQuantile(
  share: number,
  samples: readonly Sample[],
): readonly Sample[] {
  const histograms = new Map<
    string,
    { labels: Labels; time: number; buckets: Bucket[] }
  >();
  for (const { labels, value, time } of samples) {
    const bound = boundOf(labels.le);
    if (bound === undefined) continue;
    const rest = dropLabels(labels, ofBuckets);
    const key = labelsKey(rest);
    const histogram = histograms.get(key) ?? {
      labels: rest,
      time,
      buckets: [],
    };
    histogram.buckets.push({ bound, count: value });
    histograms.set(key, histogram);
  }
  return [...histograms.values()].map(({ labels, time, buckets }) => ({
    labels,
    time,
    value: quantile(share, buckets),
  }));
}

function boundOf(le: string | undefined): number | undefined {
  if (le === undefined) return undefined;
  const bound = Number(le);
  if (!Number.isNaN(bound)) return bound;
  return /^\+?inf$/i.test(le) ? Infinity : undefined;
}

function quantile(share: number, unsorted: readonly Bucket[]): number {
  if (Number.isNaN(share)) return NaN;
  if (share < 0) return -Infinity;
  if (share > 1) return Infinity;
  const buckets = monotonic(
    [...unsorted].sort((left, right) => left.bound - right.bound),
  );
  const last = buckets[buckets.length - 1];
  if (buckets.length < 2 || last.bound !== Infinity || !(last.count > 0))
    return NaN;
  const rank = share * last.count;
  const index = buckets.findIndex(({ count }) => count >= rank);
  if (index === buckets.length - 1) return buckets[index - 1].bound;
  const { bound, count } = buckets[index];
  if (index === 0 && bound <= 0) return bound;
  const start = index === 0 ? 0 : buckets[index - 1].bound;
  const before = index === 0 ? 0 : buckets[index - 1].count;
  return start + ((bound - start) * (rank - before)) / (count - before);
}

/** Counts never fall towards larger bounds: rates of different scrapes may say so by a hair. */
function monotonic(buckets: readonly Bucket[]): readonly Bucket[] {
  let highest = 0;
  return buckets.map(({ bound, count }) => {
    highest = Math.max(highest, count);
    return { bound, count: highest };
  });
}
