// SPDX-License-Identifier: Apache-2.0
import { conditionOf, type ObservedDeployment } from '../../cluster/observed';
import type {
  CanaryEnd,
  CanaryGateName,
  CanaryHook,
  CanaryPhase,
  CanaryRun,
  TrafficStrategy,
} from './canaryRun';
import type { ObservedCanary } from './observedCanary';

const hooks: readonly CanaryHook[] = [
  'confirm-rollout',
  'confirm-traffic-increase',
  'confirm-promotion',
  'rollback',
  'event',
];

const waits: Partial<Record<CanaryPhase, CanaryGateName>> = {
  waiting: 'rollout',
  waitingPromotion: 'promotion',
};

const shortestInterval = 10_000;
const usualInterval = 60_000;

/** The name of the Deployment that serves users while Flagger holds the new version apart. */
export function primaryOf(name: string): string {
  return `${name}-primary`;
}

/**
 * What Flagger shows of a canary, corrected where its status says less than is true (seen in Flagger
 * 1.44): `canaryWeight` is 0 while the promotion waits although all traffic is on the new version, and
 * `failedChecks` is 0 once a canary has failed.
 *
 * @param target - the Deployment of the new version, if it is known
 * @param primary - the Deployment of the stable version, if it is known
 */
export function describeFlagger(
  canary: ObservedCanary,
  target: ObservedDeployment | undefined,
  primary: ObservedDeployment | undefined,
): CanaryRun {
  const strategy = strategyOf(canary);
  const steps =
    strategy === 'canary' || strategy === 'mirror' ? stepsOf(canary) : [];
  const phase = phaseOf(canary);
  const { analysis } = canary;
  const end = endOf(canary, phase, target, primary);
  const waitingFor = waits[phase];
  return {
    engine: 'flagger',
    namespace: canary.namespace,
    name: canary.name,
    strategy,
    phase,
    suspended: canary.suspended,
    steps,
    weight: weightOf(canary, { phase, strategy, steps }),
    ...(steps.length === 0 && {
      iterations: {
        // While it waits Flagger counts one less, so as to come back to the question.
        done:
          phase === 'waitingPromotion'
            ? iterationsOf(canary)
            : Math.max(0, canary.iterations),
        of: iterationsOf(canary),
      },
    }),
    checks: {
      failed: canary.failedChecks,
      allowed: Math.max(1, analysis.threshold ?? 0),
    },
    interval: Math.max(shortestInterval, analysis.interval ?? usualInterval),
    ...(waitingFor && { waitingFor }),
    ...(end && { end }),
    skipsAnalysis: canary.skipAnalysis,
    asks: hooks.filter(hook => analysis.hooks.includes(hook)),
    declared: target?.images ?? [],
    ...(primary && { stable: primary.images }),
    ...messageOf(canary),
    ...(canary.lastAppliedSpec && { revision: canary.lastAppliedSpec }),
  };
}

const phases: Readonly<Record<string, CanaryPhase>> = {
  Initializing: 'initializing',
  Initialized: 'idle',
  Waiting: 'waiting',
  Progressing: 'progressing',
  WaitingPromotion: 'waitingPromotion',
  Promoting: 'promoting',
  Finalising: 'finalising',
  Succeeded: 'idle',
  Failed: 'failed',
  Terminating: 'terminating',
  Terminated: 'terminating',
};

function phaseOf({ phase }: ObservedCanary): CanaryPhase {
  return phases[phase ?? ''] ?? 'initializing';
}

/** As Flagger chooses: a mesh-less provider can only switch, `match` makes a test of some users, counting makes it blue/green. */
function strategyOf({ provider, analysis }: ObservedCanary): TrafficStrategy {
  if (provider === 'kubernetes') return 'blueGreen';
  if ((analysis.iterations ?? 0) > 0) {
    return analysis.matches ? 'abTest' : 'blueGreen';
  }
  return analysis.mirror ? 'mirror' : 'canary';
}

function iterationsOf({ analysis }: ObservedCanary): number {
  return analysis.iterations || 10;
}

/** `stepWeight` wins over `stepWeights`; the last of those is the most the canary gets. */
function stepsOf({ analysis }: ObservedCanary): readonly number[] {
  const { stepWeight = 0, maxWeight = 100, stepWeights } = analysis;
  if (stepWeight > 0) {
    const most = maxWeight > 0 ? Math.min(100, maxWeight) : 100;
    const count = Math.ceil(most / stepWeight);
    return Array.from({ length: count }, (_, index) =>
      Math.min(100, (index + 1) * stepWeight),
    );
  }
  return stepWeights.map(weight => Math.min(100, weight));
}

function weightOf(
  canary: ObservedCanary,
  {
    phase,
    strategy,
    steps,
  }: {
    readonly phase: CanaryPhase;
    readonly strategy: TrafficStrategy;
    readonly steps: readonly number[];
  },
): number {
  const all = steps[steps.length - 1] ?? 100;
  switch (phase) {
    case 'progressing':
      if (strategy === 'canary' || strategy === 'mirror')
        return canary.canaryWeight;
      // Chosen users see it from the first repetition on; a switch happens after the last.
      if (strategy === 'abTest') return canary.iterations > 0 ? 100 : 0;
      return canary.provider !== 'kubernetes' &&
        canary.iterations > iterationsOf(canary)
        ? 100
        : 0;
    case 'waitingPromotion':
      return strategy === 'blueGreen' ? 0 : all;
    case 'promoting':
      // With weights for the way back the status tells them; else everything stays where it was.
      if (canary.canaryWeight > 0) return canary.canaryWeight;
      return canary.provider === 'kubernetes' ? 0 : all;
    case 'failed':
      return canary.canaryWeight;
    default:
      return 0;
  }
}

function endOf(
  canary: ObservedCanary,
  phase: CanaryPhase,
  target: ObservedDeployment | undefined,
  primary: ObservedDeployment | undefined,
): CanaryEnd | undefined {
  if (phase === 'failed') {
    return canary.canaryWeight > 0 ? 'promotionFailed' : 'rolledBack';
  }
  if (phase !== 'idle' || !target || !primary) return undefined;
  // Until Flagger looks at a new version, its word is about the one before.
  if (target.images.join() !== primary.images.join()) return undefined;
  if (canary.phase === 'Initialized') return 'neverRan';
  return canary.skipAnalysis ? 'fastPromoted' : 'promoted';
}

function messageOf(canary: ObservedCanary): { readonly message?: string } {
  const message = conditionOf(canary, 'Promoted')?.message;
  return message ? { message } : {};
}
