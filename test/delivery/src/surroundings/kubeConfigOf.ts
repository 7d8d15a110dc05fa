// SPDX-License-Identifier: Apache-2.0
import { KubeConfig } from '@kubernetes/client-node';
import type { ClusterAddress } from './Surroundings';

/** Access to a cluster as an administrator, past the portal. */
export function kubeConfigOf({ url, token, ca }: ClusterAddress): KubeConfig {
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
  return config;
}
