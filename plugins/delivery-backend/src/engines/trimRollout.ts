// SPDX-License-Identifier: Apache-2.0
import type {
  ObservedRollout,
  ObservedRolloutStep,
  ObservedRolloutStrategy,
} from '@causeway/plugin-delivery-common';
import { listIn, numberIn, recordIn, textIn } from '../clusters/fields';
import { trimConditions, trimIdentity, trimImages } from '../clusters/trim';

/** Keeps what we need of an Argo Rollout. */
export function trimRollout(object: unknown): ObservedRollout | undefined {
  const identity = trimIdentity(object);
  const spec = recordIn(object, 'spec');
  if (!identity || !spec) return undefined;
  const status = recordIn(object, 'status');
  const annotations = recordIn(recordIn(object, 'metadata'), 'annotations');
  const canary = recordIn(status, 'canary');
  const weighed = recordIn(recordIn(canary, 'weights'), 'canary');
  const blueGreen = recordIn(status, 'blueGreen');
  return {
    ...identity,
    desired: numberIn(spec, 'replicas') ?? 1,
    paused: spec.paused === true,
    images: trimImages(spec),
    workloadRef: trimReference(spec),
    strategy: trimStrategy(recordIn(spec, 'strategy')),
    revision: textIn(annotations, 'rollout.argoproj.io/revision'),
    observedGeneration: textIn(status, 'observedGeneration'),
    workloadObservedGeneration: textIn(status, 'workloadObservedGeneration'),
    phase: textIn(status, 'phase'),
    message: wordIn(status, 'message'),
    aborted: status?.abort === true,
    promoteFull: status?.promoteFull === true,
    pauseReasons: listIn(status, 'pauseConditions').flatMap(
      condition => textIn(condition, 'reason') ?? [],
    ),
    controllerPause: status?.controllerPause === true,
    currentStepIndex: numberIn(status, 'currentStepIndex'),
    currentPodHash: wordIn(status, 'currentPodHash'),
    stableHash: wordIn(status, 'stableRS'),
    weights: weighed && {
      canary: numberIn(weighed, 'weight') ?? 0,
      canaryHash: wordIn(weighed, 'podTemplateHash'),
    },
    activeHash: wordIn(blueGreen, 'activeSelector'),
    analyses: [
      recordIn(canary, 'currentStepAnalysisRunStatus'),
      recordIn(canary, 'currentBackgroundAnalysisRunStatus'),
      recordIn(blueGreen, 'prePromotionAnalysisRunStatus'),
      recordIn(blueGreen, 'postPromotionAnalysisRunStatus'),
    ].flatMap(trimAnalysis),
    stepInconclusive:
      textIn(recordIn(canary, 'currentStepAnalysisRunStatus'), 'status') ===
      'Inconclusive',
    completion: textIn(recordIn(status, 'duration'), 'completionStatus'),
    conditions: trimConditions(status),
    total: numberIn(status, 'replicas') ?? 0,
    updated: numberIn(status, 'updatedReplicas') ?? 0,
    ready: numberIn(status, 'readyReplicas') ?? 0,
    available: numberIn(status, 'availableReplicas') ?? 0,
  };
}

/** A text that says something: the controller writes empty ones too. */
function wordIn(value: unknown, key: string): string | undefined {
  return textIn(value, key) || undefined;
}

function trimReference(spec: unknown): ObservedRollout['workloadRef'] {
  const reference = recordIn(spec, 'workloadRef');
  const kind = textIn(reference, 'kind');
  const name = textIn(reference, 'name');
  return kind && name ? { kind, name } : undefined;
}

/** A Rollout without a strategy is refused by its controller, which says so in a condition. */
function trimStrategy(
  strategy: ReturnType<typeof recordIn>,
): ObservedRolloutStrategy {
  const blueGreen = recordIn(strategy, 'blueGreen');
  if (blueGreen) {
    return {
      kind: 'blueGreen',
      autoPromotion: blueGreen.autoPromotionEnabled !== false,
    };
  }
  const canary = recordIn(strategy, 'canary');
  const fullWeight = numberIn(
    recordIn(canary, 'trafficRouting'),
    'maxTrafficWeight',
  );
  return {
    kind: 'canary',
    steps: listIn(canary, 'steps').map(trimStep),
    fullWeight: fullWeight || 100,
  };
}

function trimStep(step: unknown): ObservedRolloutStep {
  const weight = numberIn(step, 'setWeight');
  if (weight !== undefined) return { kind: 'setWeight', weight };
  const pause = recordIn(step, 'pause');
  if (pause) {
    // Numbers are seconds, and so are texts without a unit.
    const seconds = numberIn(pause, 'duration');
    const text =
      seconds === undefined ? textIn(pause, 'duration') : `${seconds}`;
    if (text === undefined) return { kind: 'pause' };
    return { kind: 'pause', duration: /^\d+$/.test(text) ? `${text}s` : text };
  }
  if (recordIn(step, 'analysis')) return { kind: 'analysis' };
  return { kind: recordIn(step, 'experiment') ? 'experiment' : 'other' };
}

function trimAnalysis(
  run: ReturnType<typeof recordIn>,
): ObservedRollout['analyses'] {
  const name = textIn(run, 'name');
  const status = textIn(run, 'status');
  const message = wordIn(run, 'message');
  return name && status ? [{ name, status, ...(message && { message }) }] : [];
}
