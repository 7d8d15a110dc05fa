// SPDX-License-Identifier: Apache-2.0
import { countLogRatios, mixedEvidence, type MinuteEvidence } from './evidence';
import { countErrors, type CanaryMinute } from './minutes';
import type { CanaryPolicy, JudgeParameters } from './policy';
import { rateLowerBound, rateUpperBound } from './statistics';

/** What the failures of the canary say. */
export interface ErrorFindings {
  readonly requests: number;
  readonly errors: number;
  /** Share of the baseline's requests that failed, a little cautious while there are few. */
  readonly baselineRate: number;
  /** The largest share of failures that is tolerated. */
  readonly tolerated: number;
  /** Logarithm of the evidence that more fail than is tolerated. */
  readonly logEvidence: number;
  /** The share of failures is at least and at most this, nearly surely. */
  readonly lower: number;
  readonly upper: number;
  /** Requests and failures that gates count: at 100 % without the worst minutes. */
  readonly counted: { readonly requests: number; readonly errors: number };
  readonly condemned: boolean;
  readonly dispersion: number;
}

/** Errors of the canary's clean minutes behind its first ones, against those of the baseline. */
export function judgeErrors(
  warm: readonly CanaryMinute[],
  asked: {
    readonly dispersion: number;
    readonly policy: Pick<
      CanaryPolicy,
      'errorRatePass' | 'errorRateAboveBaseline'
    >;
    readonly parameters: JudgeParameters;
    /** Minutes of the step at 100 %; undefined before it. */
    readonly alone: readonly CanaryMinute[] | undefined;
    /** Minutes that tell how the baseline fails, where they are not the same ones. */
    readonly before?: readonly CanaryMinute[];
  },
): ErrorFindings {
  const { dispersion, policy, parameters, alone, before = warm } = asked;
  const canary = countErrors(warm, 'canary');
  const baseline = countErrors(before, 'baseline');
  const baselineRate = (baseline.errors + 1) / (baseline.requests + 1000);
  const tolerated = Math.max(
    policy.errorRatePass,
    Math.min(
      parameters.errorSlack * baselineRate,
      baselineRate + policy.errorRateAboveBaseline,
    ),
  );
  const evidence = evidenceOf(warm, tolerated, parameters.errorRatios);
  const mixture = { dispersion, startEvery: parameters.startEvery };
  const needed = Math.log(1 / parameters.alpha);
  const logEvidence = mixedEvidence(evidence, mixture);
  const withoutBurst = mixedEvidence(evidence, {
    ...mixture,
    withoutStrongest: 1,
  });
  const bounded = alone
    ? withoutWorst(warm, alone, parameters.worstMinutesAt100)
    : warm;
  const counted = countErrors(bounded, 'canary');
  return {
    ...canary,
    baselineRate,
    tolerated,
    logEvidence,
    lower: rateLowerBound(canary.errors, canary.requests, {
      dispersion,
      z: 2.576,
    }),
    upper: rateUpperBound(counted.errors, counted.requests, {
      dispersion,
      z: parameters.gateZ.errors,
    }),
    counted,
    condemned:
      logEvidence >= needed &&
      withoutBurst >= parameters.strongestMinuteLog &&
      (alone === undefined ||
        holdsAlone(alone, { tolerated, dispersion, parameters, needed })),
    dispersion,
  };
}

function evidenceOf(
  minutes: readonly CanaryMinute[],
  tolerated: number,
  ratios: readonly number[],
): readonly MinuteEvidence[] {
  return minutes.map(({ minute, canary: { errors, requests } }) => ({
    minute,
    logRatios: countLogRatios(
      { count: errors, of: requests },
      tolerated,
      ratios,
    ),
  }));
}

/**
 * At 100 % there is no baseline beside the canary, so trouble of the surroundings looks like the
 * canary's: only what is left without the worst minutes counts.
 */
function holdsAlone(
  alone: readonly CanaryMinute[],
  asked: {
    readonly tolerated: number;
    readonly dispersion: number;
    readonly parameters: JudgeParameters;
    readonly needed: number;
  },
): boolean {
  const { tolerated, dispersion, parameters, needed } = asked;
  const first = alone[0]?.minute ?? 1;
  const evidence = evidenceOf(alone, tolerated, parameters.errorRatios).map(
    each => ({ ...each, minute: each.minute - first + 1 }),
  );
  return (
    mixedEvidence(evidence, {
      dispersion,
      startEvery: parameters.startEvery,
      withoutStrongest: parameters.worstMinutesAt100,
    }) >= needed
  );
}

function withoutWorst(
  warm: readonly CanaryMinute[],
  alone: readonly CanaryMinute[],
  count: number,
): readonly CanaryMinute[] {
  const worst = new Set(
    [...alone]
      .sort(
        (left, right) =>
          right.canary.errors - left.canary.errors ||
          left.minute - right.minute,
      )
      .slice(0, count)
      .map(({ minute }) => minute),
  );
  return warm.filter(({ minute }) => !worst.has(minute));
}
