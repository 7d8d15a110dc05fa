// SPDX-License-Identifier: Apache-2.0
import { histogramOf, latencyQuantile } from './buckets';
import { cleanMinutes } from './cleanMinutes';
import { judgeErrors, type ErrorFindings } from './errors';
import {
  soundMinutes,
  type CanaryDecision,
  type CanaryFault,
} from './judgeCanary';
import {
  addBuckets,
  longestSilence,
  type Arm,
  type CanaryMinute,
} from './minutes';
import {
  defaultJudgeParameters,
  type CanaryPolicy,
  type JudgeParameters,
} from './policy';
import { sayCount, sayMilliseconds, sayShare } from './say';
import { saySwitchVerdict } from './saySwitchVerdict';

/** The limits of a version that got all requests at once. */
export type SwitchPolicy = Pick<
  CanaryPolicy,
  | 'errorRatePass'
  | 'errorRateAboveBaseline'
  | 'slaP95Ms'
  | 'latencyAboveBaseline'
>;

/** What the latency after the switch says, in milliseconds. */
export interface SwitchLatency {
  /** P95 of the new version without its worst minutes, and what it is at least; undefined with too few requests. */
  readonly p95: { readonly value: number; readonly lower: number } | undefined;
  /** P95 of the version before, in its minutes before the switch. */
  readonly before: number | undefined;
  /** More than this is never tolerated: the limit, or where the version before missed it, what that one did. */
  readonly tolerated: number;
  readonly condemned: boolean;
}

/** A condition for ending the watch. */
export interface SwitchGate {
  readonly open: boolean;
  readonly words: string;
}

/** What a verdict about a switch rests on. */
export interface SwitchFindings {
  /** The newest minute after the switch. */
  readonly minute: number;
  /** It was watched as long as was asked. */
  readonly watched: boolean;
  /** The last minute with a sample of the new version; undefined when there was none. */
  readonly heardAt: number | undefined;
  readonly faults: readonly CanaryFault[];
  readonly errors: ErrorFindings;
  readonly latency: SwitchLatency;
}

/** A decision about a switch: keep watching or end the watch, not sure, or switch back. */
export interface SwitchVerdict {
  readonly decision: CanaryDecision;
  readonly sentence: string;
  readonly findings: SwitchFindings;
}

/**
 * Settings of the judge after a switch. A way back costs one commit and no user notices it, so two bad
 * minutes are left out for trouble that has nothing to do with the version, not six.
 */
export const switchJudgeParameters: JudgeParameters = {
  ...defaultJudgeParameters,
  worstMinutesAt100: 2,
};

/** Latency of the first minutes of traffic says nothing: caches and connections are cold. */
const coldMinutes = 2;
const fewestRequests = 40;
const recentMinutes = 10;
/** Variance of the logarithm of an estimated P95, times exponent² and requests: 0.95 / 0.05. */
const varianceAt95 = 19;

/**
 * Judges a version that got all requests at once, by the limits and by how the version before did in
 * its own minutes before the switch; nothing serves beside it. Nothing is remembered between calls.
 * For taking it back the more lenient of limit and comparison counts, for being sure both.
 *
 * @param minutes - minutes up to 0 are the baseline's before the switch, those from 1 on the canary's after it
 * @param watchMinutes - how long it is watched at least
 */
export function judgeSwitch(
  minutes: readonly CanaryMinute[],
  boundsMs: readonly number[],
  watchMinutes: number,
  policy: SwitchPolicy,
  parameters: JudgeParameters = switchJudgeParameters,
): SwitchVerdict {
  const sound = soundMinutes(minutes, boundsMs.length);
  const clean = cleanMinutes(sound, boundsMs.length, parameters);
  const before = clean.minutes.filter(({ minute }) => minute <= 0);
  const after = sound.filter(({ minute }) => minute > 0);
  const last = after[after.length - 1]?.minute ?? 0;
  const warm = after.filter(({ minute }) => minute > parameters.warmUp.errors);
  const errors = judgeErrors(warm, {
    dispersion: clean.dispersion,
    policy,
    parameters,
    alone: warm,
    before,
  });
  const latency = judgeLatency(
    before,
    after.filter(({ minute }) => minute > coldMinutes).slice(-recentMinutes),
    boundsMs,
    { policy, parameters },
  );
  const heard = after.filter(({ canary }) => canary.scrapes > 0);
  const findings: SwitchFindings = {
    minute: last,
    watched: last >= watchMinutes,
    heardAt: heard[heard.length - 1]?.minute,
    faults: [
      ...(errors.condemned ? (['errors'] as const) : []),
      ...(latency.condemned ? (['latencyLimit'] as const) : []),
    ],
    errors,
    latency,
  };
  const gates = gatesOf(findings, policy, parameters);
  const decision = decide(findings, gates);
  return {
    decision,
    sentence: saySwitchVerdict(decision, findings, { gates, parameters }),
    findings,
  };
}

function decide(
  { minute, heardAt, watched, faults }: SwitchFindings,
  gates: readonly SwitchGate[],
): CanaryDecision {
  if (minute - (heardAt ?? 0) >= longestSilence) return 'hold';
  if (faults.length > 0) return 'rollBack';
  return watched && gates.some(({ open }) => !open) ? 'hold' : 'goOn';
}

interface Rules {
  readonly policy: SwitchPolicy;
  readonly parameters: JudgeParameters;
}

/** What must hold when the watch is to end. */
function gatesOf(
  { errors, latency }: Pick<SwitchFindings, 'errors' | 'latency'>,
  policy: SwitchPolicy,
  { gateErrorUpper }: JudgeParameters,
): readonly SwitchGate[] {
  const { counted, upper } = errors;
  const rate = counted.requests > 0 ? counted.errors / counted.requests : 0;
  const seen = `${sayCount(counted.errors, 'error')} in ${sayCount(
    counted.requests,
    'request',
  )}`;
  const mostUpper = Math.max(gateErrorUpper[3], 2 * policy.errorRatePass);
  const { p95, before } = latency;
  const slower = 1 + policy.latencyAboveBaseline;
  return [
    {
      open: upper <= mostUpper,
      words: `${seen}, so the rate may still be ${sayShare(
        Math.min(1, upper),
      )}, needed ${sayShare(mostUpper)}`,
    },
    {
      open: rate <= policy.errorRatePass,
      words: `${seen} are ${sayShare(rate)}, allowed ${sayShare(
        policy.errorRatePass,
      )}`,
    },
    {
      open: p95 !== undefined && p95.value <= policy.slaP95Ms,
      words: p95
        ? `P95 is ${sayMilliseconds(p95.value)}, allowed ${sayMilliseconds(
            policy.slaP95Ms,
          )}`
        : 'P95 can not be measured yet',
    },
    {
      open:
        p95 === undefined ||
        before === undefined ||
        p95.lower <= slower * before,
      words: `P95 is ${sayMilliseconds(
        p95?.value ?? 0,
      )}, allowed ${slower.toFixed(2)} times the ${sayMilliseconds(
        before ?? 0,
      )} from before the switch`,
    },
  ];
}

function judgeLatency(
  before: readonly CanaryMinute[],
  recent: readonly CanaryMinute[],
  bounds: readonly number[],
  { policy, parameters }: Rules,
): SwitchLatency {
  const usual = p95Of(before, 'baseline', bounds)?.value;
  const slower = (1 + policy.latencyAboveBaseline) * (usual ?? 0);
  const tolerated = Math.max(policy.slaP95Ms, slower);
  const slowestFirst = recent
    .map(each => ({ each, p95: p95Of([each], 'canary', bounds)?.value ?? 0 }))
    .sort((left, right) => right.p95 - left.p95);
  const counted = slowestFirst.slice(parameters.worstMinutesAt100);
  const p95 = p95Of(
    counted.map(({ each }) => each),
    'canary',
    bounds,
  );
  const slow = slowestFirst.filter(each => each.p95 > tolerated);
  return {
    p95,
    before: usual,
    tolerated,
    condemned:
      p95 !== undefined &&
      p95.lower > tolerated &&
      2 * slow.length > recent.length,
  };
}

function p95Of(
  minutes: readonly CanaryMinute[],
  arm: Arm,
  bounds: readonly number[],
): SwitchLatency['p95'] {
  const counts = addBuckets(minutes, arm, bounds.length + 1);
  const histogram = histogramOf(counts, bounds);
  const found = latencyQuantile(histogram, 0.95);
  if (!found || histogram.total < fewestRequests) return undefined;
  const [dispersion] = switchJudgeParameters.phi.latency;
  const deviation = Math.sqrt(
    (varianceAt95 * dispersion) / (found.exponent ** 2 * histogram.total),
  );
  return {
    value: found.value,
    lower: Math.exp(Math.log(found.value) - 2.33 * deviation),
  };
}
