// SPDX-License-Identifier: Apache-2.0
import type { LoggerService } from '@backstage/backend-plugin-api';
import {
  isRefused,
  PORTAL_ACTOR,
  type Promotion,
} from '@causeway/plugin-delivery-common';
import type { Rollbacks } from '../rollbacks/Rollbacks';
import type { PromotionStore } from '../promotions/PromotionStore';

/** Everything is looked at this often, in case a change was not told. */
const ROUND = 30_000;
/** How far back failures are looked for after a start. */
const LOOKED = 50;

/**
 * Puts Git back after an engine took a canary back: until then the repository declares a version
 * that nobody is served, and the next change there would try it again. Written as a rollback of the
 * portal, so it shows in history and log; once per failure, because any newer promotion of the stage
 * makes it unnecessary.
 */
export class CanaryReverter {
  readonly #store: PromotionStore;
  readonly #rollbacks: Pick<Rollbacks, 'request'>;
  readonly #logger: LoggerService;
  #end: () => void = () => undefined;
  #timer: NodeJS.Timeout | undefined;
  #working: Promise<void> = Promise.resolve();

  constructor(options: {
    readonly store: PromotionStore;
    readonly rollbacks: Pick<Rollbacks, 'request'>;
    readonly logger: LoggerService;
  }) {
    this.#store = options.store;
    this.#rollbacks = options.rollbacks;
    this.#logger = options.logger;
  }

  start(): void {
    this.#end = this.#store.subscribe(({ promotion }) => {
      if (isTakenBack(promotion)) this.#look();
    });
    this.#look();
    this.#timer = setInterval(() => this.#look(), ROUND);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    this.#end();
    clearInterval(this.#timer);
    await this.#working;
  }

  #look(): void {
    this.#working = this.#working
      .then(() => this.revert())
      .catch(error =>
        this.#logger.warn(
          `Git could not be put back after a canary, trying again: ${error}`,
        ),
      );
  }

  /** One look at the newest failures. */
  async revert(): Promise<void> {
    const failed = await this.#store.list({
      phases: ['failed'],
      limit: LOOKED,
    });
    for (const { promotion } of failed.filter(each =>
      isTakenBack(each.promotion),
    )) {
      const { service, stage, replaces } = promotion;
      const [newest] = await this.#store.list({ service, stage, limit: 1 });
      if (newest?.promotion.id !== promotion.id || !replaces) continue;
      const outcome = await this.#rollbacks.request(
        {
          service,
          stages: [stage],
          release: replaces.id,
          reason: reasonOf(promotion),
        },
        PORTAL_ACTOR,
      );
      if (isRefused(outcome)) {
        this.#logger.warn(
          `${service} in ${stage} could not be put back in Git: ${outcome.reason}`,
        );
      }
    }
  }
}

const longestReason = 1_000;

function isTakenBack(promotion: Promotion): boolean {
  return (
    promotion.phase === 'failed' &&
    promotion.kind === 'promotion' &&
    promotion.problem.code === 'canaryTakenBack'
  );
}

function reasonOf(promotion: Promotion): string {
  const why =
    promotion.phase === 'failed' ? promotion.problem.message : 'It failed.';
  return why.slice(0, longestReason);
}
