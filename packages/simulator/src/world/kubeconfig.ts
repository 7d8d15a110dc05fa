// SPDX-License-Identifier: Apache-2.0
import { chmod, writeFile } from 'node:fs/promises';
import type { Duplex } from 'node:stream';
import { stringify } from 'yaml';
import type { ClusterAddress } from '../controllers/runtime/ApiConnection';

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

/**
 * One cluster in the shape the controllers take, without loading the whole of
 * client-node for it. With `connect` it is reached without its port.
 */
export function addressOf(
  { name, url, token, ca }: ClusterAccess,
  connect?: () => Duplex,
): ClusterAddress {
  return {
    connect,
    getCurrentCluster: () => ({ name, server: url, skipTLSVerify: false }),
    async applyToHTTPSOptions(options) {
      Object.assign(options, {
        ca,
        headers: { Authorization: `Bearer ${token}` },
      });
    },
  };
}

/** A kubeconfig with one context per cluster; the first one is current. */
export function kubeConfigText(clusters: readonly ClusterAccess[]): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: clusters.map(({ name, url, ca }) => ({
      name,
      cluster: {
        server: url,
        'certificate-authority-data': Buffer.from(ca).toString('base64'),
      },
    })),
    users: clusters.map(({ name, token }) => ({ name, user: { token } })),
    contexts: clusters.map(({ name }) => ({
      name,
      context: { cluster: name, user: name },
    })),
    'current-context': clusters[0].name,
  });
}

/** Writes a kubeconfig that only its owner can read: it holds tokens. */
export async function writeKubeConfig(
  file: string,
  clusters: readonly ClusterAccess[],
): Promise<void> {
  await writeFile(file, kubeConfigText(clusters), { mode: 0o600 });
  await chmod(file, 0o600);
}
