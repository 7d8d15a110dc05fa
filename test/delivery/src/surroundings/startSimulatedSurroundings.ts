// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ScenarioRequest } from '@causeway/plugin-simulation-common';
import { databaseConfig } from './database';
import { NodeProcess } from './NodeProcess';
import { portalEnvironment, worldSecrets } from './portalEnvironment';
import { freePortRange } from './ports';
import { byName, clusterNames, type Surroundings } from './Surroundings';

/** Surroundings in which the clusters can be made to misbehave. */
export interface SimulatedSurroundings extends Surroundings {
  /** Makes a cluster slow, silent, refusing, or well again. */
  breakCluster(
    name: string,
    fault: 'slow' | 'hang' | 'error' | 'forbidden' | 'refuse' | 'none',
  ): Promise<void>;
  /** Makes the forge refuse pushes or not answer at all. */
  breakForge(
    fault: 'refusePush' | 'down' | 'none',
    count?: number,
  ): Promise<void>;
}

/**
 * Starts the simulator as a process, as `npm start` does, and waits until its services run.
 * @param scenarios - what happens in it from the beginning
 * @param how - whether CI sends the evidence of its releases, of which there is much at the beginning
 */
export async function startSimulatedSurroundings(
  name: string,
  scenarios: readonly ScenarioRequest[] = [],
  how: { readonly evidence?: boolean } = {},
): Promise<SimulatedSurroundings> {
  const database = databaseConfig(`${name}_${randomBytes(4).toString('hex')}_`);
  const dataDirectory = await mkdtemp(join(tmpdir(), `causeway-${name}-`));
  const port = await freePortRange(6);
  const portalPort = port + 5;
  const secrets = worldSecrets();
  const environment = portalEnvironment(
    dataDirectory,
    {
      portal: portalPort,
      forge: port,
      clusters: byName(cluster => port + 1 + clusterNames.indexOf(cluster)),
    },
    secrets,
  );
  const forge = `http://127.0.0.1:${port}`;
  const simulator = await NodeProcess.start({
    entry: 'packages/simulator/src/main.ts',
    environment: {
      ...environment,
      CAUSEWAY_CI_DURATION: '0',
      CAUSEWAY_CI_EVIDENCE: String(how.evidence ?? true),
      CAUSEWAY_SIMULATION_SCENARIOS: JSON.stringify(scenarios),
    },
    logFile: join(dataDirectory, 'logs/simulator.log'),
  });
  try {
    await simulator.untilReady('the simulated world', async () => {
      const response = await fetch(`${forge}/simulation/health`);
      await response.arrayBuffer();
      return response.ok;
    });
  } catch (error) {
    await simulator.end('SIGTERM');
    throw error;
  }

  async function fault(path: string, body: object): Promise<void> {
    const response = await fetch(`${forge}/simulation/${path}/fault`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${secrets.clusterToken}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify(body),
    });
    if (!response.ok) {
      throw new Error(
        `The simulator refused the fault: ${await response.text()}`,
      );
    }
  }

  return {
    dataDirectory,
    portalPort,
    environment,
    overlay: {
      backend: { database },
    },
    forge,
    forgePassword: secrets.forgePassword,
    releaseSecret: secrets.releaseSecret,
    cluster: cluster => ({
      url: `https://127.0.0.1:${port + 1 + clusterNames.indexOf(cluster)}`,
      token: secrets.clusterToken,
      ca: readFileSync(join(dataDirectory, 'simulator/ca.crt'), 'utf8'),
    }),
    breakCluster: (cluster, kind) => fault(`clusters/${cluster}`, { kind }),
    breakForge: (kind, count) => fault('forge', { kind, count }),
    async stop() {
      await simulator.end('SIGTERM');
      await rm(dataDirectory, { recursive: true, force: true });
    },
  };
}
