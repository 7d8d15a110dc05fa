// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';
import type {
  AuthenticationStrategy,
  ClusterDetails,
  KubernetesCredential,
} from '@backstage/plugin-kubernetes-node';

/** Certificate authority of the cluster that this process runs in, where it runs in one. */
const ownClusterCa = '/var/run/secrets/kubernetes.io/serviceaccount/ca.crt';

/** How requests to a cluster are made: address, keep-alive agent, and the headers that sign us in. */
export interface SignedIn {
  readonly server: string;
  readonly agent: http.Agent | https.Agent;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Signs in to a cluster of the portal's configuration with the strategy of its auth provider.
 * Certificates and credentials are read by the Kubernetes client; nothing is written anywhere.
 * @throws Error whose message says what is wrong, without any part of the credential
 */
export async function signIn(
  cluster: ClusterDetails,
  strategy: AuthenticationStrategy | undefined,
): Promise<SignedIn> {
  const provider = cluster.authMetadata['kubernetes.io/auth-provider'];
  if (!strategy) {
    throw new Error(`The portal has no auth provider "${provider}".`);
  }
  const credential = await strategy.getCredential(cluster, {});
  if (credential.type === 'anonymous') {
    throw new Error(
      `Auth provider "${provider}" gives no credential without a signed-in user. Use one that does, such as serviceAccount.`,
    );
  }
  const server = cluster.url.replace(/\/+$/, '');
  const plain = server.startsWith('http:');
  const config = new KubeConfig();
  config.loadFromClusterAndUser(
    {
      name: cluster.name,
      server,
      skipTLSVerify: plain || (cluster.skipTLSVerify ?? false),
      caData: cluster.caData,
      caFile: cluster.caFile ?? inClusterCa(cluster),
    },
    { name: 'portal', ...userOf(credential) },
  );
  const options: https.RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  const { ca, cert, key, rejectUnauthorized } = options;
  return {
    server,
    agent: plain
      ? new http.Agent({ keepAlive: true })
      : new https.Agent({ keepAlive: true, ca, cert, key, rejectUnauthorized }),
    headers: textHeaders(options.headers),
  };
}

function inClusterCa(cluster: ClusterDetails): string | undefined {
  const usesOwn = !cluster.authMetadata.serviceAccountToken && !cluster.caData;
  return usesOwn && existsSync(ownClusterCa) ? ownClusterCa : undefined;
}

function userOf(
  credential: Exclude<KubernetesCredential, { type: 'anonymous' }>,
) {
  return credential.type === 'bearer token'
    ? { token: credential.token }
    : {
        certData: Buffer.from(credential.cert).toString('base64'),
        keyData: Buffer.from(credential.key).toString('base64'),
      };
}

function textHeaders(
  headers: https.RequestOptions['headers'],
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers ?? {}).flatMap(([name, value]) =>
      typeof value === 'string' ? [[name, value]] : [],
    ),
  );
}
