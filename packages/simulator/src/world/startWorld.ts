// SPDX-License-Identifier: Apache-2.0
import { createKustomize } from '@causeway/kustomize';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContinuousIntegration } from '../ci/ContinuousIntegration';
import { GitSources } from '../controllers/flux/GitSources';
import { Renderer } from '../controllers/flux/Renderer';
import { DeviceWorld } from '../devices/DeviceWorld';
import { FleetPlan, planFleet } from '../devices/planFleet';
import type { RunningForge } from '../forge/startForge';
import { Traffic } from '../metrics/Traffic';
import { ChunkBudget } from '../metrics/traffic/CounterTable';
import { TrafficEffects } from '../metrics/traffic/effects';
import type { ScenarioRunner } from '../scenarios/ScenarioRunner';
import { startScenarios } from '../scenarios/startScenarios';
import { Scheduler, systemScheduler } from '../time/Scheduler';
import { certificates } from './certificates';
import { controlRoutes } from './controlRoutes';
import {
  clusters as clusterNames,
  DemoCluster,
  services,
} from './demo/services';
import { describeWorld } from './describeWorld';
import { startDemoCi, startDemoForge } from './forgeAndCi';
import { writeKubeConfig } from './kubeconfig';
import { metricsRoutes } from './metricsRoutes';
import { Registry } from './Registry';
import { renderingCache } from './renderingCache';
import { SimulatedCluster } from './SimulatedCluster';
import type { World, WorldOptions } from './World';
import { WorldScale, worldScale } from './worldScale';

/** @throws RangeError when the numbers make no world. */
function planWorld(options: WorldOptions): FleetPlan {
  const { seed, sites, devices, clusters = clusterNames.length } = options;
  const beside = clusterNames.length - 1;
  if (!Number.isInteger(clusters) || clusters <= beside)
    throw new RangeError(
      `A world has ${clusterNames.length} clusters or more, not ${clusters}.`,
    );
  return planFleet({ seed, sites, devices, clusters: clusters - beside });
}

/** Hours of the counters of pods of all clusters that are kept computed, some 54 MB. */
const computedHours = 1_000;

/** Where the Prometheus of a cluster answers. */
function metricsAddress({ url }: RunningForge, cluster: string): string {
  return `${url}/prometheus/${cluster}`;
}

class StartingWorld {
  readonly #scheduler: Scheduler;
  readonly #devices: DeviceWorld;
  readonly #scale: WorldScale;
  readonly #traffic: TrafficEffects;
  readonly #trafficHistory = new ChunkBudget(computedHours);
  readonly #registry = new Registry();
  readonly #kustomize = createKustomize();
  readonly #clusters: SimulatedCluster[] = [];
  readonly #directory: string;
  readonly #log: (line: string) => void;
  #forge: RunningForge | undefined;
  #ci: ContinuousIntegration | undefined;
  #renderer: Renderer | undefined;
  #scenarios: ScenarioRunner | undefined;
  #warmUp: Promise<void> | undefined;
  readonly #stopping = new AbortController();
  #pending: readonly string[] | undefined = ['The world is being made'];
  #stopped: Promise<void> | undefined;

  constructor(private readonly options: WorldOptions) {
    this.#scheduler = options.scheduler ?? systemScheduler(options.clock);
    this.#devices = new DeviceWorld({
      plan: planWorld(options),
      clock: this.#scheduler.now,
    });
    this.#scale = worldScale(
      this.#devices.plan.devices.length,
      options.clusters ?? clusterNames.length,
    );
    this.#traffic = new TrafficEffects(this.#scheduler.now);
    this.#directory = join(options.dataDirectory, 'simulator');
    this.#log = options.log ?? (line => process.stderr.write(`${line}\n`));
  }

  async start(): Promise<World> {
    const { dataDirectory, ports = 'free' } = this.options;
    await mkdir(this.#directory, { recursive: true });
    const trust = await certificates(this.#directory, this.#scheduler.now());
    const forge = await this.#startForge(ports === 'free' ? 0 : ports.forge);
    await this.#startClusters(
      ports === 'free' ? [] : ports.clusters,
      trust,
      forge,
    );
    const kubeconfigFile = join(dataDirectory, 'kubeconfig');
    await writeKubeConfig(
      kubeconfigFile,
      this.#clusters.map(({ access }) => access),
    );
    const ci = await this.#startCi(forge);
    const scenarios = this.#startScenarios(forge);
    await this.#untilSettled();
    this.#warmUp = this.#renderer?.warmUp(this.#stopping.signal);
    const clusters = this.#clusters.map(({ name, access, api, traffic }) => {
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
          metrics: metricsAddress(forge, name),
          traffic,
        },
      ];
    });
    return {
      forge: { url: forge.url, forge: forge.forge },
      clusters: Object.fromEntries(clusters) as World['clusters'],
      devices: this.#devices,
      traffic: this.#traffic,
      ci: ci.effects,
      runs: () => ci.runs.list(),
      scenarios,
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
    await this.#scenarios?.close();
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
        scenarios: () => this.#scenarios,
        describeWorld: () => this.#describe(),
        token: secrets.clusterToken,
      }),
      metrics: metricsRoutes({
        clock: this.#scheduler.now,
        sourcesOf: name =>
          this.#clusters.find(cluster => cluster.name === name)?.metrics,
      }),
      log: this.#log,
    });
    this.#forge = forge;
    return forge;
  }

  async #startClusters(
    ports: readonly number[],
    trust: Awaited<ReturnType<typeof certificates>>,
    running: RunningForge,
  ): Promise<void> {
    const fleet = running.forge.repository('norden/fleet');
    if (!fleet) throw new Error('The forge has no repository norden/fleet');
    const cache = await renderingCache(join(this.#directory, 'renderings'));
    this.#renderer = new Renderer(this.#kustomize, cache);
    const renderer = this.#renderer;
    const sources = new GitSources(join(this.#directory, 'sources'));
    const { plan } = this.#devices;
    const further = plan.clusters.slice(1).map(name => {
      const follows: DemoCluster = 'edge-production';
      return { name, follows };
    });
    const { only = clusterNames } = this.options;
    const names = [...only.map(name => ({ name, follows: name })), ...further];
    const { heartbeatInterval, historyLimit, startsAtOnce, daemonsEverywhere } =
      this.#scale;
    const daemons = services
      .filter(({ waveIn = [] }) => waveIn.length > 0)
      .map(service => service.name);
    const start = ({ name, follows }: (typeof names)[number], index: number) =>
      SimulatedCluster.start({
        name,
        follows,
        port: ports[index] ?? 0,
        token: this.options.secrets.clusterToken,
        certificates: trust,
        scheduler: this.#scheduler,
        renderer,
        fleet: fleet.git,
        sources,
        podTimes: this.options.podTimes,
        devices: this.#devices,
        registry: this.#registry,
        edgePlatform: this.options.edgePlatform ?? 'k3s',
        deviceManagement: this.options.deviceManagement ?? 'none',
        heartbeatInterval,
        historyLimit,
        traffic: this.#trafficOf(name),
        metricsServer: metricsAddress(running, name),
        portal: this.options.canaryPortal,
        suspended: name === follows || daemonsEverywhere ? [] : daemons,
        log: this.#log,
      });
    const started = new Map<number, SimulatedCluster>();
    const waiting = names.entries();
    const startSome = async () => {
      for (const [index, each] of waiting)
        started.set(index, await start(each, index));
    };
    const results = await Promise.allSettled(
      Array.from({ length: startsAtOnce }, startSome),
    );
    for (const index of names.keys()) {
      const cluster = started.get(index);
      if (cluster) this.#clusters.push(cluster);
    }
    const failed = results.find(
      (result): result is PromiseRejectedResult => result.status === 'rejected',
    );
    if (failed) throw failed.reason;
  }

  #trafficOf(cluster: string): Traffic {
    return new Traffic({
      seed: `${this.options.seed ?? 1} ${cluster}`,
      clock: this.#scheduler.now,
      cluster,
      effects: this.#traffic,
      budget: this.#trafficHistory,
    });
  }

  #startScenarios({ forge }: RunningForge): ScenarioRunner {
    this.#scenarios = startScenarios({
      scheduler: this.#scheduler,
      seed: this.options.seed ?? 1,
      clusters: this.#clusters.map(({ name, api }) => ({
        name,
        faults: api.faults,
      })),
      forge,
      services: services.map(({ name }) => name),
      traffic: this.#traffic,
      registry: this.#registry,
      ci: this.#ci?.effects,
      devices: this.#devices,
      log: this.#log,
    });
    return this.#scenarios;
  }

  #describe() {
    return describeWorld({
      now: this.#scheduler.now(),
      seed: this.options.seed ?? 1,
      clusters: this.#clusters.map(({ name, api }) => ({
        name,
        faults: api.faults,
      })),
      devices: this.#devices.plan.devices.map(({ site }) => ({
        site: site.name,
      })),
      services: services.length,
      runs: this.#scenarios?.runningCount ?? 0,
    });
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
    const { lookInterval } = this.#scale;
    const { patience = this.#scale.patience } = this.options;
    const giveUpAt = this.#scheduler.now().getTime() + patience;
    const open = new Map(
      this.#clusters.map(({ name }) => [name, [`${name} has just started`]]),
    );
    await Promise.all(
      this.#clusters.map(async cluster => {
        while (this.#stopped === undefined) {
          const sentences = await lookAt(cluster);
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

/** What a cluster still waits for; one that is too busy to say so is looked at again. */
function lookAt(cluster: SimulatedCluster): Promise<readonly string[]> {
  return cluster
    .unsettled()
    .catch(error => [`${cluster.name} does not answer: ${error}`]);
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
