// SPDX-License-Identifier: Apache-2.0
import type { LoggerService } from '@backstage/backend-plugin-api';
import { ConflictError, isError } from '@backstage/errors';
import {
  afterDrillEffect,
  nextDrillStep,
  type Drill,
  type DrillEffectResult,
  type DrillPatience,
  type DrillSight,
  type DrillTurn,
} from '@causeway/plugin-delivery-common';
import type { Clock } from '../Clock';
import { rest } from '../clusters/pause';
import { FaultRefused, type FaultOrder } from './DrillExecutor';
import type { DrillExecutors } from './DrillExecutors';
import type { DrillStore, StoredDrill } from './DrillStore';

/** Where a process may die. */
export interface DrillPoint {
  readonly at: 'save' | 'beginFault' | 'endFault';
  readonly where: 'before' | 'after';
}

/** What moves drills. */
export interface DrillRunnerOptions {
  readonly drills: DrillStore;
  readonly executors: Pick<DrillExecutors, 'begin' | 'end'>;
  readonly observe: (drill: Drill) => DrillSight;
  readonly clock: Clock;
  readonly logger: LoggerService;
  readonly patience?: DrillPatience;
  /** Milliseconds between two looks for drills that are due. @default 1000 */
  readonly beat?: number;
  /** Milliseconds between two looks at one drill. @default 5000 */
  readonly pace?: number;
  /** Called before and after each effect and write; tests of crashes stop the process there. */
  readonly onPoint?: (point: DrillPoint) => Promise<void> | void;
}

/**
 * Moves drills on: looks at the devices, decides, writes the decision down, and then makes it so.
 *
 * Guarantee: a fault that may have begun is ended before its drill is over, by this process or by any
 * other after it. That it begins and that it ends is written down before, and both may be done twice.
 */
export class DrillRunner {
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;

  constructor(private readonly options: DrillRunnerOptions) {}

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  /** One look at all that is due. */
  async look(): Promise<void> {
    const { drills, logger } = this.options;
    for (const stored of await drills.claim()) {
      if (this.#stop.signal.aborted) return;
      const { id } = stored.drill.order;
      let isConflict = false;
      try {
        await this.#advance(stored);
      } catch (error) {
        // Somebody said something meanwhile, or something outside failed: it is due again soon.
        isConflict = error instanceof ConflictError;
        if (!isConflict) {
          logger.warn(`Drill ${id} could not move on, trying again: ${error}`);
        }
      }
      await drills.due(id, this.#in(isConflict ? 0 : this.#pace()));
    }
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await this.look().catch(error =>
        this.options.logger.error(
          `Drills could not be looked at, trying again: ${error}`,
        ),
      );
      await rest(this.options.beat ?? 1_000, this.#stop.signal);
    }
  }

  /** The story of one look. */
  async #advance(stored: StoredDrill): Promise<void> {
    const { observe, patience } = this.options;
    const turn = nextDrillStep(stored.drill, {
      now: this.#now(),
      sight: observe(stored.drill),
      ...(patience && { patience }),
    });
    const saved = await this.#save(stored, turn);
    if (!turn.effect) return;
    const result = await this.#perform(turn.effect, saved.drill);
    await this.#save(saved, afterDrillEffect(saved.drill, result, this.#now()));
  }

  async #perform(
    effect: NonNullable<DrillTurn['effect']>,
    { order }: Drill,
  ): Promise<DrillEffectResult> {
    const { executors } = this.options;
    const { signal } = this.#stop;
    const { fault, duration } = order.kind;
    const { id: drill, devices, targets, requestedAt } = order;
    const asked: FaultOrder = {
      drill,
      fault,
      devices,
      targets,
      duration,
      requestedAt,
    };
    let at: string | undefined;
    await this.#point(effect, 'before');
    try {
      if (effect === 'beginFault') await executors.begin(asked, signal);
      else ({ at } = await executors.end(asked, signal));
    } catch (error) {
      const problem = isError(error) ? error.message : String(error);
      const isFinal = error instanceof FaultRefused;
      return { kind: isFinal ? 'refused' : 'failed', problem };
    }
    await this.#point(effect, 'after');
    return { kind: 'done', ...(at !== undefined && { at }) };
  }

  async #save(stored: StoredDrill, turn: DrillTurn): Promise<StoredDrill> {
    await this.#point('save', 'before');
    const saved = await this.options.drills.save(
      stored,
      turn.drill,
      turn.events,
    );
    await this.#point('save', 'after');
    return saved;
  }

  async #point(
    at: DrillPoint['at'],
    where: DrillPoint['where'],
  ): Promise<void> {
    await this.options.onPoint?.({ at, where });
  }

  #pace(): number {
    return this.options.pace ?? 5_000;
  }

  #now(): string {
    return this.options.clock().toISOString();
  }

  #in(milliseconds: number): Date {
    return new Date(this.options.clock().getTime() + milliseconds);
  }
}
