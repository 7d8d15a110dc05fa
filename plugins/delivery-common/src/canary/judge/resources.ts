// SPDX-License-Identifier: Apache-2.0
import { fitLeak, type LeakFit } from './fitLeak';
import { stepOf, type CanaryMinute, type CanaryPlan } from './minutes';
import type { CanaryPolicy, JudgeParameters } from './policy';
import { median } from './statistics';

/** What processor and memory of the canary say. All in percent of the limit. */
export interface ResourceFindings {
  readonly cpu: {
    readonly recent: number | undefined;
    /** What it will be with all traffic; undefined before it can be told. */
    readonly forecast: number | undefined;
    readonly condemned: 'busy' | 'forecast' | undefined;
    readonly gateOpen: boolean;
  };
  readonly memory: {
    readonly recent: number | undefined;
    /** Growth per minute that is no warm-up; undefined before it can be told. */
    readonly leak: LeakFit | undefined;
    readonly condemned: 'full' | 'leak' | undefined;
    readonly gateOpen: boolean;
  };
}

interface ResourceQuestion {
  readonly plan: CanaryPlan;
  readonly policy: CanaryPolicy;
  readonly parameters: JudgeParameters;
  readonly step: number;
}

/** Half of the traffic is where the need at full traffic can be told while the baseline still carries the rest. */
const forecastWeight = 50;
const forecastAfter = 10;
/** The forecast may be off by so much before it condemns. */
const forecastTolerance = 1.06;
/** More traffic is given only if so much more of it than now would still do. */
const forecastReserve = 1.1;

/**
 * @param warm - minutes of the canary behind its warm-up
 * @param all - all minutes of the canary, which show a leak beside a warm-up
 */
export function judgeResources(
  warm: readonly CanaryMinute[],
  all: readonly CanaryMinute[],
  question: ResourceQuestion,
): ResourceFindings {
  return {
    cpu: judgeProcessor(warm, question),
    memory: judgeMemory(all, question),
  };
}

function judgeProcessor(
  warm: readonly CanaryMinute[],
  question: ResourceQuestion,
): ResourceFindings['cpu'] {
  const limit = question.policy.cpuMaxPercent;
  const last = warm.slice(-10);
  const recent = median(known(last, 'canary', 'cpuPercent'));
  const usual = median(known(last, 'baseline', 'cpuPercent'));
  const busy =
    recent !== undefined &&
    recent > limit &&
    !(usual !== undefined && usual > limit);
  const forecast = forecastAtFullTraffic(warm, question);
  const rising = forecast !== undefined && forecast > forecastTolerance * limit;
  return {
    recent,
    forecast,
    condemned: (busy && 'busy') || (rising && 'forecast') || undefined,
    gateOpen: forecast === undefined || forecast <= forecastGate(limit),
  };
}

/** What the forecast must keep to for more traffic, in percent. */
export function forecastGate(limit: number): number {
  return limit / forecastReserve;
}

/** The line through the medians of the first step and the present one, at all of the traffic. */
function forecastAtFullTraffic(
  warm: readonly CanaryMinute[],
  { plan, step }: ResourceQuestion,
): number | undefined {
  const weight = plan.weights[step] ?? 0;
  const began = plan.stepStarts[step] ?? 0;
  const last = warm[warm.length - 1]?.minute ?? 0;
  if (weight < forecastWeight || weight >= 100) return undefined;
  if (last < began + forecastAfter) return undefined;
  const at = (index: number) =>
    median(
      known(
        warm.filter(({ minute }) => stepOf(plan, minute) === index),
        'canary',
        'cpuPercent',
      ),
    );
  const now = at(step);
  const first = plan.weights.findIndex(
    (each, index) => index < step && each < weight && at(index) !== undefined,
  );
  const then = first < 0 ? undefined : at(first);
  if (now === undefined || then === undefined) return undefined;
  const grown = (weight - plan.weights[first]) / 100;
  return now + ((now - then) / grown) * (1 - weight / 100);
}

function judgeMemory(
  all: readonly CanaryMinute[],
  { policy, parameters: { leak } }: ResourceQuestion,
): ResourceFindings['memory'] {
  const limit = policy.memoryMaxPercent;
  const recent = median(known(all.slice(-5), 'canary', 'memoryPercent'));
  const last = all[all.length - 1]?.minute ?? 0;
  const fit =
    last >= Math.min(leak.rollbackFrom, leak.gateFrom)
      ? fitLeak(
          all.flatMap(({ minute, canary: { memoryPercent } }) =>
            memoryPercent === null ? [] : [{ minute, value: memoryPercent }],
          ),
          leak.taus,
        )
      : undefined;
  const leaks =
    fit !== undefined &&
    last >= leak.rollbackFrom &&
    fit.now +
      (fit.perMinute - leak.rollbackZ * fit.deviation) * leak.rollbackAhead >
      limit;
  const full = recent !== undefined && recent > limit;
  const gateClosed =
    fit !== undefined &&
    last >= leak.gateFrom &&
    fit.perMinute > leak.gateZ * fit.deviation &&
    fit.now + fit.perMinute * leak.gateAhead > limit;
  return {
    recent,
    leak: fit,
    condemned: (full && 'full') || (leaks && 'leak') || undefined,
    gateOpen: !gateClosed,
  };
}

function known(
  minutes: readonly CanaryMinute[],
  arm: 'canary' | 'baseline',
  value: 'cpuPercent' | 'memoryPercent',
): readonly number[] {
  return minutes.flatMap(each => each[arm][value] ?? []);
}
