// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startForgeAndCi, type ForgeAndCi } from '@causeway/simulator';
import type { Cluster } from '@causeway/test-cluster';
import { bootstrapFlux, unsettled } from './bootstrapFlux';
import { databaseConfig } from './database';
import {
  portalEnvironment,
  worldSecrets,
  type WorldSecrets,
} from './portalEnvironment';
import { freePort } from './ports';
import { startRealClusters, type RealClusters } from './startRealClusters';
import { byName, type Surroundings } from './Surroundings';
import { until } from './until';

/** Generous: four control planes, Flux and 33 fake nodes come up at once. */
const SETTLING_PATIENCE_MS = 120_000;

/**
 * Starts four real control planes with Flux's own controllers, and beside them the demo's forge and
 * CI. Resolves when Flux has deployed the demo services in every cluster.
 */
export async function startRealSurroundings(
  name: string,
): Promise<Surroundings> {
  const database = databaseConfig(`${name}_${randomBytes(4).toString('hex')}_`);
  const dataDirectory = await mkdtemp(join(tmpdir(), `causeway-${name}-`));
  const portalPort = await freePort();
  const secrets = worldSecrets();
  const forge = await startForge(dataDirectory, portalPort, secrets);
  let clusters: RealClusters | undefined;
  const stop = async () => {
    const parts = [forge, ...Object.values(clusters ?? {})];
    await Promise.all(parts.map(part => part.stop()));
    await rm(dataDirectory, { recursive: true, force: true });
  };
  try {
    clusters = await startRealClusters();
    await Promise.all(
      Object.values(clusters).map(cluster => deploy(cluster, forge.url)),
    );
    return surroundingsOf({
      clusters,
      database,
      dataDirectory,
      forge,
      portalPort,
      secrets,
      stop,
    });
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What of the world the portal and the story see. */
function surroundingsOf({
  clusters,
  database,
  dataDirectory,
  forge,
  portalPort,
  secrets,
  stop,
}: Pick<Surroundings, 'dataDirectory' | 'portalPort' | 'stop'> & {
  readonly clusters: RealClusters;
  readonly database: object;
  readonly forge: ForgeAndCi;
  readonly secrets: WorldSecrets;
}): Surroundings {
  const ports = {
    portal: portalPort,
    forge: portOf(forge),
    clusters: byName(cluster => portOf(clusters[cluster])),
  };
  return {
    dataDirectory,
    portalPort,
    environment: portalEnvironment(dataDirectory, ports, secrets),
    overlay: {
      backend: { database },
      kubernetes: kubernetesConfig(Object.values(clusters)),
    },
    forge: forge.url,
    forgePassword: secrets.forgePassword,
    releaseSecret: secrets.releaseSecret,
    cluster: cluster => ({
      url: clusters[cluster].url,
      token: clusters[cluster].token,
      ca: Buffer.from(clusters[cluster].caData, 'base64').toString(),
    }),
    stop,
  };
}

function portOf({ url }: { readonly url: string }): number {
  return Number(new URL(url).port);
}

/** The portal's clusters; a list in a later configuration file replaces the one before. */
function kubernetesConfig(clusters: readonly Cluster[]): object {
  return {
    clusterLocatorMethods: [
      {
        type: 'config',
        clusters: clusters.map(({ name, url, token, caFile }) => ({
          name,
          url,
          authProvider: 'serviceAccount',
          serviceAccountToken: token,
          caFile,
          skipMetricsLookup: true,
        })),
      },
    ],
  };
}

function startForge(
  dataDirectory: string,
  portalPort: number,
  secrets: WorldSecrets,
): Promise<ForgeAndCi> {
  const portal = `http://127.0.0.1:${portalPort}/api/delivery`;
  return startForgeAndCi({
    dataDirectory,
    forgePassword: secrets.forgePassword,
    releaseReport: { url: `${portal}/releases`, secret: secrets.releaseSecret },
    pushWebhook: {
      url: `${portal}/webhooks/gitea`,
      secret: secrets.webhookSecret,
    },
    ciDuration: 0,
    log: line => appendFileSync(join(dataDirectory, 'forge.log'), `${line}\n`),
  });
}

/** Lets Flux follow the fleet repository and waits until it has deployed everything. */
async function deploy(cluster: Cluster, forge: string): Promise<void> {
  await bootstrapFlux(cluster, forge);
  await until(
    `the demo services to run in ${cluster.name}`,
    async () => {
      const problems = await unsettled(cluster);
      if (problems.length > 0) {
        throw new Error(problems.join('; '));
      }
      return true;
    },
    SETTLING_PATIENCE_MS,
  ).catch(async error => {
    throw new Error(`${error.message}\n${await cluster.logs(10)}`, {
      cause: error,
    });
  });
}
