// SPDX-License-Identifier: Apache-2.0
import type {
  Target,
  WaveDecision,
  WavePolicy,
} from '@causeway/plugin-delivery-common';
import type { Knex } from 'knex';
import {
  accepted,
  Engines,
  until,
} from '../../promotions/__fixtures__/engines';
import {
  memoryWorld,
  type MemoryWorld,
} from '../../promotions/__fixtures__/memoryWorld';
import {
  aPipeline,
  aRelease,
  omar,
  service,
} from '../../promotions/__fixtures__/parcelVision';
import type { Clusters } from '../../clusters/Clusters';
import type { DeviceReader } from '../../fleet/DeviceReader';
import type { PromotionEngine } from '../../promotions/createPromotionEngine';
import { silentLogger } from '../../testing/silentLogger';
import type { ActOn } from '../replacePods';
import { OverlayCommits } from '../OverlayCommits';
import { TemplateCommits } from '../TemplateCommits';
import { WaveRunner } from '../WaveRunner';
import type { WaveStep } from '../WaveSteps';
import type { StoredWave } from '../WaveStore';
import { StagedEdge } from './StagedEdge';

const old = aRelease(0);
const fresh = aRelease(1);

/** The one that the portal of these stages is configured with. */
export const probe = {
  name: 'belt-moves',
  image: 'registry.norden.example/belt-probe:1.4.0',
  command: ['/probe', '--once'],
  timeout: 30,
  start: 60,
  namespace: 'probes',
};

/** Milliseconds between two turns: more than between two looks at a wave that rolls. */
const TURN = 6_000;
/** Until a wave that somebody claimed and left is taken up. */
const CLAIM = 31_000;
/** More turns than any wave here needs. */
const MOST_TURNS = 200;

/** The devices of a stage, and what a wave sees of them and does to them. */
export interface Edge {
  /** The templates of the DaemonSets, and Flux. */
  readonly clusters: Pick<Clusters, 'targetState' | 'requestReconcile'>;
  readonly actOn: ActOn;
  reader(): DeviceReader;
  /** Time passes between two looks. */
  pass(): Promise<void> | void;
}

/** Eight devices at two sites of each cluster: one of a site may be down, or two of two clusters. */
const places = {
  oslo: ['oslo-1', 'oslo-2', 'oslo-3', 'oslo-4'],
  bergen: ['bergen-1', 'bergen-2', 'bergen-3', 'bergen-4'],
};

/** A promotion whose wave is moved on look by look, in time that passes only when it is told to. */
export class WaveStage<E extends Edge = StagedEdge> {
  readonly #engines: Engines;
  #id = '';

  private constructor(
    readonly world: MemoryWorld,
    readonly edge: E,
    readonly engine: PromotionEngine,
    engines: Engines,
  ) {
    this.#engines = engines;
  }

  /** The same over devices in memory. */
  static start(
    database: Knex,
    clusters: readonly string[] = ['edge-north'],
    policy: Partial<WavePolicy> = {},
  ): Promise<WaveStage> {
    return WaveStage.startOver(
      database,
      clusters,
      (world, targets) => new StagedEdge(world, targets, places, fresh.version),
      daemonSetOf,
      policy,
    );
  }

  /** The same over devices in memory that have an overlay each. */
  static startWithOverlays(
    database: Knex,
    targetsOf: (target: Target) => readonly Target[] = overlaysOf,
  ): Promise<WaveStage> {
    return WaveStage.startOver(
      database,
      ['edge-north'],
      (world, targets) => new StagedEdge(world, targets, places, fresh.version),
      targetsOf,
    );
  }

  /** A promotion from 2.8.0 to 2.8.1 over the devices of some clusters, whose commit was applied. */
  static async startOver<E extends Edge>(
    database: Knex,
    clusters: readonly string[],
    edgeOf: (world: MemoryWorld, targets: readonly Target[]) => E,
    targetsOf: (target: Target) => readonly Target[] = daemonSetOf,
    change: Partial<WavePolicy> = {},
  ): Promise<WaveStage<E>> {
    const { stages, ...pipeline } = aPipeline([]);
    const [edge] = stages.filter(({ name }) => name === 'edge');
    const targets = edge.targets
      .filter(({ cluster }) => clusters.includes(cluster))
      .flatMap(targetsOf);
    const policy = {
      growth: 8,
      firstSoak: 10_000,
      soak: 5_000,
      watch: 60_000,
      prePull: { atOnce: 3, share: 0 },
      ...change,
    };
    const world = memoryWorld({
      ...pipeline,
      stages: [{ ...edge, after: [], targets, wave: { policy } }],
    });
    world.releases.report(old);
    world.releases.report(fresh);
    world.settle(old, 'edge');
    for (const target of targets)
      if (target.device) world.fleet.overlays.set(target.path, old.images);
    for (const { cluster } of targets) world.clusters.idle.add(cluster);
    const over = edgeOf(world, targets);
    const engines = new Engines(database, world);
    const stage = new WaveStage(world, over, engines.start(), engines);
    await stage.#promote(targets);
    return stage;
  }

  stop(): Promise<void> {
    return this.#engines.stop();
  }

  /** Moves the wave on when it is told to; `onStep` may keep it for ever, as a process that dies. */
  runner(onStep?: (step: WaveStep) => Promise<void> | void): WaveRunner {
    const { world, edge, engine } = this;
    return new WaveRunner({
      waves: engine.waves,
      promotions: engine.store,
      commits: new TemplateCommits({ ...world, clusters: edge.clusters }),
      overlays: new OverlayCommits({ ...world, clusters: edge.clusters }),
      clusters: edge.clusters,
      fleet: edge.reader(),
      actOn: edge.actOn,
      probes: new Map([[probe.name, probe]]),
      clock: world.clock.now,
      logger: silentLogger,
      changed: (_, { declaration }) => {
        for (const { cluster } of declaration.targets)
          engine.wake({ on: 'cluster', cluster });
      },
      onStep,
    });
  }

  /** A runner that stays at the first point that `isFatal` names; `dead` resolves there. */
  mortal(isFatal: (step: WaveStep) => boolean): {
    readonly runner: WaveRunner;
    readonly dead: Promise<void>;
  } {
    let die = () => {};
    const dead = new Promise<void>(resolve => {
      die = resolve;
    });
    const runner = this.runner(step => {
      if (!isFatal(step)) return undefined;
      die();
      return new Promise(() => undefined);
    });
    return { runner, dead };
  }

  /** A runner that sleeps from the first point that `isIt` names until it is woken; `asleep` resolves there. */
  sleeper(isIt: (step: WaveStep) => boolean): {
    readonly runner: WaveRunner;
    readonly asleep: Promise<void>;
    readonly wake: () => void;
  } {
    let wake = () => {};
    const rest = new Promise<void>(resolve => {
      wake = resolve;
    });
    let fallAsleep = () => {};
    const asleep = new Promise<void>(resolve => {
      fallAsleep = resolve;
    });
    const runner = this.runner(step => {
      if (!isIt(step)) return undefined;
      fallAsleep();
      return rest;
    });
    return { runner, asleep, wake };
  }

  /** Lets time pass, and the runner look, until the wave is as wanted or the runner is dead. */
  async untilWave(
    runner: WaveRunner,
    isSo: (wave: StoredWave) => boolean,
    dead: Promise<void> = new Promise(() => undefined),
  ): Promise<void> {
    let isDead = false;
    const death = dead.then(() => {
      isDead = true;
    });
    for (let turn = 0; turn < MOST_TURNS; turn += 1) {
      this.world.clock.advance(TURN);
      await this.edge.pass();
      await Promise.race([runner.look(), death]);
      const wave = await this.wave();
      if (isDead || (wave && isSo(wave))) return;
    }
    throw new Error(`So it stays: ${JSON.stringify(await this.wave())}`);
  }

  /** What the dead one had claimed is free again. */
  forget(): void {
    this.world.clock.advance(CLAIM);
  }

  wave(): Promise<StoredWave | undefined> {
    return this.engine.waves.get(this.#id);
  }

  /** Every decision on record, such as `order edge-north/oslo-1`. */
  async decisions(): Promise<readonly string[]> {
    const events = await this.engine.waves.history(this.#id);
    return events.flatMap(({ data }) =>
      'decisions' in data
        ? (data.decisions as readonly WaveDecision[]).map(decision =>
            'device' in decision
              ? `${decision.kind} ${decision.device}`
              : decision.kind,
          )
        : [],
    );
  }

  /** The commits of the promotion and its wave: its own, and by the number of the step. */
  commits(): readonly string[] {
    return this.world.fleet.commits.map(
      ({ promotion, images }) =>
        `${promotion.replace(this.#id, '')}: ${images[0].tag}`,
    );
  }

  /** The steps of the wave in Git, with what each changed. */
  steps(): readonly (readonly string[])[] {
    return [...this.world.fleet.overlaySteps.values()];
  }

  get id(): string {
    return this.#id;
  }

  /** A rollback takes the stage back to 2.8.0; from now on its wave is meant. */
  async goBack(): Promise<void> {
    const { engine } = this;
    const { promotions } = accepted(
      await engine.rollbacks.request(
        {
          service,
          stages: ['edge'],
          release: old.id,
          reason: 'It is too loud.',
        },
        omar,
      ),
    );
    this.#id = promotions[0].promotion.id;
    await this.#untilVerifying(promotions[0].promotion.declaration.targets);
  }

  async #promote(targets: readonly Target[]): Promise<void> {
    const { engine } = this;
    await engine.observer.observeAll();
    const { promotion } = accepted(
      await engine.promotions.request(
        { service, stage: 'edge', release: fresh.id },
        omar,
      ),
    ).stored;
    this.#id = promotion.id;
    await this.#untilVerifying(targets);
  }

  #untilVerifying(targets: readonly Target[]): Promise<unknown> {
    const { engine, world } = this;
    return until(async () => {
      for (const target of targets) world.clusters.apply(target);
      const stored = await engine.store.get(this.#id);
      return stored?.promotion.phase === 'verifying';
    });
  }
}

function daemonSetOf(target: Target): readonly Target[] {
  return [{ ...target, workload: { ...target.workload, kind: 'DaemonSet' } }];
}

/** An overlay, a Kustomization and a Deployment for each device. */
function overlaysOf(target: Target): readonly Target[] {
  const { cluster, path, kustomization, workload } = target;
  return Object.values(places)
    .flat()
    .map(name => {
      const device = `${cluster}-${name}`;
      return {
        ...target,
        device,
        path: `${path}/${device}`,
        kustomization: {
          ...kustomization,
          name: `${kustomization.name}-${device}`,
        },
        workload: { ...workload, name: `${workload.name}-${device}` },
      };
    });
}

/** Clusters of one node, each with an overlay. */
export function clustersOfOneNode(target: Target): readonly Target[] {
  return Object.values(places)
    .flat()
    .map(name => ({
      ...target,
      cluster: `shop-${name}`,
      device: `shop-${name}-${name}`,
      path: `${target.path}/${name}`,
    }));
}
