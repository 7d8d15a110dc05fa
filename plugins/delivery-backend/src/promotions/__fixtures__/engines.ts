// SPDX-License-Identifier: Apache-2.0
import {
  resolvePackagePath,
  type LoggerService,
} from '@backstage/backend-plugin-api';
import { isRefused, type Phase } from '@causeway/plugin-delivery-common';
import type { Knex } from 'knex';
import {
  createPromotionEngine,
  type PromotionEngine,
  type PromotionEngineOptions,
} from '../createPromotionEngine';
import type { StoredPromotion } from '../Promotions';
import type { MemoryWorld } from './memoryWorld';

const silent: LoggerService = {
  error() {},
  warn() {},
  info() {},
  debug() {},
  child: () => silent,
};

/** Engines on one database and one world, stopped together. */
export class Engines {
  readonly #running: PromotionEngine[] = [];

  constructor(
    private readonly database: Knex,
    private readonly world: MemoryWorld,
  ) {}

  static async on(database: Knex, world: MemoryWorld): Promise<Engines> {
    await database.migrate.latest({
      directory: resolvePackagePath(
        '@causeway/plugin-delivery-backend',
        'migrations',
      ),
    });
    return new Engines(database, world);
  }

  start(
    options: Partial<
      Pick<PromotionEngineOptions, 'announce' | 'onEffect'>
    > = {},
  ): PromotionEngine {
    const engine = createPromotionEngine({
      ...this.world,
      clock: this.world.clock.now,
      database: this.database,
      logger: silent,
      ...options,
    });
    engine.start();
    this.#running.push(engine);
    return engine;
  }

  /** Stops an engine that hangs on purpose only as far as it can be. */
  forget(engine: PromotionEngine) {
    this.#running.splice(this.#running.indexOf(engine), 1);
  }

  async stop() {
    await Promise.all(this.#running.splice(0).map(engine => engine.stop()));
  }
}

/** What a command led to, or the test fails with the refusal. */
export function accepted<T extends object>(
  outcome: T,
): Exclude<T, { kind: 'refused' }> {
  if (isRefused(outcome)) throw new Error(`Refused: ${outcome.reason}`);
  return outcome as Exclude<T, { kind: 'refused' }>;
}

/** Waits until something is so; the test's own time limit ends it. */
export async function until<T>(
  look: () => Promise<T | undefined | false>,
): Promise<T> {
  for (;;) {
    const found = await look();
    if (found) return found;
    await new Promise(resume => setTimeout(resume, 15));
  }
}

/** Waits until a promotion is in a phase. */
export function untilPhase(
  engine: PromotionEngine,
  id: string,
  phase: Phase,
): Promise<StoredPromotion> {
  return until(async () => {
    const stored = await engine.promotions.get(id);
    if (
      stored &&
      'finishedAt' in stored.promotion &&
      stored.promotion.phase !== phase
    ) {
      throw new Error(
        `The promotion is ${stored.promotion.phase}: ${JSON.stringify(
          stored.promotion,
        )}`,
      );
    }
    return stored?.promotion.phase === phase && stored;
  });
}
