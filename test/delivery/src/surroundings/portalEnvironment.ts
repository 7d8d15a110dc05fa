// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import { clusterNames, type ClusterName } from './Surroundings';

/** What only the processes of one test run know. */
export interface WorldSecrets {
  readonly clusterToken: string;
  readonly forgePassword: string;
  readonly webhookSecret: string;
  readonly releaseSecret: string;
  readonly canarySecret: string;
}

/** New secrets for one test run. */
export function worldSecrets(): WorldSecrets {
  const secret = () => randomBytes(32).toString('base64url');
  return {
    clusterToken: secret(),
    forgePassword: secret(),
    webhookSecret: secret(),
    releaseSecret: secret(),
    canarySecret: secret(),
  };
}

/** Ports of 127.0.0.1 that the portal serves or calls. */
export interface WorldPorts {
  readonly portal: number;
  readonly forge: number;
  readonly clusters: Readonly<Record<ClusterName, number>>;
}

/**
 * The environment that app-config.yaml reads. Its database is not the one of app-config.yaml, so
 * those values say nothing.
 */
export function portalEnvironment(
  dataDirectory: string,
  ports: WorldPorts,
  secrets: WorldSecrets,
): Readonly<Record<string, string>> {
  const clusterPorts = clusterNames.map(name => [
    `CAUSEWAY_${name.toUpperCase().replace('-', '_')}_PORT`,
    String(ports.clusters[name]),
  ]);
  return {
    CAUSEWAY_DATA: dataDirectory,
    CAUSEWAY_PORT: String(ports.portal),
    CAUSEWAY_SIMULATOR_PORT: String(ports.forge),
    ...Object.fromEntries(clusterPorts),
    CAUSEWAY_CLUSTER_TOKEN: secrets.clusterToken,
    CAUSEWAY_FORGE_PASSWORD: secrets.forgePassword,
    CAUSEWAY_WEBHOOK_SECRET: secrets.webhookSecret,
    CAUSEWAY_RELEASE_SECRET: secrets.releaseSecret,
    CAUSEWAY_CANARY_SECRET: secrets.canarySecret,
    CAUSEWAY_POSTGRES_PORT: '0',
    CAUSEWAY_POSTGRES_PASSWORD: 'not-used',
  };
}
