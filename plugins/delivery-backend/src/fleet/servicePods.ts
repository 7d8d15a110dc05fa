// SPDX-License-Identifier: Apache-2.0
import type { ObservedPod, Target } from '@causeway/plugin-delivery-common';
import type { ClusterDevices } from './ClusterDevices';

/** The pods of a service's targets on a device, without those that have finished. */
export function servicePods(
  cluster: ClusterDevices,
  node: string,
  targets: readonly Target[],
): readonly ObservedPod[] {
  return cluster
    .podsOn(node)
    .filter(
      ({ namespace, workload, state }) =>
        state !== 'finished' &&
        targets.some(
          target =>
            target.cluster === cluster.name &&
            target.workload.namespace === namespace &&
            target.workload.kind === workload.kind &&
            target.workload.name === workload.name,
        ),
    );
}

/** The same without those that end. */
export function lastingPods(
  cluster: ClusterDevices,
  node: string,
  targets: readonly Target[],
): readonly ObservedPod[] {
  return servicePods(cluster, node, targets).filter(
    ({ state }) => state !== 'ending',
  );
}
