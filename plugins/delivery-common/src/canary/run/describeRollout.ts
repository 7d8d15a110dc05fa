// SPDX-License-Identifier: Apache-2.0
import type { ObservedDeployment } from '../../cluster/observed';
import type {
  CanaryEnd,
  CanaryGateName,
  CanaryPhase,
  CanaryRun,
} from './canaryRun';
import { describeMeasures } from './describeMeasures';
import type {
  ObservedAnalysisRun,
  ObservedRollout,
  ObservedRolloutStep,
} from './observedRollout';
import { isBehind, stuckBecause, templateImages } from './rolloutTrust';

/**
 * What an Argo Rollout shows. It asks nothing; it takes orders.
 *
 * Only the pod template is in the Rollout, so the images of the stable version are known just while
 * the template is the stable one. Without a traffic router the weight is what the steps say that were
 * passed, which the number of pods comes near to. Routes by header and mirrored traffic are no weight.
 *
 * @param referenced - the Deployment that `workloadRef` names, if it is known
 * @param analysisRun - an AnalysisRun of the same namespace by its name, if it is known
 */
export function describeRollout(
  rollout: ObservedRollout,
  referenced: ObservedDeployment | undefined,
  analysisRun: (name: string) => ObservedAnalysisRun | undefined = () =>
    undefined,
): CanaryRun {
  const images = templateImages(rollout, referenced);
  const behind = isBehind(rollout, referenced);
  const weight = weightOf(rollout);
  const waitingFor = behind ? undefined : waitingForOf(rollout);
  const phase = phaseOf(rollout, { behind, weight, waitingFor });
  const end = behind ? undefined : endOf(rollout, phase);
  const stuck = stuckBecause(rollout);
  const message = messageOf(rollout, { behind, waitingFor, stuck });
  const pause = behind ? undefined : pauseNameOf(rollout);
  const measures = describeMeasures(rollout, analysisRun);
  const arms = armsOf(rollout);
  return {
    engine: 'argoRollouts',
    namespace: rollout.namespace,
    name: rollout.name,
    strategy: rollout.strategy.kind,
    phase,
    suspended: rollout.paused,
    steps: stepsOf(rollout),
    weight,
    // The controller acts on changes; it does not look at times.
    interval: 0,
    ...(waitingFor && { waitingFor }),
    ...(end && { end }),
    skipsAnalysis: rollout.promoteFull || hasNoSteps(rollout),
    asks: [],
    takesOrders: true,
    ...(pause && { pause }),
    ...(measures.length > 0 && { measures }),
    ...(arms && { arms }),
    declared: images,
    ...(!behind && isStable(rollout) && { stable: images }),
    ...(message && { message }),
    ...(rollout.currentPodHash && { revision: rollout.currentPodHash }),
    ...(behind && { behind: true as const }),
    ...(stuck && { stuck }),
  };
}

/**
 * Names the pause that a Rollout stands at: the version, the place in its plan and why it pauses.
 * Another pause has another name, also a later one of the same run. Undefined where it stands at none.
 */
export function pauseNameOf({
  strategy,
  aborted,
  currentPodHash,
  currentStepIndex,
  pauseReasons,
}: ObservedRollout): string | undefined {
  if (pauseReasons.length === 0 || aborted || !currentPodHash) return undefined;
  const place = strategy.kind === 'canary' ? currentStepIndex ?? 0 : 'switch';
  return `${currentPodHash}/${place}/${pauseReasons.join('+')}`;
}

/** Pods of a version are those of the ReplicaSet `<rollout>-<hash>`. */
function armsOf(rollout: ObservedRollout): CanaryRun['arms'] {
  const { name, currentPodHash, stableHash } = rollout;
  return isUnderWay(rollout) && currentPodHash
    ? {
        canary: `${name}-${currentPodHash}`,
        baseline: `${name}-${stableHash}`,
      }
    : undefined;
}

function isStable({ stableHash, currentPodHash }: ObservedRollout): boolean {
  return stableHash !== undefined && stableHash === currentPodHash;
}

/** A newer version than the stable one is there; while there is no stable one nothing is compared. */
function isUnderWay(rollout: ObservedRollout): boolean {
  return rollout.stableHash !== undefined && !isStable(rollout);
}

function hasNoSteps({ strategy }: ObservedRollout): boolean {
  return strategy.kind === 'canary' && strategy.steps.length === 0;
}

function phaseOf(
  rollout: ObservedRollout,
  {
    behind,
    weight,
    waitingFor,
  }: {
    readonly behind: boolean;
    readonly weight: number;
    readonly waitingFor: CanaryGateName | undefined;
  },
): CanaryPhase {
  if (rollout.deleting) return 'terminating';
  if (rollout.stableHash === undefined) return 'initializing';
  // What it did before goes on; what it does with the newest spec is not known.
  if (behind) {
    return isUnderWay(rollout) && !rollout.aborted ? 'progressing' : 'idle';
  }
  // Some traffic may still be on a version that was given up for the stable one.
  if (!isUnderWay(rollout)) return weight > 0 ? 'finalising' : 'idle';
  if (rollout.aborted) return weight > 0 ? 'progressing' : 'failed';
  if (waitingFor === 'rollout') return 'waiting';
  if (waitingFor === 'promotion') return 'waitingPromotion';
  return rollout.promoteFull || isPastSteps(rollout)
    ? 'promoting'
    : 'progressing';
}

function isPastSteps(rollout: ObservedRollout): boolean {
  const { strategy } = rollout;
  return (
    strategy.kind === 'canary' && indexOf(rollout) >= strategy.steps.length
  );
}

function indexOf({ currentStepIndex }: ObservedRollout): number {
  return currentStepIndex ?? 0;
}

/** Empty for blue/green, where traffic is switched. */
function stepsOf({ strategy }: ObservedRollout): readonly number[] {
  return strategy.kind === 'canary'
    ? weightsIn(strategy.steps, strategy.fullWeight)
    : [];
}

function weightsIn(
  steps: readonly ObservedRolloutStep[],
  fullWeight: number,
): readonly number[] {
  return steps.flatMap(step =>
    step.kind === 'setWeight' ? [percentOf(step.weight, fullWeight)] : [],
  );
}

function percentOf(weight: number, fullWeight: number): number {
  return Math.round((100 * weight) / fullWeight);
}

function weightOf(rollout: ObservedRollout): number {
  const { strategy, activeHash, stableHash, currentPodHash, weights } = rollout;
  if (stableHash === undefined) return 0;
  if (strategy.kind === 'blueGreen') {
    const isSwitched = isUnderWay(rollout)
      ? activeHash === currentPodHash
      : activeHash !== undefined && activeHash !== stableHash;
    return isSwitched ? 100 : 0;
  }
  if (weights) {
    // The router is told of the newest version only when its pods are there.
    const isOfAnother =
      weights.canaryHash !== undefined && weights.canaryHash !== currentPodHash;
    return isUnderWay(rollout) && isOfAnother
      ? 0
      : percentOf(weights.canary, strategy.fullWeight);
  }
  if (!isUnderWay(rollout) || rollout.aborted) return 0;
  const passed = strategy.steps.slice(0, indexOf(rollout));
  return weightsIn(passed, strategy.fullWeight).at(-1) ?? 0;
}

/** What a person must let pass. A pause that ends by itself waits for nobody. */
function waitingForOf(rollout: ObservedRollout): CanaryGateName | undefined {
  const { strategy, aborted } = rollout;
  const isWaiting = rollout.pauseReasons.some(reason =>
    needsPerson(rollout, reason),
  );
  if (!isWaiting || aborted || !isUnderWay(rollout)) return undefined;
  if (strategy.kind === 'blueGreen') return 'promotion';
  const { steps, fullWeight } = strategy;
  const index = indexOf(rollout);
  if (weightsIn(steps.slice(index), fullWeight).length === 0)
    return 'promotion';
  return weightsIn(steps.slice(0, index), fullWeight).length === 0
    ? 'rollout'
    : 'trafficIncrease';
}

function needsPerson(rollout: ObservedRollout, reason: string): boolean {
  const { strategy } = rollout;
  switch (reason) {
    case 'InconclusiveAnalysisRun':
    case 'InconclusiveExperiment':
      return true;
    case 'CanaryPauseStep':
      return stepOf(rollout)?.kind === 'pause' && !pauseOf(rollout);
    case 'BlueGreenPause':
      return strategy.kind === 'blueGreen' && !strategy.autoPromotion;
    default:
      return false;
  }
}

function stepOf(rollout: ObservedRollout): ObservedRolloutStep | undefined {
  const { strategy } = rollout;
  return strategy.kind === 'canary'
    ? strategy.steps[indexOf(rollout)]
    : undefined;
}

/** How long the step in force pauses, where it says so. */
function pauseOf(rollout: ObservedRollout): string | undefined {
  const step = stepOf(rollout);
  return step?.kind === 'pause' ? step.duration : undefined;
}

/** Versions that do not tell `completion` do not say either whether a person skipped steps. */
function endOf(
  rollout: ObservedRollout,
  phase: CanaryPhase,
): CanaryEnd | undefined {
  if (phase === 'failed') return 'rolledBack';
  if (phase !== 'idle') return undefined;
  if (rollout.revision === '1') return 'neverRan';
  switch (rollout.completion) {
    case 'Aborted':
      return 'rolledBack';
    case 'FastPromoted':
    case 'FastRolledBack':
      return 'fastPromoted';
    default:
      return hasNoSteps(rollout) ? 'fastPromoted' : 'promoted';
  }
}

function messageOf(
  rollout: ObservedRollout,
  {
    behind,
    waitingFor,
    stuck,
  }: {
    readonly behind: boolean;
    readonly waitingFor: CanaryGateName | undefined;
    readonly stuck: string | undefined;
  },
): string | undefined {
  if (stuck) return stuck;
  if (behind) return 'Argo Rollouts has not acted on the newest spec yet.';
  const said = [...sayState(rollout, waitingFor), ...sayAnalyses(rollout)];
  return said.length > 0 ? said.join(' ') : undefined;
}

function sayState(
  rollout: ObservedRollout,
  waitingFor: CanaryGateName | undefined,
): readonly string[] {
  const { pauseReasons, controllerPause, message } = rollout;
  if (waitingFor) return ['It stands at a pause until it is told to go on.'];
  // Until the controller has seen it, the status says that it is paused.
  if (controllerPause && pauseReasons.length === 0)
    return ['It was told to go on.'];
  const pause = pauseOf(rollout);
  if (pause && pauseReasons.includes('CanaryPauseStep'))
    return [`It pauses for ${pause}, then goes on by itself.`];
  return message ? [message] : [];
}

/** What speaks against the version, or leaves it open. Where it was given up, the status often says it too. */
function sayAnalyses({
  analyses,
  message = '',
}: ObservedRollout): readonly string[] {
  return analyses
    .filter(({ status }) =>
      ['Failed', 'Error', 'Inconclusive'].includes(status),
    )
    .filter(
      analysis => !analysis.message || !message.includes(analysis.message),
    )
    .map(
      analysis =>
        `AnalysisRun ${analysis.name} is ${analysis.status}${
          analysis.message ? `: ${analysis.message}` : '.'
        }`,
    );
}
