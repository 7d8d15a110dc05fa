// SPDX-License-Identifier: Apache-2.0
import type {
  Pipeline,
  PipelineDocument,
  PromotedRelease,
  Release,
  StageObservation,
  StageSight,
} from '@causeway/plugin-delivery-common';
import { releaseInSight } from '@causeway/plugin-delivery-common';
import type { PipelineReading, Pipelines } from '../pipelines/Pipelines';
import type { Releases } from '../releases/Releases';
import type { StoredPromotion } from './Promotions';
import type { PromotionStore } from './PromotionStore';
import type { StageObserver } from './StageObserver';

/**
 * How many promotions of a service the rules look at: the newest, and those that move. What older ones
 * led to is in the observations.
 */
const PROMOTIONS = 100;

/** What the rules about one service look at, gathered at one moment. */
export interface ServiceSituation {
  readonly document: PipelineDocument;
  /** The last good one, also when a newer one is broken. */
  readonly pipeline?: Pipeline;
  readonly sights: Readonly<Record<string, StageSight>>;
  readonly observations: readonly StageObservation[];
  /** Newest request first. */
  readonly promotions: readonly StoredPromotion[];
}

/** Gathers situations; throws what the catalog or the database throw. */
export class ServiceSituations {
  readonly #pipelines: Pipelines;
  readonly #releases: Releases;
  readonly #observer: StageObserver;
  readonly #store: PromotionStore;
  readonly #gathering = new Map<string, Promise<ServiceSituation>>();

  constructor(options: {
    readonly pipelines: Pipelines;
    readonly releases: Releases;
    readonly observer: StageObserver;
    readonly store: PromotionStore;
  }) {
    this.#pipelines = options.pipelines;
    this.#releases = options.releases;
    this.#observer = options.observer;
    this.#store = options.store;
  }

  async of(service: string): Promise<ServiceSituation> {
    const reading = await this.#pipelines.get(service);
    const pipeline = reading?.state === 'valid' ? reading.pipeline : undefined;
    const survey = pipeline
      ? await this.#observer.survey(pipeline)
      : { sights: {}, observations: [] };
    return {
      document: documentOf(reading),
      ...(pipeline && { pipeline }),
      ...survey,
      promotions: await this.#promotions(service),
    };
  }

  /** For pages: those who ask while somebody else's answer is being gathered share it. */
  recent(service: string): Promise<ServiceSituation> {
    const gathering = this.#gathering.get(service);
    if (gathering) return gathering;
    const fresh = this.of(service).finally(() => {
      this.#gathering.delete(service);
    });
    this.#gathering.set(service, fresh);
    return fresh;
  }

  async #promotions(service: string): Promise<readonly StoredPromotion[]> {
    const newest = await this.#store.list({ service, limit: PROMOTIONS });
    const active = await this.#store.active(service);
    const old = active.filter(
      ({ promotion }) =>
        !newest.some(each => each.promotion.id === promotion.id),
    );
    return [...newest, ...old];
  }

  /** What runs in the stage now or, out of sight, ran there when it was last seen. */
  async running(
    situation: ServiceSituation,
    stage: string,
  ): Promise<Release | undefined> {
    const sight = situation.sights[stage];
    const whole = sight && releaseInSight(sight);
    const last =
      sight?.state === 'unknown'
        ? situation.observations.find(
            each => each.stage === stage && each.health !== 'gone',
          )?.release
        : undefined;
    const id = whole ?? last;
    return id ? this.#releases.get(id) : undefined;
  }
}

/** The part of a release that promotions keep. */
export function promotedRelease(release: Release): PromotedRelease {
  const { id, version, commit, images } = release;
  return { id, version, commit, images };
}

function documentOf(reading: PipelineReading | undefined): PipelineDocument {
  switch (reading?.state) {
    case 'valid':
      return {
        state: 'valid',
        pipeline: reading.pipeline,
        outdated: reading.newer !== undefined,
      };
    case 'invalid': {
      const [first] = reading.problems;
      return {
        state: 'broken',
        problem: first
          ? `The pipeline document is broken in line ${first.line}: ${first.message}`
          : 'The pipeline document is broken.',
      };
    }
    case 'unreadable':
      return { state: 'broken', problem: reading.message };
    default:
      return { state: 'missing' };
  }
}
