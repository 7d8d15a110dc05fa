// SPDX-License-Identifier: Apache-2.0
import { countAbove } from './buckets';
import { addBuckets, type CanaryMinute } from './minutes';
import type { JudgeParameters } from './policy';
import { clamp, quantile } from './statistics';

/** The minutes that say something about the canary, because the baseline was well in them. */
export interface CleanMinutes {
  readonly minutes: readonly CanaryMinute[];
  /** Minutes of the canary left out because the baseline was in trouble then or right beside. */
  readonly troubled: readonly number[];
  /** How many times as uneven as chance errors come. */
  readonly dispersion: number;
}

/**
 * Leaves out the minutes in which the baseline itself was in trouble, with their neighbours: trouble
 * that both versions share is not the canary's fault. Only the baseline decides, so a bad canary can
 * not hide behind it.
 */
export function cleanMinutes(
  minutes: readonly CanaryMinute[],
  boundCount: number,
  { phi }: Pick<JudgeParameters, 'phi'>,
): CleanMinutes {
  const rateOf = ({ baseline }: CanaryMinute) =>
    baseline.errors / baseline.requests;
  // A baseline that is young was silent for most of the time, which says nothing of how it is usually.
  const served = minutes.filter(({ baseline }) => baseline.requests > 0);
  const usual = quantile(served.map(rateOf), 0.9);
  const kept = served.filter(each => rateOf(each) <= usual);
  const errors = usualErrors(kept, phi.errors);
  const tail = usualTail(kept, boundCount);
  const inTrouble = new Set(
    minutes
      .filter(
        each =>
          hasErrors(each, errors.rate, errors.dispersion) ||
          isSlow(each, tail.boundIndex, tail.share),
      )
      .map(({ minute }) => minute),
  );
  const isClean = ({ minute }: CanaryMinute) =>
    ![minute - 1, minute, minute + 1].some(each => inTrouble.has(each));
  return {
    minutes: minutes.filter(isClean),
    troubled: minutes
      .filter(each => each.minute > 0 && !isClean(each))
      .map(({ minute }) => minute),
    dispersion: errors.dispersion,
  };
}

function usualErrors(
  kept: readonly CanaryMinute[],
  [prior, weight]: JudgeParameters['phi']['errors'],
): { readonly rate: number; readonly dispersion: number } {
  let errors = 0;
  let requests = 0;
  for (const { baseline } of kept) {
    errors += baseline.errors;
    requests += baseline.requests;
  }
  const rate = Math.max(1e-5, (errors + 0.5) / (requests + 1000));
  let squares = prior * weight;
  let expected = weight;
  for (const { baseline } of kept) {
    squares += (baseline.errors - baseline.requests * rate) ** 2;
    expected += baseline.requests * rate;
  }
  return { rate, dispersion: clamp(squares / expected, 1, 12) };
}

/** The first bound that at most one request in twenty exceeds, and how many usually do. */
function usualTail(
  kept: readonly CanaryMinute[],
  boundCount: number,
): { readonly boundIndex: number; readonly share: number } {
  const counts = addBuckets(kept, 'baseline', boundCount + 1);
  const total = counts.reduce((sum, count) => sum + count, 0);
  for (let index = 0; index < boundCount && total > 0; index++) {
    const share = countAbove(counts, index) / total;
    if (share <= 0.05)
      return { boundIndex: index, share: Math.max(1e-4, share) };
  }
  return { boundIndex: boundCount, share: 1e-4 };
}

function hasErrors(
  { baseline }: CanaryMinute,
  rate: number,
  dispersion: number,
): boolean {
  const expected = baseline.requests * rate;
  return baseline.errors > expected + 4 * Math.sqrt(dispersion * expected) + 3;
}

function isSlow(
  { baseline }: CanaryMinute,
  boundIndex: number,
  share: number,
): boolean {
  const expected = baseline.requests * share;
  return (
    countAbove(baseline.buckets, boundIndex) >
    2 * expected + 4 * Math.sqrt(expected) + 3
  );
}
