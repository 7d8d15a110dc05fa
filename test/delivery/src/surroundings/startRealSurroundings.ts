// SPDX-License-Identifier: Apache-2.0
import { createHmac, randomBytes } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  startForgeAndCi,
  type ForgeAndCi,
  type TrafficOptions,
} from '@causeway/simulator';
import type { Cluster } from '@causeway/test-cluster';
import { CoreV1Api } from '@kubernetes/client-node';
import { bootstrapFlux, unsettled } from './bootstrapFlux';
import { databaseConfig } from './database';
import {
  portalEnvironment,
  worldSecrets,
  type WorldSecrets,
} from './portalEnvironment';
import { kubeConfigOf } from './kubeConfigOf';
import { createPortalAccount } from './portalAccount';
import { freePortRange } from './ports';
import { startRealClusters, type RealClusters } from './startRealClusters';
import { startTraffic, type MeasuredTraffic } from './startTraffic';
import {
  byName,
  type ClusterAddress,
  type ClusterName,
  type Surroundings,
} from './Surroundings';
import { until } from './until';

/** Generous: four control planes, Flux and 33 fake nodes come up at once. */
const SETTLING_PATIENCE_MS = 300_000;

/** Surroundings whose clusters are real. */
export interface RealSurroundings extends Surroundings {
  /** Stops the API server of a cluster in the middle of everything: its connections stay open and silent. */
  freeze(name: ClusterName): void;
  /** Lets a frozen API server go on. */
  thaw(name: ClusterName): void;
}

/**
 * Starts four real control planes with Flux's own controllers, Flagger, Argo Rollouts and Prometheus in cloud
 * production, and beside them the demo's forge and CI. Resolves when Flux has deployed the demo services in every cluster. The portal gets the
 * account that the documentation asks for; the story's own looks at clusters are an administrator's.
 * @param profiles - what is fixed about the traffic of services, by `namespace/name`
 */
export async function startRealSurroundings(
  name: string,
  profiles: TrafficOptions['profiles'] = {},
): Promise<RealSurroundings> {
  const database = databaseConfig(`${name}_${randomBytes(4).toString('hex')}_`);
  const dataDirectory = await mkdtemp(join(tmpdir(), `causeway-${name}-`));
  const portalPort = await freePortRange(1);
  const secrets = worldSecrets();
  const forge = await startForge(dataDirectory, portalPort, secrets);
  let traffic: MeasuredTraffic | undefined;
  let clusters: RealClusters | undefined;
  const stop = async () => {
    await traffic?.stop();
    const parts = [forge, ...Object.values(clusters ?? {})];
    await Promise.all(parts.map(part => part.stop()));
    await rm(dataDirectory, { recursive: true, force: true });
  };
  try {
    traffic = await startTraffic(profiles);
    clusters = await startRealClusters(traffic.url);
    await traffic.follow(clusters['cloud-production']);
    const portal = portalApi(portalPort);
    const prepared = await Promise.all(
      Object.values(clusters).map(async cluster => {
        const key = clusterKey(secrets.canarySecret, cluster.name);
        return prepare(cluster, forge.url, { portal, key });
      }),
    );
    const ports = {
      portal: portalPort,
      forge: portOf(forge),
      clusters: portsOf(clusters),
    };
    return {
      dataDirectory,
      portalPort,
      environment: portalEnvironment(dataDirectory, ports, secrets),
      overlay: {
        backend: { database },
        kubernetes: {
          // A list in a later configuration file replaces the one before.
          clusterLocatorMethods: [{ type: 'config', clusters: prepared }],
        },
        delivery: {
          prometheus: [
            {
              name: 'cloud-production',
              url: traffic.url,
              clusters: ['cloud-production'],
            },
          ],
        },
      },
      forge: forge.url,
      forgePassword: secrets.forgePassword,
      releaseSecret: secrets.releaseSecret,
      ...accessTo(clusters),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What the story does to the clusters past the portal. */
function accessTo(
  clusters: RealClusters,
): Pick<RealSurroundings, 'cluster' | 'freeze' | 'thaw'> {
  const signal = (name: ClusterName, what: NodeJS.Signals) => {
    const server = clusters[name].processes.find(
      process => process.name === 'kube-apiserver',
    );
    if (!server) throw new Error(`${name} runs no API server`);
    process.kill(server.pid, what);
  };
  return {
    cluster: name => addressOf(clusters[name]),
    freeze: name => signal(name, 'SIGSTOP'),
    thaw: name => signal(name, 'SIGCONT'),
  };
}

/** As docs/canary.md says that it is made. */
function clusterKey(secret: string, cluster: string): string {
  return createHmac('sha256', secret).update(`canary:${cluster}`).digest('hex');
}

function portsOf(
  clusters: RealClusters,
): Readonly<Record<ClusterName, number>> {
  return byName(name => portOf(clusters[name]));
}

function portalApi(port: number): string {
  return `http://127.0.0.1:${port}/api/delivery`;
}

function portOf({ url }: { readonly url: string }): number {
  return Number(new URL(url).port);
}

function addressOf({ url, token, caData }: Cluster): ClusterAddress {
  return { url, token, ca: Buffer.from(caData, 'base64').toString() };
}

function startForge(
  dataDirectory: string,
  portalPort: number,
  secrets: WorldSecrets,
): Promise<ForgeAndCi> {
  const portal = portalApi(portalPort);
  return startForgeAndCi({
    dataDirectory,
    forgePassword: secrets.forgePassword,
    releaseReport: {
      url: `${portal}/releases`,
      secret: secrets.releaseSecret,
      // Much at the beginning, and no story is about it.
      evidence: false,
    },
    pushWebhook: {
      url: `${portal}/webhooks/gitea`,
      secret: secrets.webhookSecret,
    },
    ciDuration: 0,
    controlToken: secrets.clusterToken,
    log: line => appendFileSync(join(dataDirectory, 'forge.log'), `${line}\n`),
  });
}

/** Where the portal is, and how a cluster proves who it is. */
interface PortalAccess {
  readonly portal: string;
  readonly key: string;
}

/**
 * Gives the portal its account and the cluster its key, lets Flux follow the fleet repository and waits until it has
 * deployed everything. Returns the cluster as the portal's configuration names it.
 */
async function prepare(
  cluster: Cluster,
  forge: string,
  { portal, key }: PortalAccess,
): Promise<object> {
  const { name, url, caFile } = cluster;
  const config = kubeConfigOf(addressOf(cluster));
  const serviceAccountToken = await createPortalAccount(config);
  await config.makeApiClient(CoreV1Api).createNamespacedSecret({
    namespace: 'flux-system',
    body: {
      metadata: { name: 'causeway' },
      stringData: {
        causeway_url: portal,
        causeway_cluster: name,
        causeway_key: key,
      },
    },
  });
  await bootstrapFlux(name, config, forge);
  await until(
    `the demo services to run in ${name}`,
    async () => {
      const problems = await unsettled(config);
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
  return {
    name,
    url,
    authProvider: 'serviceAccount',
    serviceAccountToken,
    caFile,
    skipMetricsLookup: true,
  };
}
