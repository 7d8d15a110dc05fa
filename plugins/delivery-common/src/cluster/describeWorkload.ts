// SPDX-License-Identifier: Apache-2.0
import { isNotReleased } from '../release/notReleased';
import { conditionOf, type ObservedDeployment } from './observed';
import type { WorkloadState } from './targetState';

/** Its pods are there and can not start, which is no trouble of anybody. */
export const beforeFirstRelease: WorkloadState = {
  health: 'missing',
  message: 'No release was promoted to it yet.',
  images: [],
  replicas: { desired: 0, updated: 0, ready: 0, available: 0 },
  observed: false,
};

/**
 * What runs for a target, judged as `kubectl rollout status` does and a little further: a rollout
 * that is done but lost its pods is degraded, and so is a workload scaled to nothing, because
 * neither serves anybody. One that waits for its first release is as good as none.
 *
 * @param deployment - undefined when the cluster has no such Deployment
 */
export function describeWorkload(
  deployment: ObservedDeployment | undefined,
): WorkloadState {
  if (!deployment) {
    return {
      health: 'missing',
      message: 'The cluster has no such Deployment.',
      images: [],
      replicas: { desired: 0, updated: 0, ready: 0, available: 0 },
      observed: false,
    };
  }
  const { images, desired, updated, ready, available } = deployment;
  if (isNotReleased(images)) return beforeFirstRelease;
  return {
    ...judge(deployment),
    images,
    replicas: { desired, updated, ready, available },
    observed: isObserved(deployment),
  };
}

function isObserved(deployment: ObservedDeployment): boolean {
  return (deployment.observedGeneration ?? 0) >= (deployment.generation ?? 1);
}

/** The order matters: a word about an older template is no word, and a definite failure goes before progress. */
function judge(
  deployment: ObservedDeployment,
): Pick<WorkloadState, 'health' | 'message'> {
  const { desired, total, updated, available } = deployment;
  const progressing = conditionOf(deployment, 'Progressing');
  const failure = conditionOf(deployment, 'ReplicaFailure');
  if (deployment.deleting) {
    return { health: 'degraded', message: 'The Deployment is being deleted.' };
  }
  if (!isObserved(deployment)) {
    return moving('The cluster has not acted on the newest template yet.');
  }
  if (progressing?.reason === 'ProgressDeadlineExceeded') {
    return {
      health: 'degraded',
      message:
        progressing.message ?? 'The rollout exceeded its progress deadline.',
    };
  }
  if (failure?.status === 'True') {
    return {
      health: 'degraded',
      message: failure.message ?? 'Pods could not be created.',
    };
  }
  if (desired === 0) {
    return {
      health: 'degraded',
      message: 'The Deployment is scaled to 0, so nothing runs.',
    };
  }
  if (updated < desired) {
    return moving(
      deployment.paused
        ? `The rollout is paused with ${updated} of ${desired} replicas updated.`
        : `${updated} of ${desired} replicas updated.`,
    );
  }
  if (total > updated) {
    return moving(`${total - updated} old replicas still to end.`);
  }
  if (available < desired) {
    const message = `${available} of ${desired} replicas available.`;
    const lost =
      progressing?.reason === 'NewReplicaSetAvailable' &&
      conditionOf(deployment, 'Available')?.status === 'False';
    return lost ? { health: 'degraded', message } : moving(message);
  }
  return { health: 'healthy' };
}

function moving(message: string): Pick<WorkloadState, 'health' | 'message'> {
  return { health: 'progressing', message };
}
