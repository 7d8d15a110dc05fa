// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigReader } from '@backstage/config';
import { ScmIntegrations } from '@backstage/integration';
import { createKustomize } from '@causeway/kustomize';
import {
  parseImage,
  parsePipeline,
  type Pipeline,
  type Promotion,
  type Release,
  type WaveView,
} from '@causeway/plugin-delivery-common';
import {
  acceleratedScheduler,
  probeImage,
  startWorld,
  type World,
} from '@causeway/simulator';
import type { Knex } from 'knex';
import { silentLogger } from '../../testing/silentLogger';
import { WatchedFleet } from '../../fleet/__testUtils__/WatchedFleet';
import { readDeviceConfig } from '../../fleet/readDeviceConfig';
import { GitFleetRepositories } from '../../gitops/GitFleetRepositories';
import { createCanaryMetrics } from '../../monitoring/createCanaryMetrics';
import { accepted, until } from '../../promotions/__fixtures__/engines';
import {
  MemoryActors,
  MemoryPipelines,
  MemoryReleases,
} from '../../promotions/__fixtures__/memoryWorld';
import {
  createPromotionEngine,
  type PromotionEngine,
} from '../../promotions/createPromotionEngine';
import { createWaves, type Waves } from '../createWaves';
import { steerWave } from '../steerWave';
import { giveNodeGroups, giveOverlays } from './giveOverlays';
import type { WaveStep } from '../WaveSteps';

export const stage = 'edge-production';
export const service = 'component:default/belt-control';
const image = 'registry.norden.example/belt-control';
export const ines = 'user:default/ines';

/** Fails on devices whose network loses too much. */
const uplink = {
  name: 'uplink',
  image: probeImage,
  command: ['/probe'],
  timeout: 60,
  start: 120,
};

const targetsOfDaemonSets = [
  `{ cluster: ${stage}, variant: jetson }`,
  `{ cluster: ${stage}, variant: raspberry-pi }`,
];

/** The same rules as in earnest, in the minutes of a world that runs faster. */
const document = (
  wave: string,
  targets: readonly string[],
) => `apiVersion: causeway.dev/v1
kind: Pipeline
images: [${image}]
namespace: sorting
stages:
  - name: ${stage}
    kind: edge
    targets:
${targets.map(target => `      - ${target}\n`).join('')}    strategy:
      wave: ${wave}
`;

/** The portal as one process. */
export interface WaveProcess {
  readonly engine: PromotionEngine;
  readonly waves: Waves;
  stop(): Promise<void>;
}

/**
 * The demo's devices, Git and Flux of the simulator in fast time, and the portal's own engine and waves
 * on a real database.
 */
export class WaveWorld {
  readonly #closing: (() => Promise<void>)[] = [];
  readonly #releases = new MemoryReleases();
  readonly #running = new Set<WaveProcess>();
  /** Versions by their digests. */
  readonly #versions = new Map<string, string>();
  #begin!: (onStep?: (step: WaveStep) => Promise<void> | void) => WaveProcess;

  private constructor(
    readonly world: World,
    readonly watched: WatchedFleet,
    private readonly scheduler: ReturnType<typeof acceleratedScheduler>,
  ) {}

  static async start(
    database: Knex,
    options: {
      readonly devices: number;
      readonly rate: number;
      /** As the pipeline document writes it. */
      readonly wave: string;
      /**
       * Each device has an overlay of its own, or three each are a node group with an override of its own,
       * instead of a DaemonSet for all.
       */
      readonly overlays?: 'devices' | 'nodeGroups';
    },
  ): Promise<WaveWorld> {
    const scheduler = acceleratedScheduler(options.rate);
    const directory = await mkdtemp(join(tmpdir(), 'causeway-wave-'));
    const world = await startWorld({
      dataDirectory: directory,
      secrets: { clusterToken: 'token-of-a-test', forgePassword: 'forge' },
      scheduler,
      only: [stage],
      devices: options.devices,
      ...(options.overlays === 'nodeGroups' && {
        edgePlatform: 'kubeedge',
        deviceManagement: 'kubeedge',
      }),
      ciDuration: 0,
      podTimes: { start: 2_000, stop: 1_000 },
      patience: 600_000,
      log: () => undefined,
    });
    const config = configOf(world.forge.url);
    const { name, url, token, caFile } = world.clusters[stage];
    const watched = WatchedFleet.start([{ name, url, token, caFile }], {
      clock: scheduler.now,
      interval: 100,
      ...readDeviceConfig(config, { byUrl: () => undefined }),
    });
    const made = new WaveWorld(world, watched, scheduler);
    made.#closing.push(
      () => rm(directory, { recursive: true, force: true }),
      () => world.stop(),
      () => watched.stop(),
    );
    const targets = await giveTargets(
      world,
      options.overlays,
      join(directory, 'copy'),
    );
    await made.#wire(
      database,
      config,
      join(directory, 'mirrors'),
      aPipeline(world.forge.url, document(options.wave, targets)),
    );
    return made;
  }

  async stop(): Promise<void> {
    for (const process of [...this.#running]) await process.stop();
    for (const end of this.#closing.reverse()) await end();
  }

  now(): number {
    return this.scheduler.now().getTime();
  }

  /** The portal begins anew, as after a restart; it has nothing in memory. */
  startPortal(onStep?: (step: WaveStep) => Promise<void> | void): WaveProcess {
    return this.#begin(onStep);
  }

  /** Asks for a version to be brought to all devices. */
  async promote({ engine }: WaveProcess, version: string): Promise<Promotion> {
    this.#releases.report(this.#release(version));
    const requested = await engine.promotions.request(
      { service, stage, release: version },
      ines,
    );
    return accepted(requested).stored.promotion;
  }

  async say(
    { engine }: WaveProcess,
    promotion: string,
    wish: Parameters<typeof steerWave>[1],
  ): Promise<void> {
    await until(async () => {
      const wave = await engine.waves.get(promotion);
      if (!wave?.state) return false;
      const command = accepted(steerWave(wave, wish));
      const said = { command, actor: ines, reason: wish.reason };
      return engine.waves.say(wave, said).then(
        () => true,
        () => false,
      );
    });
  }

  /** Waits until a wave looks so. */
  async untilWave(
    { engine, waves }: WaveProcess,
    id: string,
    isSo: (view: WaveView) => boolean,
  ): Promise<WaveView> {
    return until(async () => {
      const stored = await engine.store.get(id);
      const view = stored && (await waves.views.of(stored.promotion));
      return view && isSo(view) && view;
    });
  }

  /** Pods of node groups have no tag. */
  #versionOf(used: string): string {
    const { tag, digest = '' } = parseImage(used) ?? {};
    return tag ?? this.#versions.get(digest) ?? '';
  }

  /** The version that each device has, by its pod. */
  versions(): ReadonlyMap<string, string> {
    const [cluster] = this.watched.fleet.clusters();
    return new Map(
      [...cluster.deviceNames()].flatMap(node =>
        cluster
          .podsOn(node)
          .filter(
            ({ workload, state }) =>
              workload.name.startsWith('belt-control') && state !== 'ending',
          )
          .map(({ images }) => [node, this.#versionOf(images[0] ?? '')]),
      ),
    );
  }

  async #wire(
    database: Knex,
    config: ConfigReader,
    directory: string,
    pipeline: Pipeline,
  ): Promise<void> {
    const kustomize = createKustomize();
    this.#closing.push(() => kustomize.dispose());
    const { watched, scheduler } = this;
    const logger = silentLogger;
    let process = 0;
    const parts = {
      clusters: watched.clusters,
      releases: this.#releases,
      pipelines: new MemoryPipelines(pipeline),
      actors: new MemoryActors(),
      clock: scheduler.now,
      logger,
      database,
    };
    this.#begin = onWaveStep => {
      process += 1;
      const fleet = new GitFleetRepositories({
        directory: join(directory, String(process)),
        integrations: ScmIntegrations.fromConfig(config),
        render: (input, options) => kustomize.build(input, options),
      });
      const engine = createPromotionEngine({
        ...parts,
        fleet,
        metrics: createCanaryMetrics({ config, logger, clock: scheduler.now }),
      });
      const waves = createWaves({
        ...parts,
        fleet,
        engine,
        devices: watched.fleet,
        actOn: (...call) => watched.clusters.actOn(...call),
        probes: new Map([[uplink.name, uplink]]),
        changed: () => undefined,
        onWaveStep,
        // A busy machine may stand still for minutes of this world.
        longestGap: 86_400_000,
      });
      const begun: WaveProcess = {
        engine,
        waves,
        stop: async () => {
          this.#running.delete(begun);
          await Promise.all([waves.stop(), engine.stop()]);
        },
      };
      this.#running.add(begun);
      engine.start();
      waves.start();
      return begun;
    };
    await until(async () => this.#hasBegun());
    this.#releases.report(this.#release('5.5.8', this.#digestNow()));
  }

  /** Every device is heard and has the version of the beginning. */
  #hasBegun(): boolean {
    const devices = [...this.watched.fleet.entries()];
    return (
      devices.length > 0 &&
      devices.every(({ connectivity }) => connectivity === 'live') &&
      this.versions().size === devices.length
    );
  }

  #digestNow(): string | undefined {
    const [cluster] = this.watched.fleet.clusters();
    return [...cluster.deviceNames()]
      .flatMap(node => cluster.podsOn(node))
      .filter(({ workload }) => workload.name.startsWith('belt-control'))
      .map(({ images }) => parseImage(images[0] ?? '')?.digest)
      .at(0);
  }

  #release(version: string, known?: string): Release {
    const hex = Buffer.from(version).toString('hex').padEnd(64, '0');
    const digest = known ?? `sha256:${hex.slice(0, 64)}`;
    this.#versions.set(digest, version);
    const now = this.scheduler.now().toISOString();
    return {
      id: version,
      service,
      version,
      commit: {
        sha: hex.slice(0, 40),
        message: 'A change',
        author: 'Nils Berg',
        time: now,
      },
      images: [
        {
          name: image,
          tag: version,
          digest,
        },
      ],
      reportedAt: now,
    };
  }
}

/** The targets of the stage, once Git has what they name. */
async function giveTargets(
  world: World,
  overlays: 'devices' | 'nodeGroups' | undefined,
  copy: string,
): Promise<readonly string[]> {
  const devices = world.devices.plan.devicesOf(stage);
  if (overlays === undefined) return targetsOfDaemonSets;
  if (overlays === 'devices') {
    const names = devices.map(({ name }) => name);
    await giveOverlays(world, names, copy);
    return [`{ cluster: ${stage}, devices: [${names.join(', ')}] }`];
  }
  const groups = nodeGroupsOf(world);
  await giveNodeGroups(world, groups, copy);
  return [
    `{ cluster: ${stage}, nodeGroups: [${[...groups.keys()].join(', ')}] }`,
  ];
}

/** The devices of the stage as node groups: always three belong together, wherever they are. */
export function nodeGroupsOf(
  world: World,
): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  world.devices.plan.devicesOf(stage).forEach(({ name }, index) => {
    const group = `belts-${Math.floor(index / 3) + 1}`;
    groups.set(group, [...(groups.get(group) ?? []), name]);
  });
  return groups;
}

function aPipeline(forge: string, text: string): Pipeline {
  const { pipeline, problems } = parsePipeline(text, {
    service,
    defaults: {
      fleet: { repository: `${forge}/norden/fleet`, branch: 'main' },
    },
  });
  if (!pipeline) throw new Error(JSON.stringify(problems));
  return pipeline;
}

function configOf(forge: string): ConfigReader {
  return new ConfigReader({
    integrations: {
      gitea: [
        {
          host: new URL(forge).host,
          baseUrl: forge,
          username: 'causeway',
          password: 'forge',
        },
      ],
    },
  });
}
