// SPDX-License-Identifier: Apache-2.0
import type { ClusterAddress } from '../surroundings/Surroundings';
import { AppsV1Api, KubeConfig } from '@kubernetes/client-node';

/** The images of all Deployments of a namespace, read from the cluster itself. */
export async function deployedImages(
  { url, token, ca }: ClusterAddress,
  namespace: string,
): Promise<string[]> {
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: [
      {
        name: 'cluster',
        server: url,
        caData: Buffer.from(ca).toString('base64'),
      },
    ],
    users: [{ name: 'admin', token }],
    contexts: [{ name: 'context', cluster: 'cluster', user: 'admin' }],
    currentContext: 'context',
  });
  const { items } = await config
    .makeApiClient(AppsV1Api)
    .listNamespacedDeployment({ namespace });
  return items.flatMap(
    deployment =>
      deployment.spec?.template.spec?.containers.map(
        ({ image }) => image ?? '',
      ) ?? [],
  );
}
