// SPDX-License-Identifier: Apache-2.0
import type { ObservedDaemonSet } from '../fleet/observed';
import { isNotReleased } from '../release/notReleased';
import { beforeFirstRelease } from './describeWorkload';
import type { WorkloadState } from './targetState';

/**
 * A DaemonSet over devices as a target's workload. Devices that are away or have not had their turn
 * are no trouble of it, so it is healthy as long as any device serves; the wave tells the rest.
 *
 * @param daemonSet - undefined when the cluster has no such DaemonSet
 */
export function describeDaemonSet(
  daemonSet: ObservedDaemonSet | undefined,
): WorkloadState {
  if (!daemonSet) {
    return {
      health: 'missing',
      message: 'The cluster has no such DaemonSet.',
      images: [],
      replicas: { desired: 0, updated: 0, ready: 0, available: 0 },
      observed: false,
    };
  }
  const { images, desired, updated, ready, available } = daemonSet;
  if (isNotReleased(images)) return beforeFirstRelease;
  const observed =
    (daemonSet.observedGeneration ?? 0) >= (daemonSet.generation ?? 1);
  return {
    ...judge(daemonSet, observed),
    images,
    replicas: { desired, updated, ready, available },
    observed,
  };
}

function judge(
  { deleting, desired, updated, available }: ObservedDaemonSet,
  observed: boolean,
): Pick<WorkloadState, 'health' | 'message'> {
  if (deleting) {
    return { health: 'degraded', message: 'The DaemonSet is being deleted.' };
  }
  if (!observed) {
    return {
      health: 'progressing',
      message: 'The cluster has not acted on the newest template yet.',
    };
  }
  if (desired === 0) {
    return {
      health: 'degraded',
      message: 'No device matches the DaemonSet, so nothing runs.',
    };
  }
  if (available === 0) {
    return {
      health: 'degraded',
      message: `None of ${desired} devices serves.`,
    };
  }
  return updated < desired
    ? {
        health: 'healthy',
        message: `${updated} of ${desired} devices have the newest template.`,
      }
    : { health: 'healthy' };
}
