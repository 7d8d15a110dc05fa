// SPDX-License-Identifier: Apache-2.0
import { logSumExp } from './statistics';

/** What one minute says for each size of fault: the logarithm of how much likelier it makes it. */
export interface MinuteEvidence {
  /** Counted from 1. */
  readonly minute: number;
  readonly logRatios: readonly number[];
}

/** How many of how many, on one arm in one minute. */
export interface Counts {
  readonly count: number;
  readonly of: number;
}

/**
 * How what was counted in a minute falls on the two arms, for each size of fault beyond what is allowed.
 * Pairing by the minute cancels all that both arms share.
 *
 * @param allowed - the ratio of shares, canary to baseline, that is still tolerated
 */
export function pairedLogRatios(
  { canary, baseline }: { readonly canary: Counts; readonly baseline: Counts },
  allowed: number,
  sizes: readonly number[],
): readonly number[] {
  const odds = canary.of / baseline.of;
  const share = (ratio: number) => (odds * ratio) / (odds * ratio + 1);
  const tolerated = share(allowed);
  return sizes.map(size => {
    const faulty = share(allowed * size);
    return (
      canary.count * Math.log(faulty / tolerated) +
      baseline.count * Math.log((1 - faulty) / (1 - tolerated))
    );
  });
}

/** The same for what was counted on one arm, against a share of it that is still tolerated. */
export function countLogRatios(
  { count, of }: Counts,
  tolerated: number,
  sizes: readonly number[],
): readonly number[] {
  return sizes.map(
    size => count * Math.log(size) - of * tolerated * (size - 1),
  );
}

/** Settings of the mixture. */
export interface Mixture {
  /** By how much more uneven than chance the counts are. */
  readonly dispersion: number;
  /** A fault may begin after any multiple of this many minutes. */
  readonly startEvery: number;
  /** Leaves out this many of the strongest minutes of each hypothesis. Default 0. */
  readonly withoutStrongest?: number;
}

/**
 * Logarithm of the evidence for a fault, mixed over its sizes and over when it may have begun: an
 * e-process, so it may be looked at after each minute and passes 1/α by chance in at most a share α of
 * all good versions. Half of the weight is on a fault from the start. Evidence is tempered by the
 * dispersion, as in quasi-likelihood.
 */
export function mixedEvidence(
  minutes: readonly MinuteEvidence[],
  { dispersion, startEvery, withoutStrongest = 0 }: Mixture,
): number {
  if (minutes.length === 0) return 0;
  const last = minutes[minutes.length - 1].minute;
  const starts = Math.max(1, Math.ceil(last / startEvery));
  const sizes = minutes[0].logRatios.length;
  const parts: number[] = [];
  for (let start = 0; start < starts; start++) {
    const weight = startWeight(start, starts);
    const from = start * startEvery;
    for (let size = 0; size < sizes; size++) {
      const sum = sumAfter(minutes, { from, size, withoutStrongest });
      parts.push(sum / dispersion + Math.log(weight / sizes));
    }
  }
  return logSumExp(parts);
}

function startWeight(start: number, starts: number): number {
  if (starts === 1) return 1;
  return start === 0 ? 0.5 : 0.5 / (starts - 1);
}

function sumAfter(
  minutes: readonly MinuteEvidence[],
  hypothesis: {
    readonly from: number;
    readonly size: number;
    readonly withoutStrongest: number;
  },
): number {
  const { from, size, withoutStrongest } = hypothesis;
  let sum = 0;
  const strongest: number[] = [];
  for (const { minute, logRatios } of minutes) {
    if (minute <= from) continue;
    const value = logRatios[size];
    sum += value;
    if (withoutStrongest > 0 && value > 0)
      keepLargest(strongest, value, withoutStrongest);
  }
  for (const value of strongest) sum -= value;
  return sum;
}

/** Keeps the `count` largest values, in no order. */
function keepLargest(kept: number[], value: number, count: number): void {
  if (kept.length < count) {
    kept.push(value);
    return;
  }
  let smallest = 0;
  for (let index = 1; index < kept.length; index++)
    if (kept[index] < kept[smallest]) smallest = index;
  if (value > kept[smallest]) kept[smallest] = value;
}
