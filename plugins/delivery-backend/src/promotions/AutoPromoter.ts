// SPDX-License-Identifier: Apache-2.0
import type { LoggerService } from '@backstage/backend-plugin-api';
import {
  automaticPromotions,
  isRefused,
  PORTAL_ACTOR,
  type AutomaticFacts,
  type DeclaredReleases,
  type Pipeline,
} from '@causeway/plugin-delivery-common';
import type { FleetRepositories } from '../gitops/FleetRepositories';
import type { Pipelines } from '../pipelines/Pipelines';
import type { Releases } from '../releases/Releases';
import type { Promotions } from './Promotions';
import type { PromotionStore } from './PromotionStore';
import type { ServiceSituations } from './ServiceSituation';
import type { StageObserver } from './StageObserver';

/** Everything is looked at this often, in case a change was not told. */
const ROUND = 30_000;
/** How long a look waits for the fleet repository, in milliseconds. */
const GIT_ANSWERS_WITHIN = 60_000;
/** How far back the portal looks; only the newest release that came through is a candidate. */
const RELEASES = 200;

/**
 * Asks for promotions to stages with `promotion: auto`. What it asks for goes through the same rules
 * and gates as a person's request; that two replicas ask at once is refused by those rules.
 */
export class AutoPromoter {
  readonly #pipelines: Pipelines;
  readonly #releases: Releases;
  readonly #store: PromotionStore;
  readonly #observer: StageObserver;
  readonly #situations: ServiceSituations;
  readonly #fleet: Pick<FleetRepositories, 'declaredImages'>;
  readonly #promotions: Pick<Promotions, 'request'>;
  readonly #logger: LoggerService;
  readonly #endings: (() => void)[] = [];
  readonly #due = new Set<string>();
  #working: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: {
    readonly pipelines: Pipelines;
    readonly releases: Releases;
    readonly store: PromotionStore;
    readonly observer: StageObserver;
    readonly situations: ServiceSituations;
    readonly fleet: Pick<FleetRepositories, 'declaredImages'>;
    readonly promotions: Pick<Promotions, 'request'>;
    readonly logger: LoggerService;
  }) {
    this.#pipelines = options.pipelines;
    this.#releases = options.releases;
    this.#store = options.store;
    this.#observer = options.observer;
    this.#situations = options.situations;
    this.#fleet = options.fleet;
    this.#promotions = options.promotions;
    this.#logger = options.logger;
  }

  start(): void {
    this.#endings.push(
      this.#releases.subscribe(({ service }) => this.#look(service)),
      this.#pipelines.subscribe(({ service }) => this.#look(service)),
      this.#observer.subscribe(({ service }) => this.#look(service)),
      this.#store.subscribe(({ promotion, events }) => {
        if (events.length > 0) this.#look(promotion.service);
      }),
    );
    this.#lookAtAll();
    this.#timer = setInterval(() => this.#lookAtAll(), ROUND);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    for (const end of this.#endings.splice(0)) end();
    clearInterval(this.#timer);
    this.#due.clear();
    await this.#working;
  }

  #lookAtAll(): void {
    for (const { service } of this.#pipelines.list()) this.#look(service);
  }

  /** One service after the other; a change during a look makes another look. */
  #look(service: string): void {
    this.#due.add(service);
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
    });
  }

  async #work(): Promise<void> {
    for (const service of this.#due) {
      this.#due.delete(service);
      try {
        await this.promote(service);
      } catch (error) {
        this.#logger.warn(
          `Whether ${service} goes on by itself could not be decided, trying again: ${error}`,
        );
      }
    }
  }

  /** Asks for what the service's pipeline promotes by itself now. */
  async promote(service: string): Promise<void> {
    const situation = await this.#situations.of(service);
    const { pipeline, document, promotions } = situation;
    // Gates of a broken newer document are not known, so nothing goes on by itself.
    if (!pipeline || document.state !== 'valid' || document.outdated) return;
    const facts: AutomaticFacts = {
      ...situation,
      pipeline,
      releases: await this.#releases.list(service, RELEASES),
      promotions: promotions.map(({ promotion }) => promotion),
      held: new Set(
        promotions
          .filter(({ unmet }) => unmet.some(({ problem }) => problem))
          .map(({ promotion }) => promotion.id),
      ),
    };
    for (const decision of await this.#decide(facts)) {
      if (decision.decision !== 'request') continue;
      const { stage, release } = decision;
      const outcome = await this.#promotions.request(
        { service, stage, release },
        PORTAL_ACTOR,
      );
      if (isRefused(outcome)) {
        this.#logger.info(
          `${service} is not promoted to ${stage} by itself: ${outcome.reason}`,
        );
      }
    }
  }

  /** Git is asked only where it decides. */
  async #decide(facts: AutomaticFacts) {
    const decisions = automaticPromotions(facts);
    const unknown = decisions.flatMap(each =>
      each.decision === 'hold' && each.code === 'declaredUnknown'
        ? [each.stage]
        : [],
    );
    if (unknown.length === 0) return decisions;
    const declared: Record<string, DeclaredReleases> = {};
    for (const stage of unknown) {
      declared[stage] = await this.#declaredIn(facts.pipeline, stage);
    }
    return automaticPromotions({ ...facts, declared });
  }

  /** Only promotions write digests; a tag without one is what onboarding left for the first of them. */
  async #declaredIn(
    { service, fleet, images, stages }: Pipeline,
    stage: string,
  ): Promise<DeclaredReleases> {
    const targets = stages
      .filter(({ name }) => name === stage)
      .flatMap(each => each.targets);
    const releases = new Set<string>();
    let unrecognised = false;
    for (const target of targets) {
      const signal = AbortSignal.timeout(GIT_ANSWERS_WITHIN);
      const declared = await this.#fleet.declaredImages(fleet, target, signal);
      for (const { name, digest } of declared) {
        if (!digest || !images.includes(name)) continue;
        const release = await this.#releases.findByDigest(service, digest);
        if (release) releases.add(release.id);
        else unrecognised = true;
      }
    }
    return { releases: [...releases], unrecognised };
  }
}
