// SPDX-License-Identifier: Apache-2.0
import type { CheckFindings } from './checks/checkQuestion';
import type { ErrorFindings } from './errors';
import {
  fewestForP99,
  type LatencyFindings,
  type QuantileFindings,
} from './latency';
import type { CanaryPolicy, JudgeParameters, QuantilePolicy } from './policy';
import { forecastGate, type ResourceFindings } from './resources';
import {
  sayCount,
  sayMilliseconds,
  sayMinutes,
  sayPercent,
  sayShare,
} from './say';
import { rateUpperBound } from './statistics';

/** One condition for giving the canary more traffic. */
export interface CanaryGate {
  readonly check:
    | 'data'
    | 'errors'
    | 'latency'
    | 'processor'
    | 'memory'
    | 'custom';
  /** Of a check of the team. */
  readonly title?: string;
  readonly open: boolean;
  /** What was seen and what is asked, as part of a sentence. */
  readonly words: string;
}

/** What is known at the end of a step. */
export interface StepFacts {
  /** Weight of the step in percent. */
  readonly weight: number;
  readonly errors: ErrorFindings;
  readonly latency: LatencyFindings;
  readonly resources: ResourceFindings;
  readonly checks: readonly CheckFindings[];
  /** Canary requests a minute lately. */
  readonly requestsPerMinute: number;
  /** Share of the step's minutes that the baseline spoiled. */
  readonly leftOut: number;
}

/** A step may lose this share of its minutes to trouble of the baseline and still be judged. */
const mostLeftOut = 1 / 3;

/** From this weight on the error rate itself must keep to its limit; before, only its bound is asked. */
const rateAskedFrom = 50;

/** The conditions at the end of a step; all must be open. */
export function gatesOf(
  facts: StepFacts,
  policy: CanaryPolicy,
  parameters: JudgeParameters,
): readonly CanaryGate[] {
  const row = rowOf(facts.weight);
  return [
    dataGate(facts),
    ...errorGates(facts, parameters.gateErrorUpper[row], policy, parameters),
    ...latencyGates(facts, parameters.gateLatencyUpper[row], policy),
    ...quantileGates(facts, parameters.gateLatencyUpper[row], policy),
    ...resourceGates(facts.resources, policy),
    ...facts.checks.map(({ title, gate }) => ({
      check: 'custom' as const,
      title,
      ...gate,
    })),
  ];
}

/** Which column of the limits counts: those of the next larger of 5, 25, 50 and 100 %, but the last only where no baseline is left. */
export function rowOf(weight: number): 0 | 1 | 2 | 3 {
  if (weight <= 5) return 0;
  if (weight <= 25) return 1;
  return weight < 100 ? 2 : 3;
}

function dataGate({ leftOut }: StepFacts): CanaryGate {
  return {
    check: 'data',
    open: leftOut <= mostLeftOut,
    words: `the baseline was in trouble in ${sayPercent(
      leftOut,
    )} of the step's minutes, a third at most may be left out`,
  };
}

function errorGates(
  { weight, errors, requestsPerMinute }: StepFacts,
  limit: number,
  policy: CanaryPolicy,
  parameters: JudgeParameters,
): readonly CanaryGate[] {
  const { counted } = errors;
  const seen = `${sayCount(counted.errors, 'error')} in ${sayCount(
    counted.requests,
    'request',
  )}`;
  const more = minutesMissing(errors, limit, { requestsPerMinute, parameters });
  const patience =
    more === undefined
      ? ''
      : `; about ${sayMinutes(more)} more at this traffic`;
  const bound: CanaryGate = {
    check: 'errors',
    open: errors.upper <= limit,
    words: `${seen}, so the rate may still be ${sayShare(
      Math.min(1, errors.upper),
    )}, needed ${sayShare(limit)}${patience}`,
  };
  if (weight < rateAskedFrom) return [bound];
  const rate = counted.requests > 0 ? counted.errors / counted.requests : 0;
  const pass = policy.errorRatePass;
  const blame =
    errors.baselineRate > pass
      ? ` (the baseline fails ${sayShare(
          errors.baselineRate,
        )} itself, so no version can pass)`
      : '';
  return [
    bound,
    {
      check: 'errors',
      open: rate <= pass,
      words: `${seen} are ${sayShare(rate)}, allowed ${sayShare(pass)}${blame}`,
    },
  ];
}

function latencyGates(
  { latency }: StepFacts,
  limit: number | null,
  policy: CanaryPolicy,
): readonly CanaryGate[] {
  const { ratio, ofStep: stepP95 } = latency;
  const sla: CanaryGate = {
    check: 'latency',
    open: stepP95 !== undefined && stepP95 <= policy.slaP95Ms,
    words:
      stepP95 === undefined
        ? 'P95 can not be measured yet'
        : `P95 is ${sayMilliseconds(stepP95)}, allowed ${sayMilliseconds(
            policy.slaP95Ms,
          )}`,
  };
  if (limit === null) return [sla];
  return [
    sla,
    {
      check: 'latency',
      open: ratio !== undefined && ratio.upper <= limit,
      words: ratio
        ? `P95 may still be ${ratio.upper.toFixed(
            2,
          )} times the baseline's, needed ${limit.toFixed(2)}`
        : "P95 can not be compared with the baseline's yet",
    },
  ];
}

/** P50 and P99, each in one condition: its limit, and how it lies to the baseline's. */
function quantileGates(
  { latency }: StepFacts,
  limit: number | null,
  policy: CanaryPolicy,
): readonly CanaryGate[] {
  return (['p50', 'p99'] as const).flatMap(name => {
    const found = latency[name];
    const limits = policy[name];
    return found && limits
      ? [quantileGate(name, found, { limit, limits })]
      : [];
  });
}

function quantileGate(
  name: 'p50' | 'p99',
  { ratio, ofStep, requests }: QuantileFindings,
  {
    limit,
    limits,
  }: { readonly limit: number | null; readonly limits: QuantilePolicy },
): CanaryGate {
  const title = name.toUpperCase();
  if (name === 'p99' && requests < fewestForP99) {
    return {
      check: 'latency',
      open: true,
      words: `P99 is judged from ${sayCount(
        fewestForP99,
        'request',
      )} of a step on, there are ${sayCount(requests, 'request')}`,
    };
  }
  if (ofStep === undefined) {
    const words = `${title} can not be measured yet`;
    return { check: 'latency', open: false, words };
  }
  const allowed = limits.limitMs;
  const most = limit && Math.max(limit, 1 + limits.aboveBaseline);
  const isKept = allowed === undefined || ofStep <= allowed;
  const isCompared = most === null || (ratio && ratio.upper <= most);
  const asked =
    allowed === undefined ? '' : `, allowed ${sayMilliseconds(allowed)}`;
  const compared = ratio
    ? `; it may still be ${ratio.upper.toFixed(
        2,
      )} times the baseline's, needed ${most?.toFixed(2)}`
    : "; it can not be compared with the baseline's yet";
  return {
    check: 'latency',
    open: isKept && isCompared === true,
    words: `${title} is ${sayMilliseconds(ofStep)}${asked}${
      most === null ? '' : compared
    }`,
  };
}

function resourceGates(
  { cpu, memory }: ResourceFindings,
  policy: CanaryPolicy,
): readonly CanaryGate[] {
  const { forecast } = cpu;
  const { leak } = memory;
  return [
    {
      check: 'processor',
      open: cpu.gateOpen,
      words:
        forecast === undefined
          ? 'what all of the traffic would need can not be told yet'
          : `all of the traffic would need ${forecast.toFixed(
              0,
            )} % of the CPU limit, allowed ${forecastGate(
              policy.cpuMaxPercent,
            ).toFixed(0)} %`,
    },
    {
      check: 'memory',
      open: memory.gateOpen,
      words:
        leak === undefined || memory.gateOpen
          ? 'nothing looks like a leak'
          : `memory grows by ${leak.perMinute.toFixed(
              2,
            )} points a minute, which looks like a leak`,
    },
  ];
}

/** Minutes until the bound can fall below the limit if the rate stays as it is; undefined if it can not or need not. */
function minutesMissing(
  { counted: { errors, requests }, upper, dispersion }: ErrorFindings,
  limit: number,
  {
    requestsPerMinute,
    parameters,
  }: {
    readonly requestsPerMinute: number;
    readonly parameters: JudgeParameters;
  },
): number | undefined {
  if (upper <= limit || requests === 0 || requestsPerMinute <= 0)
    return undefined;
  const boundAt = (factor: number) =>
    rateUpperBound(errors * factor, requests * factor, {
      dispersion,
      z: parameters.gateZ.errors,
    });
  let factor = 1;
  while (boundAt(factor) > limit) {
    factor *= 1.05;
    if (factor > 1_000) return undefined;
  }
  return ((factor - 1) * requests) / requestsPerMinute;
}
