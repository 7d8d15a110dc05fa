// SPDX-License-Identifier: Apache-2.0
import { AppsV1Api } from '@kubernetes/client-node';
import { kubeConfigOf } from '../surroundings/kubeConfigOf';
import type { ClusterAddress } from '../surroundings/Surroundings';

/** What a cluster did for a Deployment so far. */
export interface Rollouts {
  /** Times that the pod template changed, as the deployment controller counts them. */
  readonly revision: number;
  /** Names of the ReplicaSets that were made for a version. */
  readonly of: (version: string) => readonly string[];
}

/** Reads the rollouts of a Deployment from the cluster itself. */
export async function rolloutsOf(
  cluster: ClusterAddress,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): Promise<Rollouts> {
  const api = kubeConfigOf(cluster).makeApiClient(AppsV1Api);
  const deployment = await api.readNamespacedDeployment({ namespace, name });
  const { items } = await api.listNamespacedReplicaSet({ namespace });
  const own = items.filter(({ metadata }) =>
    metadata?.ownerReferences?.some(owner => owner.name === name),
  );
  return {
    revision: Number(
      deployment.metadata?.annotations?.['deployment.kubernetes.io/revision'],
    ),
    of: version =>
      own
        .filter(({ spec }) =>
          spec?.template?.spec?.containers.some(({ image }) =>
            image?.includes(`:${version}@`),
          ),
        )
        .map(({ metadata }) => metadata?.name ?? ''),
  };
}
