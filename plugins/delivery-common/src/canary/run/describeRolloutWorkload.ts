// SPDX-License-Identifier: Apache-2.0
import type { ObservedDeployment } from '../../cluster/observed';
import type { WorkloadState } from '../../cluster/targetState';
import type { ObservedRollout } from './observedRollout';
import { isBehind, stuckBecause, templateImages } from './rolloutTrust';

/**
 * What serves users behind a Rollout. The images are those of the template while it is the stable
 * version, and unknown otherwise: then there are none here, so that nothing can be proven by them.
 * Replicas count the pods of the newest version; old ones that are kept for a way back do not.
 *
 * @param referenced - the Deployment that `workloadRef` names, if it is known
 */
export function describeRolloutWorkload(
  rollout: ObservedRollout,
  referenced: ObservedDeployment | undefined,
): WorkloadState {
  const { desired, updated, stableHash, currentPodHash } = rollout;
  const observed = !isBehind(rollout, referenced);
  const isStable = stableHash !== undefined && stableHash === currentPodHash;
  return {
    ...judge(rollout, observed),
    images: observed && isStable ? templateImages(rollout, referenced) : [],
    replicas: {
      desired,
      updated,
      ready: ofNewest(rollout, rollout.ready),
      available: ofNewest(rollout, rollout.available),
    },
    observed,
  };
}

/** With a canary the count has pods of all versions; at worst all the old ones are among them. */
function ofNewest(
  { strategy, total, updated }: ObservedRollout,
  count: number,
): number {
  if (strategy.kind === 'blueGreen') return count;
  return Math.max(0, Math.min(updated, count - (total - updated)));
}

function judge(
  rollout: ObservedRollout,
  observed: boolean,
): Pick<WorkloadState, 'health' | 'message'> {
  const stuck = stuckBecause(rollout);
  if (rollout.deleting) return degraded('The Rollout is being deleted.');
  if (stuck) return degraded(stuck);
  if (!observed) {
    return {
      health: 'progressing',
      message: 'Argo Rollouts has not acted on the newest spec yet.',
    };
  }
  if (rollout.desired === 0)
    return degraded('The Rollout is scaled to 0, so nothing runs.');
  switch (rollout.phase) {
    case 'Healthy':
      return { health: 'healthy' };
    case 'Degraded':
      return degraded(rollout.message ?? 'Argo Rollouts calls it degraded.');
    default:
      return {
        health: 'progressing',
        ...(rollout.message && { message: rollout.message }),
      };
  }
}

function degraded(message: string): Pick<WorkloadState, 'health' | 'message'> {
  return { health: 'degraded', message };
}
