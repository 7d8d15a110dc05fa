// SPDX-License-Identifier: Apache-2.0

/** What one arm did in one minute. */
export interface ArmMinute {
  readonly requests: number;
  /** Failures of the server's making, at most `requests`. */
  readonly errors: number;
  /** Requests per latency bucket, each counted once; the last bucket is the one without a bound. */
  readonly buckets: readonly number[];
  /** Share of the limit in percent, the mean of the pods; null when nobody said. */
  readonly cpuPercent: number | null;
  /** Share of the limit in percent, the mean of the pods; null when nobody said. */
  readonly memoryPercent: number | null;
  /** Samples the minute is made of; 0 when nothing was heard. */
  readonly scrapes: number;
  /** What was measured for the checks of the team; one that was not heard is not in it. */
  readonly checks?: readonly CheckSample[];
}

/** What one check measured in one minute of one arm. */
export interface CheckSample {
  readonly title: string;
  /** The value, or of a share how many were counted. */
  readonly value: number;
  /** Of a share: of how many. */
  readonly of?: number;
}

/** Minutes without a sample of the canary after which nothing is decided. */
export const longestSilence = 5;

/** One minute of a canary beside its baseline. */
export interface CanaryMinute {
  /** 1 is the first minute with canary traffic; 0 and less are history of the baseline. */
  readonly minute: number;
  /** Share of the traffic that the canary got, in percent. */
  readonly weightPercent: number;
  readonly baseline: ArmMinute;
  readonly canary: ArmMinute;
}

/** The steps of a canary. */
export interface CanaryPlan {
  /** The minute in which each step began or is planned to begin, the first is 1. */
  readonly stepStarts: readonly number[];
  /** The weight of each step in percent. */
  readonly weights: readonly number[];
  /** How long each step is watched at least, in minutes. */
  readonly soakMinutes: number;
}

/** The arms of a canary. */
export type Arm = 'baseline' | 'canary';

/** The step a minute belongs to: the last that had begun, 0 for history. */
export function stepOf(plan: CanaryPlan, minute: number): number {
  const begun = plan.stepStarts.filter(start => start <= minute).length;
  return Math.max(0, begun - 1);
}

/** Requests and failures of an arm over some minutes. */
export function countErrors(
  minutes: readonly CanaryMinute[],
  arm: Arm,
): { readonly requests: number; readonly errors: number } {
  let requests = 0;
  let errors = 0;
  for (const each of minutes) {
    requests += each[arm].requests;
    errors += each[arm].errors;
  }
  return { requests, errors };
}

/** An arm's latency buckets, added over some minutes. */
export function addBuckets(
  minutes: readonly CanaryMinute[],
  arm: Arm,
  count: number,
): readonly number[] {
  const sums = new Array<number>(count).fill(0);
  for (const each of minutes) {
    const { buckets } = each[arm];
    for (let index = 0; index < count; index++)
      sums[index] += buckets[index] ?? 0;
  }
  return sums;
}
