// SPDX-License-Identifier: Apache-2.0
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { environmentOfFlags, readFlags } from './flags.mjs';
import { dataDirectory } from './folders.mjs';
import { freePort, requireFree } from './ports.mjs';
import { readSecrets } from './secrets.mjs';
import { countOfClusters } from './simulatedClusters.mjs';

const CLUSTERS = [
  'CLOUD_STAGING',
  'CLOUD_PRODUCTION',
  'EDGE_STAGING',
  'EDGE_PRODUCTION',
];

/**
 * Everything that differs between two embedded defaults on one machine: ports, data folder,
 * credentials. All other parts read it from the environment made here.
 */
export async function readSettings() {
  const flags = readFlags(process.env);
  const data = dataDirectory();
  mkdirSync(data, { recursive: true });
  const secrets = readSecrets(data);
  const portal = Number(process.env.CAUSEWAY_PORT ?? 7007);
  const simulator = Number(process.env.CAUSEWAY_SIMULATOR_PORT ?? 7100);
  return {
    data,
    flags,
    postgresDirectory: join(data, 'postgres'),
    postgresPort: await freePort(),
    postgresPassword: secrets.postgresPassword,
    portal,
    simulator,
    forgePassword: secrets.forgePassword,
    clusterPorts: Array.from(
      { length: countOfClusters(process.env) },
      (_, index) => simulator + 1 + index,
    ),
    secrets,
  };
}

/** Fails with a sentence when a port of the embedded default is taken. */
export async function requireFreePorts(settings) {
  await requireFree(settings.portal, 'the portal', 'CAUSEWAY_PORT');
  if (!settings.flags.simulation) {
    return;
  }
  for (const port of [settings.simulator, ...settings.clusterPorts]) {
    await requireFree(
      port,
      'the simulated clusters and forge',
      'CAUSEWAY_SIMULATOR_PORT',
    );
  }
}

/** The settings as the environment variables that the configuration files and the simulator read. */
export function environmentOfSettings(settings) {
  return {
    CAUSEWAY_DATA: settings.data,
    CAUSEWAY_PORT: String(settings.portal),
    CAUSEWAY_POSTGRES_PORT: String(settings.postgresPort),
    CAUSEWAY_POSTGRES_PASSWORD: settings.secrets.postgresPassword,
    ...(settings.flags.simulation ? environmentOfSimulation(settings) : {}),
  };
}

function environmentOfSimulation(settings) {
  return {
    ...environmentOfFlags(settings.flags),
    CAUSEWAY_SIMULATOR_PORT: String(settings.simulator),
    CAUSEWAY_CLUSTER_TOKEN: settings.secrets.clusterToken,
    CAUSEWAY_FORGE_PASSWORD: settings.secrets.forgePassword,
    CAUSEWAY_WEBHOOK_SECRET: settings.secrets.webhookSecret,
    CAUSEWAY_RELEASE_SECRET: settings.secrets.releaseSecret,
    CAUSEWAY_CANARY_SECRET: settings.secrets.canarySecret,
    ...Object.fromEntries(
      CLUSTERS.map((name, index) => [
        `CAUSEWAY_${name}_PORT`,
        String(settings.clusterPorts[index]),
      ]),
    ),
  };
}
