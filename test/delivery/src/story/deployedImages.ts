// SPDX-License-Identifier: Apache-2.0
import { AppsV1Api } from '@kubernetes/client-node';
import { kubeConfigOf } from '../surroundings/kubeConfigOf';
import type { ClusterAddress } from '../surroundings/Surroundings';

/** The images of all Deployments of a namespace, read from the cluster itself. */
export async function deployedImages(
  cluster: ClusterAddress,
  namespace: string,
): Promise<string[]> {
  const { items } = await kubeConfigOf(cluster)
    .makeApiClient(AppsV1Api)
    .listNamespacedDeployment({ namespace });
  return items.flatMap(
    deployment =>
      deployment.spec?.template.spec?.containers.map(
        ({ image }) => image ?? '',
      ) ?? [],
  );
}
