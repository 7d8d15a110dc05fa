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
      pod =>
        pod.state !== 'finished' && isOfTargets(pod, cluster.name, targets),
    );
}

/** Whether a pod of a cluster belongs to one of the targets. */
export function isOfTargets(
  { namespace, workload }: Pick<ObservedPod, 'namespace' | 'workload'>,
  cluster: string,
  targets: readonly Target[],
): boolean {
  return targets.some(
    target =>
      target.cluster === cluster &&
      target.workload.namespace === namespace &&
      target.workload.kind === workload.kind &&
      target.workload.name === workload.name,
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
