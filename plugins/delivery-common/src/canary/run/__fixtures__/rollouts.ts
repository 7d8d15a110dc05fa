// SPDX-License-Identifier: Apache-2.0
import type { ObservedDeployment } from '../../../cluster/observed';
import type { ObservedRollout } from '../observedRollout';

/** Two weights, then a person, then half of the traffic and an analysis. */
export const byWeight = {
  kind: 'canary',
  steps: [
    { kind: 'setWeight', weight: 5 },
    { kind: 'pause', duration: '5m' },
    { kind: 'setWeight', weight: 25 },
    { kind: 'pause' },
    { kind: 'setWeight', weight: 50 },
    { kind: 'analysis' },
  ],
  fullWeight: 100,
} as const satisfies ObservedRollout['strategy'];

export const bySwitch = {
  kind: 'blueGreen',
  autoPromotion: false,
} as const satisfies ObservedRollout['strategy'];

/** The newest version is not the stable one. */
export const underWay = {
  stableHash: 'old',
  phase: 'Progressing',
  currentStepIndex: 0,
  completion: undefined,
} as const satisfies Partial<ObservedRollout>;

/** An Argo Rollout that serves its first update from `image`, by weight, unless changed. */
export function aRollout(
  change: Partial<ObservedRollout> = {},
): ObservedRollout {
  return {
    namespace: 'sorting',
    name: 'parcel-vision',
    generation: 4,
    deleting: false,
    desired: 2,
    paused: false,
    images: [image('1')],
    strategy: byWeight,
    revision: '2',
    observedGeneration: '4',
    phase: 'Healthy',
    aborted: false,
    promoteFull: false,
    pauseReasons: [],
    controllerPause: false,
    currentStepIndex: 6,
    currentPodHash: 'new',
    stableHash: 'new',
    analyses: [],
    stepInconclusive: false,
    completion: 'Promoted',
    conditions: [],
    total: 2,
    updated: 2,
    ready: 2,
    available: 2,
    ...change,
  };
}

export function image(tag: string): string {
  return `registry.norden.example/parcel-vision:${tag}`;
}

/** A Deployment that only keeps the pod template for a Rollout. */
export function aTemplate(tag: string, generation: number): ObservedDeployment {
  return {
    namespace: 'sorting',
    name: 'parcel-vision',
    generation,
    deleting: false,
    paused: false,
    images: [image(tag)],
    desired: 0,
    conditions: [],
    total: 0,
    updated: 0,
    ready: 0,
    available: 0,
  };
}
