// SPDX-License-Identifier: Apache-2.0
import { conditionOf, type ObservedDeployment } from '../../cluster/observed';
import type { ObservedRollout } from './observedRollout';

/** Images of the pod template that a Rollout brings, be it its own or that of the Deployment it refers to. */
export function templateImages(
  rollout: ObservedRollout,
  referenced: ObservedDeployment | undefined,
): readonly string[] {
  return rollout.workloadRef ? referenced?.images ?? [] : rollout.images;
}

/**
 * The status speaks about an older spec, or about an older template of the Deployment referred to.
 *
 * The controller also says that it saw a spec when it could not take it up: while the spec is invalid
 * or no ReplicaSet can be made, `currentPodHash` and the phase are those of the version before, with
 * the newest generation beside them (argo-rollouts, rollout/controller.go and sync.go).
 */
export function isBehind(
  rollout: ObservedRollout,
  referenced: ObservedDeployment | undefined,
): boolean {
  if (isUnobserved(rollout)) return true;
  if (
    rollout.workloadRef &&
    rollout.workloadObservedGeneration !== `${referenced?.generation}`
  )
    return true;
  return notTakenUp(rollout) !== undefined;
}

/** The controller has not seen the newest spec. */
export function isUnobserved({
  observedGeneration,
  generation,
}: ObservedRollout): boolean {
  return observedGeneration !== `${generation}`;
}

/** Why the controller can not go on by itself, in its own words. */
export function stuckBecause(rollout: ObservedRollout): string | undefined {
  if (isUnobserved(rollout)) return undefined;
  const progressing = conditionOf(rollout, 'Progressing');
  return progressing?.reason === 'ProgressDeadlineExceeded'
    ? progressing.message ?? 'It made no progress for too long.'
    : notTakenUp(rollout);
}

function notTakenUp(rollout: ObservedRollout): string | undefined {
  const invalid = conditionOf(rollout, 'InvalidSpec');
  if (invalid?.status === 'True') return invalid.message ?? 'It is not valid.';
  const progressing = conditionOf(rollout, 'Progressing');
  return progressing?.reason === 'ReplicaSetCreateError'
    ? progressing.message ?? 'Its ReplicaSet could not be made.'
    : undefined;
}
