// SPDX-License-Identifier: Apache-2.0
import { KubeConfig } from '@kubernetes/client-node';
import { chmod, writeFile } from 'node:fs/promises';

/** How to reach one cluster. */
export interface ClusterAccess {
  readonly name: string;
  /** `https://127.0.0.1:PORT` */
  readonly url: string;
  /** Bearer token. */
  readonly token: string;
  /** PEM of the authority that signed the serving certificate. */
  readonly ca: string;
}

/** A kubeconfig with one context per cluster; the first one is current. */
export function kubeConfigOf(clusters: readonly ClusterAccess[]): KubeConfig {
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: clusters.map(({ name, url, ca }) => ({
      name,
      server: url,
      caData: Buffer.from(ca).toString('base64'),
    })),
    users: clusters.map(({ name, token }) => ({ name, token })),
    contexts: clusters.map(({ name }) => ({ name, cluster: name, user: name })),
    currentContext: clusters[0].name,
  });
  return config;
}

/** Writes a kubeconfig that only its owner can read: it holds tokens. */
export async function writeKubeConfig(
  file: string,
  clusters: readonly ClusterAccess[],
): Promise<void> {
  await writeFile(file, `${kubeConfigOf(clusters).exportConfig()}\n`, {
    mode: 0o600,
  });
  await chmod(file, 0o600);
}
