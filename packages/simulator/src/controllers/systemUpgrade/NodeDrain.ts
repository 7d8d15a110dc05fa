// SPDX-License-Identifier: Apache-2.0
import { KubernetesClient } from '../runtime/KubernetesClient';
import { KubernetesError } from '../runtime/KubernetesError';
import { controllerOf } from '../runtime/resources';
import { hasEnded } from '../workloads/podLife';
import { nodes, Pod, pods } from '../workloads/workloads';
import { DrainSpec } from './planObjects';

/** Marks pods that a kubelet has from a file. */
const mirrorAnnotation = 'kubernetes.io/config.mirror';

/** The pods that have to leave a node: not those of daemon sets, nor those from files, nor those that have ended. */
export function podsToEvict(node: string, all: readonly Pod[]): readonly Pod[] {
  return all.filter(
    pod =>
      pod.spec.nodeName === node &&
      controllerOf(pod)?.kind !== 'DaemonSet' &&
      !pod.metadata.annotations?.[mirrorAnnotation] &&
      !hasEnded(pod),
  );
}

/** Closes a node for new pods. */
export async function cordon(
  client: KubernetesClient,
  node: string,
): Promise<void> {
  await client.patch(nodes, { name: node }, { spec: { unschedulable: true } });
}

/** Asks all pods of a node to leave and returns how many are still there. One that a disruption budget protects is asked again later. */
export async function evictAll(
  client: KubernetesClient,
  node: string,
  all: readonly Pod[],
  { gracePeriod, disableEviction }: DrainSpec,
): Promise<number> {
  const leaving = podsToEvict(node, all);
  const grace =
    gracePeriod === undefined ? {} : { gracePeriodSeconds: gracePeriod };
  for (const { metadata } of leaving) {
    if (metadata.deletionTimestamp) continue;
    const { namespace, name } = metadata;
    try {
      if (disableEviction) await client.delete(pods, metadata, grace);
      else
        await client.post(pods, metadata, 'eviction', {
          apiVersion: 'policy/v1',
          kind: 'Eviction',
          metadata: { namespace, name },
          deleteOptions: grace,
        });
    } catch (error) {
      const isLater =
        error instanceof KubernetesError && [404, 429].includes(error.status);
      if (!isLater) throw error;
    }
  }
  return leaving.length;
}
