// SPDX-License-Identifier: Apache-2.0
import { isRefused, type Phase } from '@causeway/plugin-delivery-common';
import type { EffectPoint } from '@causeway/plugin-delivery-node';
import type { Knex } from 'knex';
import { silentLogger } from '../../testing/silentLogger';
import {
  createPromotionEngine,
  type PromotionEngine,
  type PromotionEngineOptions,
} from '../createPromotionEngine';
import type { StoredPromotion } from '../Promotions';
import type { MemoryWorld } from './memoryWorld';

/** Engines on one database and one world, stopped together. */
export class Engines {
  readonly #running: PromotionEngine[] = [];
  readonly #dead: { readonly engine: PromotionEngine; end(): void }[] = [];

  /** @param database - at the newest version */
  constructor(
    private readonly database: Knex,
    private readonly world: MemoryWorld,
  ) {}

  start(
    options: Partial<
      Pick<PromotionEngineOptions, 'announce' | 'devices' | 'onEffect'>
    > = {},
  ): PromotionEngine {
    const engine = createPromotionEngine({
      ...this.world,
      clock: this.world.clock.now,
      database: this.database,
      logger: silentLogger,
      ...options,
    });
    engine.start();
    this.#running.push(engine);
    return engine;
  }

  /**
   * An engine that never comes back from the first point that `isFatal` names, as a process that
   * dies there. `dead` resolves then.
   */
  startMortal(isFatal: (point: EffectPoint) => boolean): {
    readonly engine: PromotionEngine;
    readonly dead: Promise<void>;
  } {
    let end = () => {};
    const ended = new Promise<void>((_resume, fail) => {
      end = () => fail(new Error('The process has ended.'));
    });
    ended.catch(() => undefined);
    let die = () => {};
    const dead = new Promise<void>(resume => {
      die = resume;
    });
    const engine = this.start({
      onEffect: point => {
        if (!isFatal(point)) return undefined;
        die();
        return ended;
      },
    });
    return {
      engine,
      dead: dead.then(() => {
        this.#running.splice(this.#running.indexOf(engine), 1);
        this.#dead.push({ engine, end });
      }),
    };
  }

  /** Stops them all. The dead hold their connections until now. */
  async stop() {
    const dying = this.#dead.splice(0).map(({ engine, end }) => {
      const stopped = engine.stop();
      end();
      return stopped;
    });
    const running = this.#running.splice(0).map(engine => engine.stop());
    await Promise.all([...dying, ...running]);
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
