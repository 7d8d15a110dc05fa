// SPDX-License-Identifier: Apache-2.0
import { createKustomize } from '@causeway/kustomize';
import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Faults } from '../apiserver';
import type { ContinuousIntegration } from '../ci/ContinuousIntegration';
import type { ReportTarget } from '../ci/Outbox';
import type { Run } from '../ci/Run';
import { Renderer } from '../controllers/flux/Renderer';
import { RenderingCache } from '../controllers/flux/RenderingCache';
import type { PodTimes } from '../controllers/workloads/kubeletController';
import type { Forge } from '../forge/Forge';
import type { RunningForge } from '../forge/startForge';
import { Clock, Scheduler, systemScheduler } from '../time/Scheduler';
import { certificates } from './certificates';
import { controlRoutes } from './controlRoutes';
import { clusters as clusterNames, DemoCluster } from './demo/services';
import { startDemoCi, startDemoForge } from './forgeAndCi';
import { writeKubeConfig } from './kubeconfig';
import { SimulatedCluster } from './SimulatedCluster';

/** Ports of the world, all on 127.0.0.1. */
export interface WorldPorts {
  /** Forge and control API. */
  readonly forge: number;
  /** In the order cloud-staging, cloud-production, edge-staging, edge-production. */
  readonly clusters: readonly number[];
}

/** What only those who may use the world know. */
export interface WorldSecrets {
  /** Bearer token of every cluster, and of changes by the control API. */
  readonly clusterToken: string;
  /** Password of every account of the forge. */
  readonly forgePassword: string;
}

/** Settings of the simulated world. */
export interface WorldOptions {
  /** Everything that is kept goes below this folder. */
  readonly dataDirectory: string;
  /** Fixed ports, or free ones. Default `free`. */
  readonly ports?: WorldPorts | 'free';
  readonly secrets: WorldSecrets;
  readonly clock?: Clock;
  /** Decides what is random about the world. Default 1. */
  readonly seed?: number;
  /** Where CI reports releases; nowhere when left out. */
  readonly releaseReport?: ReportTarget;
  /** Who is told of pushes; nobody when left out. */
  readonly pushWebhook?: { readonly url: string; readonly secret: string };
  /** How long the jobs of a CI run take in all, in milliseconds. Default 4,000. */
  readonly ciDuration?: number;
  readonly podTimes?: Partial<PodTimes>;
  /** How long to wait for the demo services, in milliseconds; the world goes on without those that are not ready then. Default 20,000. */
  readonly patience?: number;
  readonly log?: (line: string) => void;
}

/** One cluster of a running world. */
export interface WorldCluster {
  readonly name: string;
  readonly url: string;
  readonly token: string;
  readonly caFile: string;
  /** A kubeconfig that has a context with this cluster's name. */
  readonly kubeconfigFile: string;
  /** What is wrong with its API server on demand. */
  readonly faults: Faults;
}

/** The running demo world. */
export interface World {
  readonly forge: { readonly url: string; readonly forge: Forge };
  readonly clusters: Readonly<Record<DemoCluster, WorldCluster>>;
  /** All CI runs, newest first. */
  readonly runs: () => readonly Run[];
  /** Resolves when no CI run is under way. */
  readonly ciIdle: () => Promise<void>;
  /** Ends everything and resolves when nothing runs any more. */
  stop(): Promise<void>;
}

/** Milliseconds between two looks at a cluster that is coming up. */
const lookInterval = 250;

const clusterPorts = (ports: WorldPorts | 'free') =>
  ports === 'free' ? clusterNames.map(() => 0) : ports.clusters;

class StartingWorld {
  readonly #scheduler: Scheduler;
  readonly #kustomize = createKustomize();
  readonly #clusters: SimulatedCluster[] = [];
  readonly #directory: string;
  readonly #log: (line: string) => void;
  #forge: RunningForge | undefined;
  #ci: ContinuousIntegration | undefined;
  #renderer: Renderer | undefined;
  #warmUp: Promise<void> | undefined;
  readonly #stopping = new AbortController();
  #pending: readonly string[] | undefined = ['The world is being made'];
  #stopped: Promise<void> | undefined;

  constructor(private readonly options: WorldOptions) {
    this.#scheduler = systemScheduler(options.clock);
    this.#directory = join(options.dataDirectory, 'simulator');
    this.#log = options.log ?? (line => process.stderr.write(`${line}\n`));
  }

  async start(): Promise<World> {
    const { dataDirectory, ports = 'free' } = this.options;
    await mkdir(this.#directory, { recursive: true });
    const trust = await certificates(this.#directory, this.#scheduler.now());
    const forge = await this.#startForge(ports === 'free' ? 0 : ports.forge);
    await this.#startClusters(clusterPorts(ports), trust, forge);
    const kubeconfigFile = join(dataDirectory, 'kubeconfig');
    await writeKubeConfig(
      kubeconfigFile,
      this.#clusters.map(({ access }) => access),
    );
    const ci = await this.#startCi(forge);
    await this.#untilSettled();
    this.#warmUp = this.#renderer?.warmUp(this.#stopping.signal);
    const clusters = this.#clusters.map(({ name, access, api }) => {
      const { url, token } = access;
      return [
        name,
        {
          name,
          url,
          token,
          caFile: trust.caFile,
          kubeconfigFile,
          faults: api.faults,
        },
      ];
    });
    return {
      forge: { url: forge.url, forge: forge.forge },
      clusters: Object.fromEntries(clusters) as Record<
        DemoCluster,
        WorldCluster
      >,
      runs: () => ci.runs.list(),
      ciIdle: () => ci.idle(),
      stop: () => this.stop(),
    };
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#end();
    return this.#stopped;
  }

  async #end(): Promise<void> {
    this.#stopping.abort();
    await this.#ci?.stop();
    await Promise.all(this.#clusters.map(cluster => cluster.stop()));
    this.#scheduler.stop();
    await this.#warmUp;
    await this.#kustomize.dispose();
    await this.#forge?.stop();
  }

  async #startForge(port: number): Promise<RunningForge> {
    const { secrets, pushWebhook } = this.options;
    const forge = await startDemoForge({
      directory: this.#directory,
      port,
      password: secrets.forgePassword,
      clock: this.#scheduler.now,
      pushWebhook,
      simulation: controlRoutes({
        pending: () => this.#pending,
        clusters: () =>
          this.#clusters.map(({ name, access, api }) => ({
            name,
            url: access.url,
            faults: api.faults,
          })),
        forgeFaults: () => this.#forge?.forge.faults,
        runs: () => this.#ci?.runs.list() ?? [],
        token: secrets.clusterToken,
      }),
      log: this.#log,
    });
    this.#forge = forge;
    return forge;
  }

  async #startClusters(
    ports: readonly number[],
    trust: Awaited<ReturnType<typeof certificates>>,
    { forge }: RunningForge,
  ): Promise<void> {
    const fleet = forge.repository('norden/fleet');
    if (!fleet) throw new Error('The forge has no repository norden/fleet');
    const cache = await renderingCache(join(this.#directory, 'renderings'));
    this.#renderer = new Renderer(this.#kustomize, cache);
    const renderer = this.#renderer;
    const started = await Promise.allSettled(
      clusterNames.map((name, index) =>
        SimulatedCluster.start({
          name,
          port: ports[index],
          token: this.options.secrets.clusterToken,
          certificates: trust,
          scheduler: this.#scheduler,
          renderer,
          fleet: fleet.git,
          directory: join(this.#directory, 'sources'),
          podTimes: this.options.podTimes,
          seed: this.options.seed ?? 1,
          log: this.#log,
        }),
      ),
    );
    for (const result of started)
      if (result.status === 'fulfilled') this.#clusters.push(result.value);
    const failed = started.find(
      (result): result is PromiseRejectedResult => result.status === 'rejected',
    );
    if (failed) throw failed.reason;
  }

  async #startCi(forge: RunningForge): Promise<ContinuousIntegration> {
    this.#ci = await startDemoCi(forge, {
      directory: this.#directory,
      scheduler: this.#scheduler,
      runDuration: this.options.ciDuration ?? 4_000,
      reports: this.options.releaseReport,
      log: this.#log,
    });
    return this.#ci;
  }

  /** A release that does not come up must not keep the whole demo from starting, so patience ends. */
  async #untilSettled(): Promise<void> {
    const { patience = 20_000 } = this.options;
    const giveUpAt = this.#scheduler.now().getTime() + patience;
    const open = new Map(
      this.#clusters.map(({ name }) => [name, [`${name} has just started`]]),
    );
    await Promise.all(
      this.#clusters.map(async cluster => {
        while (this.#stopped === undefined) {
          const sentences = await cluster.unsettled();
          open.set(cluster.name, [...sentences]);
          this.#pending = [...open.values()].flat();
          if (
            sentences.length === 0 ||
            this.#scheduler.now().getTime() > giveUpAt
          )
            return;
          await this.#scheduler.sleep(lookInterval);
        }
      }),
    );
    for (const sentence of [...open.values()].flat())
      this.#log(`started without waiting longer: ${sentence}`);
    this.#pending = undefined;
  }
}

/** The cache of renderings for the kustomize that is installed; none when its identity cannot be read. */
async function renderingCache(
  directory: string,
): Promise<RenderingCache | undefined> {
  try {
    const kustomize = dirname(
      require.resolve('@causeway/kustomize/package.json'),
    );
    const identity = await readFile(join(kustomize, 'wasm', 'kustomize.json'));
    const version = createHash('sha256')
      .update(identity)
      .digest('hex')
      .slice(0, 16);
    const cache = new RenderingCache(join(directory, version));
    await cache.tidy();
    return cache;
  } catch {
    return undefined;
  }
}

/**
 * Starts the demo world: forge with its repositories, CI, and four clusters that
 * follow the fleet repository. Resolves when the demo services run. State of the
 * forge and CI is kept below the data folder; clusters come up from Git each time.
 */
export async function startWorld(options: WorldOptions): Promise<World> {
  const world = new StartingWorld(options);
  try {
    return await world.start();
  } catch (error) {
    await world.stop();
    throw error;
  }
}
