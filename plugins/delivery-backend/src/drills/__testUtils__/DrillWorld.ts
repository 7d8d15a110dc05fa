// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigReader } from '@backstage/config';
import {
  parseImage,
  parsePipeline,
  type Drill,
  type Pipeline,
} from '@causeway/plugin-delivery-common';
import {
  acceleratedScheduler,
  startWorld,
  type World,
} from '@causeway/simulator';
import type { Knex } from 'knex';
import { DatabaseEventLog } from '../../audit/DatabaseEventLog';
import { FleetTelemetry } from '../../fleet/FleetTelemetry';
import { readDeviceConfig } from '../../fleet/readDeviceConfig';
import { WatchedFleet } from '../../fleet/__testUtils__/WatchedFleet';
import { prometheusSources } from '../../monitoring/createCanaryMetrics';
import { defaultPrometheusLimits } from '../../monitoring/PrometheusClient';
import { MemoryReleases } from '../../promotions/__fixtures__/memoryWorld';
import { silentLogger } from '../../testing/silentLogger';
import { createDrills, type DrillService } from '../createDrills';
import type { DrillPoint } from '../DrillRunner';
import type { DrillPerson } from '../Drills';
import { DrillStore } from '../DrillStore';
import { SimulatedFaults } from '../simulator/SimulatedFaults';

export const stage = 'edge-staging';
export const service = 'component:default/parcel-vision';
const image = 'registry.norden.example/parcel-vision';
const token = 'token-of-a-test';
const everywhere = { allows: () => true };

/** Somebody who may do everything. */
export const person = (name: string): DrillPerson => ({
  actor: `user:default/${name}`,
  sees: everywhere,
  mayRun: everywhere,
  maySign: everywhere,
});

const document = `apiVersion: causeway.dev/v1
kind: Pipeline
images: [${image}]
namespace: sorting
stages:
  - { name: ${stage}, kind: edge, targets: [${stage}], drills: { sitePercent: 34 } }
`;

/** The portal as one process. */
export interface DrillProcess extends DrillService {
  readonly store: DrillStore;
}

/** The laboratory of the demo in fast time, seen and troubled as a portal does it, on a real database. */
export class DrillWorld {
  readonly #closing: (() => Promise<unknown>)[] = [];
  readonly #releases = new MemoryReleases();
  #reading: NodeJS.Timeout | undefined;

  private constructor(
    readonly world: World,
    readonly watched: WatchedFleet,
    private readonly scheduler: ReturnType<typeof acceleratedScheduler>,
    private readonly database: Knex,
  ) {}

  static async start(database: Knex, rate: number): Promise<DrillWorld> {
    const scheduler = acceleratedScheduler(rate);
    const directory = await mkdtemp(join(tmpdir(), 'causeway-drill-'));
    const world = await startWorld({
      dataDirectory: directory,
      secrets: { clusterToken: token, forgePassword: 'forge' },
      scheduler,
      only: [stage],
      ciDuration: 0,
      podTimes: { start: 2_000, stop: 1_000 },
      patience: 600_000,
      log: () => undefined,
    });
    const { name, url, caFile, metrics } = world.clusters[stage];
    const config = new ConfigReader({
      delivery: { prometheus: [{ name, url: metrics, clusters: [name] }] },
    });
    const settings = readDeviceConfig(config, { byUrl: () => undefined });
    const watched = WatchedFleet.start([{ name, url, token, caFile }], {
      clock: scheduler.now,
      interval: 50,
      looksUntilSearch: 1,
      ...settings,
    });
    const telemetry = new FleetTelemetry({
      sources: prometheusSources(config, defaultPrometheusLimits),
      fleet: watched.fleet,
      logger: silentLogger,
      interval: 1_000_000,
      nodeLabel: settings.nodeLabel,
    });
    const made = new DrillWorld(world, watched, scheduler, database);
    made.#closing.push(
      () => rm(directory, { recursive: true, force: true }),
      () => world.stop(),
      () => watched.stop(),
      () => telemetry.stop(),
    );
    // Ten seconds of this world at the usual rate: more often than a portal reads, and seldom enough.
    const read = async () => {
      await telemetry.read();
      made.#reading = setTimeout(read, 300);
    };
    await read();
    await watched.until(() => made.#hasBegun());
    made.#report();
    return made;
  }

  async stop(): Promise<void> {
    clearTimeout(this.#reading);
    for (const end of this.#closing.reverse()) await end();
  }

  /** The portal begins anew, as after a restart; it has nothing in memory. */
  startPortal(
    options: {
      readonly onPoint?: (point: DrillPoint) => Promise<void> | void;
      readonly longestGap?: number;
    } = {},
  ): DrillProcess {
    const { database, scheduler, watched } = this;
    const clock = scheduler.now;
    const log = new DatabaseEventLog({ database, clock });
    const store = new DrillStore({ database, log, clock });
    const { hardware } = readDeviceConfig(new ConfigReader({}), {
      byUrl: () => undefined,
    });
    const drills = createDrills({
      store,
      fleet: watched.fleet,
      hardware,
      pipelines: { list: () => [aPipeline()] },
      releases: this.#releases,
      executors: [new SimulatedFaults(this.world.forge.url, token)],
      clock,
      logger: silentLogger,
      signals: { publish: async () => undefined },
      run: randomUUID(),
      changed: () => undefined,
      // A busy machine may stand still for minutes of this world.
      patience: {
        longestGap: options.longestGap ?? 86_400_000,
        begin: 600_000,
      },
      runner: { beat: 20, pace: 2_000, onPoint: options.onPoint },
    });
    drills.start();
    let isStopped = false;
    const stop = async () => {
      if (isStopped) return;
      isStopped = true;
      await drills.stop();
    };
    this.#closing.push(stop);
    return { ...drills, stop, store };
  }

  /** Devices that may be drilled now. */
  async devices(
    portal: DrillProcess,
    kind: string,
  ): Promise<readonly string[]> {
    const wish = { service, stage, kind };
    const found = await portal.drills.candidates(wish, person('ines'));
    return found
      .filter(({ refusal }) => !refusal)
      .map(({ device }) => device.id);
  }

  /** Starts a drill on the first device that may be drilled, once there is one. */
  async drill(portal: DrillProcess, kind: string): Promise<Drill> {
    let devices: readonly string[] = [];
    await this.watched.until(async () => {
      devices = (await this.devices(portal, kind)).slice(0, 1);
      return devices.length > 0;
    });
    const wish = { service, stage, kind, devices, reason: 'A test.' };
    return (await portal.drills.start(wish, person('ines'))).drill;
  }

  /** Waits until a drill looks so. */
  async until(
    portal: Pick<DrillProcess, 'store'>,
    { order }: Drill,
    isSo: (drill: Drill) => boolean,
  ): Promise<Drill> {
    let seen: Drill | undefined;
    await this.watched.until(async () => {
      seen = (await portal.store.get(order.id))?.drill;
      return seen !== undefined && isSo(seen);
    });
    if (!seen) throw new Error('There is no such drill');
    return seen;
  }

  now(): number {
    return this.scheduler.now().getTime();
  }

  /** Names of the scenarios that run now. */
  running(): readonly string[] {
    return this.world.scenarios
      .runs()
      .filter(({ state }) => state === 'running')
      .map(({ scenario }) => scenario);
  }

  #hasBegun(): boolean {
    const devices = [...this.watched.fleet.entries()];
    return (
      devices.length === 3 &&
      devices.every(({ connectivity }) => connectivity === 'live') &&
      devices.some(({ axes }) => axes.applications.state === 'healthy') &&
      this.#digest() !== undefined
    );
  }

  #digest(): string | undefined {
    return this.watched.fleet
      .clusters()
      .flatMap(cluster =>
        [...cluster.deviceNames()].flatMap(node => cluster.podsOn(node)),
      )
      .flatMap(({ images }) => images)
      .map(parseImage)
      .find(found => found?.name === image)?.digest;
  }

  #report(): void {
    this.#releases.report({
      id: 'release-1',
      service,
      version: '2.7.3',
      commit: {
        sha: '1'.repeat(40),
        message: 'A change',
        author: 'Nils Berg',
        time: this.scheduler.now().toISOString(),
      },
      images: [{ name: image, tag: '2.7.3', digest: this.#digest() ?? '' }],
      reportedAt: this.scheduler.now().toISOString(),
    });
  }
}

function aPipeline(): Pipeline {
  const { pipeline, problems } = parsePipeline(document, {
    service,
    defaults: {
      fleet: { repository: 'https://git.example/fleet', branch: 'main' },
    },
  });
  if (!pipeline) throw new Error(JSON.stringify(problems));
  return pipeline;
}
