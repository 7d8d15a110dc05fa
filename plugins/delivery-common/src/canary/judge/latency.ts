// SPDX-License-Identifier: Apache-2.0
import {
  countAbove,
  histogramOf,
  latencyQuantile,
  shareAbove,
  type Histogram,
} from './buckets';
import {
  mixedEvidence,
  pairedLogRatios,
  type MinuteEvidence,
} from './evidence';
import {
  addBuckets,
  stepOf,
  type ArmMinute,
  type CanaryMinute,
  type CanaryPlan,
} from './minutes';
import type { CanaryPolicy, JudgeParameters, QuantilePolicy } from './policy';
import { clamp } from './statistics';

/** What one quantile of the canary's latency says. */
export interface QuantileFindings {
  /** Logarithm of the evidence that the canary is slower than is tolerated; undefined when it can not be measured. */
  readonly logEvidence: number | undefined;
  /** The quantile of the canary as a multiple of the baseline's, and what it is at most. */
  readonly ratio:
    | { readonly value: number; readonly upper: number }
    | undefined;
  /** The quantile of the present step in milliseconds. */
  readonly ofStep: number | undefined;
  /** The quantile of the last ten minutes in milliseconds, and what it is at least. */
  readonly recent:
    | { readonly value: number; readonly lower: number }
    | undefined;
  /** Requests of the canary in the present step. */
  readonly requests: number;
  readonly condemned: boolean;
  /** Condemned by the limit, whatever the baseline does. */
  readonly overLimit: boolean;
}

/** What the latency of the canary says: P95, and the quantiles beside it that have limits. */
export interface LatencyFindings extends QuantileFindings {
  readonly p50?: QuantileFindings;
  readonly p99?: QuantileFindings;
}

/** How a quantile is judged. */
interface QuantileRule {
  readonly share: number;
  readonly slower: number;
  readonly limitMs: number;
  readonly alpha: number;
  /** Of fewer requests nothing is said. */
  readonly fewest: number;
  /** Shares of slow requests at which a bound can be tested, and the largest share within what is tolerated. */
  readonly tested: { readonly from: number; readonly to: number };
  readonly mostSlowed: number;
}

/** What is the same for the quantiles, whatever their limits. */
const quantiles = {
  p50: {
    share: 0.5,
    fewest: 40,
    tested: { from: 0.05, to: 0.6 },
    mostSlowed: 0.8,
  },
  p95: {
    share: 0.95,
    fewest: 40,
    tested: { from: 0.004, to: 0.25 },
    mostSlowed: 0.5,
  },
  // Ten requests must be slower, or the quantile is an accident.
  p99: {
    share: 0.99,
    fewest: 1_000,
    tested: { from: 0.001, to: 0.05 },
    mostSlowed: 0.2,
  },
} as const;

/** Requests of the canary from which on P99 is judged. */
export const fewestForP99 = quantiles.p99.fewest;

interface LatencyQuestion {
  readonly bounds: readonly number[];
  readonly plan: CanaryPlan;
  readonly policy: CanaryPolicy;
  readonly parameters: JudgeParameters;
  readonly step: number;
}

/** Latency of the canary's clean and warm minutes, against the baseline's of the same minutes and against the limits. */
export function judgeLatency(
  warm: readonly CanaryMinute[],
  question: LatencyQuestion,
): LatencyFindings {
  const { policy, parameters } = question;
  const beside = (name: 'p50' | 'p99', limits: QuantilePolicy) =>
    judgeQuantile(warm, question, {
      ...quantiles[name],
      slower: 1 + limits.aboveBaseline,
      limitMs: limits.limitMs ?? Infinity,
      alpha: parameters.alphaOfQuantile,
    });
  return {
    ...judgeQuantile(warm, question, {
      ...quantiles.p95,
      slower: 1 + policy.latencyAboveBaseline,
      limitMs: policy.slaP95Ms,
      alpha: parameters.alpha,
    }),
    ...(policy.p50 && { p50: beside('p50', policy.p50) }),
    ...(policy.p99 && { p99: beside('p99', policy.p99) }),
  };
}

function judgeQuantile(
  warm: readonly CanaryMinute[],
  question: LatencyQuestion,
  rule: QuantileRule,
): QuantileFindings {
  const { policy, parameters, plan, step, bounds } = question;
  const paired = warm.filter(
    ({ canary, baseline }) => canary.requests > 0 && baseline.requests > 0,
  );
  const counted = paired.reduce((sum, each) => sum + each.canary.requests, 0);
  const isEnough = rule.share < 0.99 || counted >= rule.fewest;
  const tests = isEnough ? testsOf(paired, question, rule) : [];
  const dispersion =
    Math.max(0, ...tests.map(test => test.dispersion)) ||
    parameters.phi.latency[0];
  const mixture = { dispersion, startEvery: parameters.startEvery };
  const strongest = (withoutStrongest: number) =>
    Math.max(
      ...tests.map(({ evidence }) =>
        mixedEvidence(evidence, { ...mixture, withoutStrongest }),
      ),
    ) - Math.LN2;
  const logEvidence = tests.length > 0 ? strongest(0) : undefined;
  const inStep = warm.filter(({ minute }) => stepOf(plan, minute) === step);
  const recent = recentOf(warm.slice(-10), bounds, rule, dispersion);
  const overLimit =
    recent !== undefined &&
    recent.lower > policy.slaRollbackFactor * rule.limitMs;
  const ofStep = quantileOf(inStep, bounds, rule);
  return {
    logEvidence,
    ratio: ratioOf(paired, question, rule, dispersion),
    ofStep: ofStep?.value,
    recent,
    requests: inStep.reduce((sum, { canary }) => sum + canary.requests, 0),
    condemned:
      logEvidence !== undefined &&
      logEvidence >= Math.log(1 / rule.alpha) &&
      strongest(1) >= parameters.strongestMinuteLog,
    overLimit,
  };
}

interface BoundTest {
  readonly evidence: readonly MinuteEvidence[];
  readonly dispersion: number;
}

/** One test at each of the two bounds beside the tolerated latency, where the baseline's tail can be seen. */
function testsOf(
  paired: readonly CanaryMinute[],
  { bounds, parameters }: LatencyQuestion,
  { share: wanted, slower, tested, mostSlowed }: QuantileRule,
): readonly BoundTest[] {
  const pooled = armHistogram(paired, 'baseline', bounds);
  const usual = latencyQuantile(pooled, wanted);
  if (!usual) return [];
  const tolerated = slower * usual.value;
  const above = bounds.findIndex(bound => bound > tolerated);
  const candidates = above < 0 ? [bounds.length - 1] : [above - 1, above];
  return candidates
    .filter(index => index >= 0)
    .flatMap(index => {
      const share = pooled.above[index];
      const slowed = shareAbove(pooled, bounds[index] / slower);
      const { from, to } = tested;
      if (!(share > from && share < to && slowed < mostSlowed)) return [];
      const allowed = parameters.latencySlack * clamp(slowed / share, 1, 20);
      return [
        {
          evidence: evidenceAt(
            paired,
            index,
            allowed,
            parameters.latencyRatios,
          ),
          dispersion: dispersionAt(paired, index, share, parameters),
        },
      ];
    });
}

/** How the slow requests of each minute fall on the two arms. */
function evidenceAt(
  paired: readonly CanaryMinute[],
  boundIndex: number,
  allowed: number,
  ratios: readonly number[],
): readonly MinuteEvidence[] {
  const slowOf = ({ buckets, requests }: ArmMinute) => ({
    count: countAbove(buckets, boundIndex),
    of: requests,
  });
  return paired.map(({ minute, canary, baseline }) => ({
    minute,
    logRatios: pairedLogRatios(
      { canary: slowOf(canary), baseline: slowOf(baseline) },
      allowed,
      ratios,
    ),
  }));
}

function dispersionAt(
  paired: readonly CanaryMinute[],
  boundIndex: number,
  share: number,
  { phi }: JudgeParameters,
): number {
  const [prior, weight] = phi.latency;
  const counted = paired.map(({ canary, baseline }) => ({
    slow: countAbove(canary.buckets, boundIndex),
    expected:
      (canary.requests * countAbove(baseline.buckets, boundIndex)) /
      baseline.requests,
    odds: canary.requests / baseline.requests,
    requests: canary.requests,
  }));
  const sum = (of: (each: (typeof counted)[number]) => number) =>
    counted.reduce((total, each) => total + of(each), 0);
  const expected = sum(each => each.expected);
  const ratio = clamp(
    expected > 0 ? sum(each => each.slow) / expected : 1,
    0.2,
    20,
  );
  const squares = sum(
    ({ slow, expected: usual, odds, requests }) =>
      (slow - ratio * usual) ** 2 /
      (requests * ratio * share * (1 + ratio * odds)),
  );
  return clamp((prior * weight + squares) / (weight + counted.length), 1, 20);
}

/** The ratio of the quantile, estimated step by step because weights differ between steps. */
function ratioOf(
  paired: readonly CanaryMinute[],
  { bounds, plan, parameters }: LatencyQuestion,
  { share, fewest }: QuantileRule,
  dispersion: number,
): QuantileFindings['ratio'] {
  const steps = new Map<number, CanaryMinute[]>();
  for (const each of paired) {
    const step = stepOf(plan, each.minute);
    steps.set(step, [...(steps.get(step) ?? []), each]);
  }
  let precision = 0;
  let weighted = 0;
  for (const minutes of steps.values()) {
    const canary = armHistogram(minutes, 'canary', bounds);
    const baseline = armHistogram(minutes, 'baseline', bounds);
    if (canary.total < fewest || baseline.total < fewest) continue;
    const mine = latencyQuantile(canary, share);
    const theirs = latencyQuantile(baseline, share);
    if (!mine || !theirs) continue;
    const variance =
      dispersion *
      varianceAt(share) *
      (1 / (mine.exponent ** 2 * canary.total) +
        1 / (theirs.exponent ** 2 * baseline.total));
    precision += 1 / variance;
    weighted += Math.log(mine.value / theirs.value) / variance;
  }
  if (precision === 0) return undefined;
  const log = weighted / precision;
  const deviation = Math.sqrt(1 / precision + parameters.podSpread ** 2);
  return {
    value: Math.exp(log),
    upper: Math.exp(log + parameters.gateZ.latency * deviation),
  };
}

function recentOf(
  minutes: readonly CanaryMinute[],
  bounds: readonly number[],
  rule: QuantileRule,
  dispersion: number,
): QuantileFindings['recent'] {
  const found = quantileOf(minutes, bounds, rule);
  if (!found || found.total < rule.fewest) return undefined;
  const deviation = Math.sqrt(
    (varianceAt(rule.share) * dispersion) / (found.exponent ** 2 * found.total),
  );
  return {
    value: found.value,
    lower: Math.exp(Math.log(found.value) - 2.33 * deviation),
  };
}

/** Variance of the logarithm of an estimated quantile, times exponent² and requests: 19 of P95. */
function varianceAt(share: number): number {
  return share / (1 - share);
}

function quantileOf(
  minutes: readonly CanaryMinute[],
  bounds: readonly number[],
  { share }: QuantileRule,
) {
  const histogram = armHistogram(minutes, 'canary', bounds);
  const found = latencyQuantile(histogram, share);
  return found && { ...found, total: histogram.total };
}

function armHistogram(
  minutes: readonly CanaryMinute[],
  arm: 'canary' | 'baseline',
  bounds: readonly number[],
): Histogram {
  return histogramOf(addBuckets(minutes, arm, bounds.length + 1), bounds);
}
