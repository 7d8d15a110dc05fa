// SPDX-License-Identifier: Apache-2.0
import type { LoggerService } from '@backstage/backend-plugin-api';
import {
  observe,
  parseImage,
  speakingTargets,
  untoldImages,
  type Pipeline,
  type Stage,
  type StageObservation,
  type StageSight,
  type TargetState,
} from '@causeway/plugin-delivery-common';
import type { Clock } from '../Clock';
import type { Clusters } from '../clusters/Clusters';
import type { Pipelines } from '../pipelines/Pipelines';
import type { Releases } from '../releases/Releases';
import type { StageObservations } from './StageObservations';

/** What the clusters show of a service's stages, and what was seen of its releases there. */
export interface Survey {
  /** By stage name; stages with targets only. */
  readonly sights: Readonly<Record<string, StageSight>>;
  readonly observations: readonly StageObservation[];
}

/** Changes of a cluster within this time are looked at once. */
const SETTLING = 100;
/** A quiet cluster is looked at this often, so that watched time adds up. */
const ROUND = 15_000;
/** How much watched time a crash may lose. */
const WRITE_AT_LEAST_EVERY = 20_000;

/**
 * Watches which release is healthy in which stage, and keeps it over restarts. `survey` answers from
 * the clusters' memory and the kept observations without writing; the rounds write.
 */
export class StageObserver {
  readonly #clusters: Clusters;
  readonly #pipelines: Pipelines;
  readonly #releases: Releases;
  readonly #kept: StageObservations;
  readonly #clock: Clock;
  readonly #logger: LoggerService;
  readonly #releaseOfDigest = new Map<string, string>();
  readonly #listeners = new Set<
    (change: { readonly service: string; readonly stage: string }) => void
  >();
  readonly #endings: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;
  #pending: 'soon' | 'later' | undefined;
  #round: Promise<void> = Promise.resolve();

  constructor(options: {
    readonly clusters: Clusters;
    readonly pipelines: Pipelines;
    readonly releases: Releases;
    readonly kept: StageObservations;
    readonly clock: Clock;
    readonly logger: LoggerService;
  }) {
    this.#clusters = options.clusters;
    this.#pipelines = options.pipelines;
    this.#releases = options.releases;
    this.#kept = options.kept;
    this.#clock = options.clock;
    this.#logger = options.logger;
  }

  start(): void {
    const soon = () => {
      if (this.#pending !== 'soon') this.#arm('soon');
    };
    this.#endings.push(
      this.#clusters.subscribe(soon),
      this.#pipelines.subscribe(soon),
      this.#releases.subscribe(soon),
    );
    soon();
  }

  /** Ends the rounds; resolves when the last one has been written. */
  async stop(): Promise<void> {
    for (const end of this.#endings.splice(0)) end();
    clearTimeout(this.#timer);
    this.#pending = undefined;
    await this.#round;
  }

  /** Calls back when a release arrived in a stage, fell ill, recovered or left. */
  subscribe(
    listener: (change: {
      readonly service: string;
      readonly stage: string;
    }) => void,
  ): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** The stages of a pipeline as they are at this moment. */
  async survey(pipeline: Pipeline): Promise<Survey> {
    return this.#look(pipeline, await this.#kept.of(pipeline.service));
  }

  /** One round over all pipelines. */
  async observeAll(): Promise<void> {
    for (const pipeline of this.#pipelines.list()) {
      const before = await this.#kept.of(pipeline.service);
      const { observations } = await this.#look(pipeline, before);
      const changed = observations.filter(now => isWorthWriting(now, before));
      await this.#kept.write(changed);
      for (const now of changed) {
        if (isNews(now, before)) {
          const { service, stage } = now;
          for (const listener of this.#listeners) listener({ service, stage });
        }
      }
    }
  }

  #arm(pending: 'soon' | 'later'): void {
    clearTimeout(this.#timer);
    this.#pending = pending;
    this.#timer = setTimeout(
      () => {
        this.#pending = undefined;
        this.#round = this.#round.then(() => this.#runRound());
      },
      pending === 'soon' ? SETTLING : ROUND,
    );
    this.#timer.unref();
  }

  async #runRound(): Promise<void> {
    try {
      await this.observeAll();
    } catch (error) {
      this.#logger.warn(`Stages could not be observed, trying again: ${error}`);
    }
    if (this.#endings.length > 0 && !this.#pending) this.#arm('later');
  }

  async #look(
    pipeline: Pipeline,
    before: readonly StageObservation[],
  ): Promise<Survey> {
    const now = this.#clock().toISOString();
    const sights: Record<string, StageSight> = {};
    const observations: StageObservation[] = [];
    for (const stage of pipeline.stages) {
      const there = before.filter(each => each.stage === stage.name);
      if (stage.targets.length === 0) continue;
      const sight = await this.#sight(pipeline, stage);
      sights[stage.name] = sight;
      observations.push(
        ...observe(there, sight, {
          service: pipeline.service,
          stage: stage.name,
          now,
        }),
      );
    }
    return { sights, observations };
  }

  async #sight(pipeline: Pipeline, stage: Stage): Promise<StageSight> {
    const states = speakingTargets(
      stage.targets.map(target => this.#clusters.targetState(target)),
    );
    const releases = new Set<string>();
    let unrecognised = false;
    let worst: Health = 'healthy';
    for (const state of states) {
      if (state.freshness.state !== 'live') {
        return {
          state: 'unknown',
          since: state.freshness.since,
          problem: `${state.target.cluster}: ${
            state.freshness.problem ?? state.freshness.state
          }`,
        };
      }
      const problem = untoldImages(state);
      // Nothing seen would mean that the release before has left.
      if (problem) {
        return { state: 'unknown', since: state.freshness.seenAt, problem };
      }
      worst = worse(worst, healthOf(state));
      for (const digest of digestsIn(state, pipeline)) {
        const release =
          digest && (await this.#releaseCarrying(pipeline.service, digest));
        if (release) releases.add(release);
        else unrecognised = true;
      }
    }
    return {
      state: 'seen',
      releases: [...releases],
      unrecognised,
      health: worst,
    };
  }

  async #releaseCarrying(
    service: string,
    digest: string,
  ): Promise<string | undefined> {
    const key = `${service} ${digest}`;
    const kept = this.#releaseOfDigest.get(key);
    if (kept) return kept;
    const release = await this.#releases.findByDigest(service, digest);
    // Releases never change, so only what was found is worth keeping.
    if (release) this.#releaseOfDigest.set(key, release.id);
    return release?.id;
  }
}

type Health = Extract<StageSight, { state: 'seen' }>['health'];
const order: readonly Health[] = [
  'healthy',
  'progressing',
  'unhealthy',
  'missing',
];

function worse(one: Health, other: Health): Health {
  return order.indexOf(one) >= order.indexOf(other) ? one : other;
}

function healthOf({ workload }: TargetState): Health {
  switch (workload?.health) {
    case 'healthy':
      return workload.observed ? 'healthy' : 'progressing';
    case 'progressing':
      return 'progressing';
    case 'degraded':
      return 'unhealthy';
    default:
      return 'missing';
  }
}

/** Digests of the service's images in the workload; undefined for an image without one. */
function digestsIn(
  { workload }: TargetState,
  pipeline: Pipeline,
): readonly (string | undefined)[] {
  return (workload?.images ?? []).flatMap(text => {
    const image = parseImage(text);
    return image && pipeline.images.includes(image.name) ? [image.digest] : [];
  });
}

function isNews(
  now: StageObservation,
  before: readonly StageObservation[],
): boolean {
  const then = before.find(
    each => each.stage === now.stage && each.release === now.release,
  );
  return then?.health !== now.health || then.arrivedAt !== now.arrivedAt;
}

function isWorthWriting(
  now: StageObservation,
  before: readonly StageObservation[],
): boolean {
  if (before.includes(now)) return false;
  if (isNews(now, before)) return true;
  const then = before.find(
    each => each.stage === now.stage && each.release === now.release,
  );
  const age =
    Date.parse(now.lastSeenAt) - Date.parse(then?.lastSeenAt ?? now.lastSeenAt);
  return age >= WRITE_AT_LEAST_EVERY;
}
