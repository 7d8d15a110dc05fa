// SPDX-License-Identifier: Apache-2.0
import type { ScenarioRequest } from '@causeway/plugin-simulation-common';
import { isAbsolute } from 'node:path';
import type { EdgePlatform } from './world/nodes';
import type { DeviceManagement } from './world/SimulatedCluster';
import { startWorld } from './world/startWorld';
import type { World, WorldOptions } from './world/World';

const stopWithin = 1_800;

/** Reads the settings of the process from its environment, or says which one is missing. */
function settings(environment: NodeJS.ProcessEnv): WorldOptions {
  const required = (name: string) => {
    const value = environment[name];
    if (!value)
      throw new Error(
        `${name} is not set. \`npm start\` sets it; see packages/simulator/README.md.`,
      );
    return value;
  };
  const port = (name: string, fallback: number) => {
    const value = Number(environment[name] ?? fallback);
    if (!Number.isInteger(value) || value < 1 || value > 65_535)
      throw new Error(`${name} is not a port: ${environment[name]}`);
    return value;
  };
  const count = (name: string) => {
    const text = environment[name];
    if (text === undefined || text === '') return undefined;
    const value = Number(text);
    if (!Number.isInteger(value) || value < 0)
      throw new Error(`${name} is not a whole number: ${text}`);
    return value;
  };
  const clusters = count('CAUSEWAY_SIMULATION_CLUSTERS');
  const ciDuration = Number(environment.CAUSEWAY_CI_DURATION ?? 4_000);
  if (!(ciDuration >= 0)) {
    throw new Error(
      `CAUSEWAY_CI_DURATION is not a number of milliseconds: ${environment.CAUSEWAY_CI_DURATION}`,
    );
  }
  const dataDirectory = required('CAUSEWAY_DATA');
  if (!isAbsolute(dataDirectory))
    throw new Error(`CAUSEWAY_DATA must be an absolute path: ${dataDirectory}`);
  const forge = port('CAUSEWAY_SIMULATOR_PORT', 7100);
  const portal = `http://127.0.0.1:${port('CAUSEWAY_PORT', 7007)}/api/delivery`;
  return {
    dataDirectory,
    ciDuration,
    seed: count('CAUSEWAY_SIMULATION_SEED'),
    sites: count('CAUSEWAY_SIMULATION_SITES'),
    devices: count('CAUSEWAY_SIMULATION_DEVICES'),
    clusters,
    edgePlatform: edgePlatform(environment.CAUSEWAY_SIMULATION_PLATFORM),
    deviceManagement: deviceManagement(
      environment.CAUSEWAY_SIMULATION_DEVICE_MANAGEMENT,
    ),
    ports: {
      forge,
      clusters: Array.from(
        { length: clusters ?? 4 },
        (_, index) => forge + 1 + index,
      ),
    },
    secrets: {
      clusterToken: required('CAUSEWAY_CLUSTER_TOKEN'),
      forgePassword: required('CAUSEWAY_FORGE_PASSWORD'),
    },
    releaseReport: {
      url: `${portal}/releases`,
      secret: required('CAUSEWAY_RELEASE_SECRET'),
      evidence: environment.CAUSEWAY_CI_EVIDENCE !== 'false',
    },
    canaryPortal: {
      url: portal,
      secret: required('CAUSEWAY_CANARY_SECRET'),
    },
    pushWebhook: {
      url: `${portal}/webhooks/gitea`,
      secret: required('CAUSEWAY_WEBHOOK_SECRET'),
    },
  };
}

function edgePlatform(value = 'k3s'): EdgePlatform {
  if (value === 'k3s' || value === 'kubeedge') return value;
  throw new Error(
    `CAUSEWAY_SIMULATION_PLATFORM must be k3s or kubeedge, not ${value}`,
  );
}

function deviceManagement(value = 'none'): DeviceManagement {
  if (value === 'none' || value === 'kubeedge') return value;
  throw new Error(
    `CAUSEWAY_SIMULATION_DEVICE_MANAGEMENT must be none or kubeedge, not ${value}`,
  );
}

/** The scenarios that run from the beginning. What is wrong with one is said when it is started. */
function firstScenarios(text = '[]'): readonly ScenarioRequest[] {
  const requests: unknown = JSON.parse(text);
  if (Array.isArray(requests)) return requests;
  throw new Error(
    'CAUSEWAY_SIMULATION_SCENARIOS must be a JSON list of scenario requests',
  );
}

async function main(): Promise<void> {
  const running: { world?: World } = {};
  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    // Nothing that is kept is half written at any moment, so a hard end is safe when a part is slow.
    setTimeout(() => process.exit(0), stopWithin).unref();
    await running.world?.stop();
    process.exit(0);
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  const world = await startWorld(settings(process.env));
  running.world = world;
  const first = firstScenarios(process.env.CAUSEWAY_SIMULATION_SCENARIOS);
  for (const request of first) await world.scenarios.start(request);
  const clusters = Object.values(world.clusters).map(({ name, url }) => ({
    name,
    url,
  }));
  process.stdout.write(
    `${JSON.stringify({ event: 'ready', forge: world.forge.url, clusters })}\n`,
  );
}

main().catch(error => {
  process.stderr.write(
    `The simulator could not start: ${
      error instanceof Error ? error.message : error
    }\n`,
  );
  process.exit(1);
});
