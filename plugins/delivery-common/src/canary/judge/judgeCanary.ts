// SPDX-License-Identifier: Apache-2.0
import { cleanMinutes } from './cleanMinutes';
import type { CheckFindings } from './checks/checkQuestion';
import { judgeChecks } from './checks/judgeChecks';
import { judgeErrors, type ErrorFindings } from './errors';
import { gatesOf, type CanaryGate } from './gates';
import {
  judgeLatency,
  type LatencyFindings,
  type QuantileFindings,
} from './latency';
import {
  longestSilence,
  stepOf,
  type ArmMinute,
  type CanaryMinute,
  type CanaryPlan,
} from './minutes';
import {
  defaultJudgeParameters,
  type CanaryPolicy,
  type JudgeParameters,
} from './policy';
import { judgeResources, type ResourceFindings } from './resources';
import { sayVerdict } from './sayVerdict';

/** What to do with a canary: let it go on (soak, or take the next step), keep its weight, or take it back. */
export type CanaryDecision = 'goOn' | 'hold' | 'rollBack';

/** Why a canary is taken back. */
export type CanaryFault =
  | 'errors'
  | 'latency'
  | 'latencyLimit'
  | 'p50'
  | 'p99'
  | 'cpuBusy'
  | 'cpuForecast'
  | 'memoryFull'
  | 'memoryLeak'
  | 'check';

/** What a verdict rests on. */
export interface CanaryFindings {
  /** Index into the plan's steps, and their weight in percent. */
  readonly step: number;
  readonly weight: number;
  /** The newest minute. */
  readonly minute: number;
  /** The step has been watched as long as was asked. */
  readonly soaked: boolean;
  /** The last minute with a sample of the canary; undefined when there was none. */
  readonly heardAt: number | undefined;
  readonly faults: readonly CanaryFault[];
  readonly errors: ErrorFindings;
  readonly latency: LatencyFindings;
  readonly resources: ResourceFindings;
  /** What the checks of the team say, in their order. */
  readonly checks: readonly CheckFindings[];
  /** Minutes left out because the baseline was in trouble. */
  readonly troubled: readonly number[];
  readonly gates: readonly CanaryGate[];
}

/** A decision with its reason in one sentence and everything it rests on. */
export interface CanaryVerdict {
  readonly decision: CanaryDecision;
  readonly sentence: string;
  readonly findings: CanaryFindings;
}

/**
 * Judges a canary against its baseline from all minutes so far. The same minutes give the same verdict:
 * nothing is remembered between calls, so it may be asked after each minute and after a restart.
 * Minutes may come in any order; a minute with impossible numbers counts as not heard.
 *
 * @param boundsMs - upper bounds of the latency buckets in milliseconds, ascending, without the infinite one
 */
export function judgeCanary(
  minutes: readonly CanaryMinute[],
  boundsMs: readonly number[],
  plan: CanaryPlan,
  policy: CanaryPolicy,
  parameters: JudgeParameters = defaultJudgeParameters,
): CanaryVerdict {
  const sound = soundMinutes(minutes, boundsMs.length);
  const all = sound.filter(({ minute }) => minute > 0);
  const last = all[all.length - 1]?.minute ?? 0;
  const step = stepOf(plan, last);
  const weight = plan.weights[step] ?? 100;
  const clean = cleanMinutes(sound, boundsMs.length, parameters);
  const ours = clean.minutes.filter(({ minute }) => minute > 0);
  const warmUp = policy.warmUpMinutes ?? parameters.warmUp.latency;
  const eachStep = Math.min(warmUp, parameters.warmUp.eachStep);
  const isWarm = ({ minute }: CanaryMinute) =>
    minute > warmUp &&
    minute - plan.stepStarts[stepOf(plan, minute)] >= eachStep;
  const warm = ours.filter(isWarm);
  const inStep = ours.filter(({ minute }) => stepOf(plan, minute) === step);
  const errors = judgeErrors(
    ours.filter(({ minute }) => minute > parameters.warmUp.errors),
    {
      dispersion: clean.dispersion,
      policy,
      parameters,
      alone: weight >= 100 ? inStep : undefined,
    },
  );
  const question = { bounds: boundsMs, plan, policy, parameters, step };
  const latency = judgeLatency(warm, question);
  const resources = judgeResources(warm, all, question);
  const checks = judgeChecks(policy.checks ?? [], {
    clean: clean.minutes,
    warm,
    last,
    weight,
    ...question,
  });
  const stepLength = all.filter(
    ({ minute }) => stepOf(plan, minute) === step,
  ).length;
  const heard = all.filter(({ canary }) => canary.scrapes > 0);
  const findings: CanaryFindings = {
    step,
    weight,
    minute: last,
    soaked: last >= (plan.stepStarts[step] ?? 1) + plan.soakMinutes - 1,
    heardAt: heard[heard.length - 1]?.minute,
    faults: [
      ...faultsOf(errors, latency, resources),
      ...(checks.some(({ condemned }) => condemned)
        ? (['check'] as const)
        : []),
    ],
    errors,
    latency,
    resources,
    checks,
    troubled: clean.troubled,
    gates: gatesOf(
      {
        weight,
        errors,
        latency,
        resources,
        checks,
        requestsPerMinute: meanRequests(inStep.slice(-10)),
        leftOut: stepLength > 0 ? 1 - inStep.length / stepLength : 0,
      },
      policy,
      parameters,
    ),
  };
  const decision = decide(findings);
  return {
    decision,
    sentence: sayVerdict(decision, findings, policy, parameters),
    findings,
  };
}

function decide(findings: CanaryFindings): CanaryDecision {
  const { minute, heardAt, soaked, faults, gates } = findings;
  const silent = heardAt === undefined || minute - heardAt >= longestSilence;
  if (silent && (soaked || minute >= longestSilence)) return 'hold';
  if (faults.length > 0) return 'rollBack';
  return soaked && gates.some(({ open }) => !open) ? 'hold' : 'goOn';
}

function faultsOf(
  errors: ErrorFindings,
  latency: LatencyFindings,
  { cpu, memory }: ResourceFindings,
): readonly CanaryFault[] {
  const found: readonly (CanaryFault | false)[] = [
    errors.condemned && 'errors',
    latency.condemned && 'latency',
    latency.overLimit && 'latencyLimit',
    isSlow(latency.p50) && 'p50',
    isSlow(latency.p99) && 'p99',
    cpu.condemned === 'busy' && 'cpuBusy',
    cpu.condemned === 'forecast' && 'cpuForecast',
    memory.condemned === 'full' && 'memoryFull',
    memory.condemned === 'leak' && 'memoryLeak',
  ];
  return found.filter((fault): fault is CanaryFault => fault !== false);
}

function isSlow(found: QuantileFindings | undefined): boolean {
  return found !== undefined && (found.condemned || found.overLimit);
}

/** In order of time, each minute once, with what can not be true taken for not heard. */
export function soundMinutes(
  minutes: readonly CanaryMinute[],
  boundCount: number,
): readonly CanaryMinute[] {
  const byMinute = new Map(minutes.map(each => [each.minute, each]));
  const silent: ArmMinute = {
    requests: 0,
    errors: 0,
    buckets: new Array<number>(boundCount + 1).fill(0),
    cpuPercent: null,
    memoryPercent: null,
    scrapes: 0,
  };
  return [...byMinute.values()]
    .sort((left, right) => left.minute - right.minute)
    .map(each => ({
      ...each,
      baseline: isSound(each.baseline, boundCount) ? each.baseline : silent,
      canary: isSound(each.canary, boundCount) ? each.canary : silent,
    }));
}

function isSound(arm: ArmMinute, boundCount: number): boolean {
  const { requests, errors, buckets, cpuPercent, memoryPercent } = arm;
  return (
    [requests, errors, ...buckets, cpuPercent ?? 0, memoryPercent ?? 0].every(
      value => Number.isFinite(value) && value >= 0,
    ) &&
    errors <= requests &&
    buckets.length === boundCount + 1
  );
}

function meanRequests(minutes: readonly CanaryMinute[]): number {
  const sum = minutes.reduce((total, { canary }) => total + canary.requests, 0);
  return minutes.length > 0 ? sum / minutes.length : 0;
}
