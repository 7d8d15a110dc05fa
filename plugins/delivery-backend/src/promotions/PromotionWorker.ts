// SPDX-License-Identifier: Apache-2.0
import type { LoggerService } from '@backstage/backend-plugin-api';
import { ConflictError } from '@backstage/errors';
import {
  isActive,
  later,
  next,
  owesAnalysis,
  retirementOf,
  type Promotion,
  type PromotionEvent,
  type Unmet,
  type Wake,
} from '@causeway/plugin-delivery-common';
import type { EffectPoint } from '@causeway/plugin-delivery-node';
import type { Clock } from '../Clock';
import type { Effects } from './Effects';
import type { FactsGatherer } from './FactsGatherer';
import type { Lease, PromotionLeases } from './PromotionLeases';
import type { PromotionStore } from './PromotionStore';
import { WakeList } from './WakeList';

/** Tells people about what happened; may be called again for the same events after a crash. */
export type Announce = (
  promotion: Promotion,
  events: readonly PromotionEvent[],
) => Promise<void>;

export interface PromotionWorkerOptions {
  readonly store: PromotionStore;
  readonly leases: PromotionLeases;
  readonly facts: FactsGatherer;
  readonly effects: Effects;
  readonly clock: Clock;
  readonly logger: LoggerService;
  /** Between 0 and 1. */
  readonly random: () => number;
  readonly announce?: Announce;
  readonly onEffect?: (point: EffectPoint) => Promise<void> | void;
  /** Promotions worked on at the same time. @default 8 */
  readonly parallelism?: number;
}

/** Even without any wake a waiting promotion is looked at this often: wakes may be lost, facts are not. */
const LOOK_AGAIN = 30_000;
/** Other replicas' work is noticed at least this often. */
const LONGEST_SLEEP = 2_000;
const FIRST_RETRY = 1_000;
const LONGEST_RETRY = 60_000;

/**
 * Moves promotions on.
 *
 * Guarantee: every promotion moves on after any crash, and no effect happens twice. An effect that
 * happened just before a crash is recognised by its token; a lease keeps turns of one promotion from
 * overlapping, in any number of replicas, and its ticket makes a late writer's event harmless.
 * A failure outside never ends the worker: the promotion is tried again, later and later.
 */
export class PromotionWorker {
  readonly #options: PromotionWorkerOptions;
  readonly #parallelism: number;
  readonly #working = new Map<string, Promise<void>>();
  readonly #aborts = new Set<AbortController>();
  readonly #wakes = new WakeList();
  #timer: NodeJS.Timeout | undefined;
  #running = false;
  #pumping: Promise<void> | undefined;
  #pumpAgain = false;

  constructor(options: PromotionWorkerOptions) {
    this.#options = options;
    this.#parallelism = options.parallelism ?? 8;
  }

  /** Takes up all promotions that are due, also those of a process that died. */
  start(): void {
    this.#running = true;
    this.#pump();
  }

  /** Something happened that promotions may wait for; without an argument, anything may have. */
  wake(what?: Wake): void {
    this.#wakes.wake(what);
    this.#pump();
  }

  /** Promotions were asked for or decided about; the database says which. */
  check(): void {
    this.#pump();
  }

  /** Takes up nothing new; resolves when the visits under way have ended. They are cut short after `patience`. */
  async stop(patience: number = 5_000): Promise<void> {
    this.#running = false;
    clearTimeout(this.#timer);
    await this.#pumping;
    const cut = setTimeout(() => {
      for (const abort of this.#aborts) abort.abort();
    }, patience);
    await Promise.all(this.#working.values());
    clearTimeout(cut);
  }

  /** Claims what is due while there is room. One at a time; a call meanwhile makes it look again. */
  #pump(): void {
    if (!this.#running) return;
    if (this.#pumping) {
      this.#pumpAgain = true;
      return;
    }
    this.#pumpAgain = false;
    this.#pumping = this.#claimAndWork().finally(() => {
      this.#pumping = undefined;
      if (this.#pumpAgain) this.#pump();
    });
  }

  async #claimAndWork(): Promise<void> {
    const { leases, logger } = this.#options;
    clearTimeout(this.#timer);
    let sleep = LONGEST_SLEEP;
    try {
      const limit = this.#parallelism - this.#working.size;
      if (limit > 0) {
        const woken = this.#wakes.woken();
        // Those in work here may be released while we claim; their wakes must stay for the next time.
        const idle = woken.filter(promotion => !this.#working.has(promotion));
        const claimed = await leases.claim({ limit, woken });
        for (const lease of claimed) this.#begin(lease);
        if (claimed.length < limit) this.#forgetOthers(idle);
        const due = await leases.nextDue();
        const rest = due ? due.getTime() - this.#now().getTime() : sleep;
        if (this.#working.size < this.#parallelism) {
          sleep = Math.min(sleep, Math.max(rest, 10));
        }
      }
    } catch (error) {
      logger.error(
        `Due promotions could not be claimed, trying again: ${error}`,
      );
    }
    if (this.#running) {
      this.#timer = setTimeout(() => this.#pump(), sleep);
      this.#timer.unref();
    }
  }

  /** Woken but not to be had: another replica took them over, or ended them. */
  #forgetOthers(idle: readonly string[]): void {
    for (const promotion of idle) {
      if (!this.#working.has(promotion)) this.#wakes.forget(promotion);
    }
  }

  #begin(lease: Lease): void {
    const { promotion } = lease;
    this.#wakes.looking(promotion);
    const visit = this.#visit(lease).finally(() => {
      this.#working.delete(promotion);
      this.#pump();
    });
    this.#working.set(promotion, visit);
  }

  /** Turns of one promotion until it waits or ends. Never throws. */
  async #visit(lease: Lease): Promise<void> {
    const { leases, logger } = this.#options;
    const abort = new AbortController();
    this.#aborts.add(abort);
    const pulse = setInterval(
      () => this.#keep(lease, abort),
      leases.duration / 3,
    );
    try {
      let outcome = await this.#turn(lease, abort.signal);
      while (outcome.kind === 'again' && this.#running) {
        outcome = await this.#turn(lease, abort.signal);
      }
      await this.#end(lease, outcome);
    } catch (error) {
      await this.#afterFailure(lease, error).catch(failure =>
        // The lease runs out by itself, and then somebody takes the promotion up again.
        logger.error(
          `The failed visit of ${lease.promotion} could not be written down: ${failure}`,
        ),
      );
    } finally {
      clearInterval(pulse);
      this.#aborts.delete(abort);
    }
  }

  /** The story: load, gather, decide, do one thing. */
  async #turn(lease: Lease, signal: AbortSignal): Promise<TurnOutcome> {
    const { store, leases, facts, effects } = this.#options;
    this.#wakes.looking(lease.promotion);
    await leases.begin(lease);
    const { promotion, version } = await store.load(lease.promotion);
    const gathered = await facts.gather(promotion, signal);
    const step = next(promotion, gathered);
    switch (step.kind) {
      case 'finished':
        return { kind: 'finished', version };
      case 'wait':
        return { kind: 'waits', version, wake: step.wake, unmet: step.unmet };
      case 'record':
        await this.#append(lease, version, step.event);
        return { kind: 'again' };
      case 'perform': {
        const { effect } = step;
        await this.#point({
          at: 'effect',
          effect: effect.kind,
          where: 'before',
        });
        const event = await effects.perform(effect, signal);
        await this.#point({
          at: 'effect',
          effect: effect.kind,
          where: 'after',
        });
        await this.#append(lease, version, event);
        return { kind: 'again' };
      }
      default:
        return unheardOf(step);
    }
  }

  async #append(
    lease: Lease,
    expectedVersion: number,
    event: PromotionEvent,
  ): Promise<void> {
    const { promotion, ticket } = lease;
    await this.#point({ at: 'append', event: event.type, where: 'before' });
    await this.#options.store.append(
      [{ promotion, expectedVersion, events: [event] }],
      ticket,
    );
    await this.#point({ at: 'append', event: event.type, where: 'after' });
  }

  /** Announces what happened, says what is missing, and plans the next visit. */
  async #end(lease: Lease, outcome: TurnOutcome): Promise<void> {
    const { store, leases } = this.#options;
    const now = this.#now();
    switch (outcome.kind) {
      case 'again':
        await leases.release(lease, { dueAt: now, failures: 0 });
        return;
      case 'finished': {
        if (!(await this.#announced(lease, outcome.version))) {
          await this.#retry(lease, now);
          return;
        }
        await leases.finish(lease);
        this.#wakes.forget(lease.promotion);
        return;
      }
      case 'waits': {
        await store.explain(lease.promotion, outcome.unmet);
        const told = await this.#announced(lease, outcome.version);
        this.#wakes.waits(lease.promotion, outcome.wake);
        const dueAt = earliest(outcome.wake, now);
        if (told) await leases.release(lease, { dueAt, failures: 0 });
        else await this.#retry(lease, now);
        return;
      }
      default:
        unheardOf(outcome);
    }
  }

  /** A promotion goes its way whether or not people can be told; telling is tried again. */
  async #announced(lease: Lease, version: number): Promise<boolean> {
    const { store, leases, announce, logger } = this.#options;
    if (!announce || version <= lease.announced) return true;
    try {
      const { promotion, events } = await store.load(lease.promotion);
      await announce(promotion, events.slice(lease.announced));
      await leases.announced(lease, events.length);
      return true;
    } catch (error) {
      logger.warn(
        `What happened to promotion ${lease.promotion} could not be announced, trying again: ${error}`,
      );
      return false;
    }
  }

  async #tell(lease: Lease): Promise<void> {
    const { store } = this.#options;
    const stored = await store.load(lease.promotion).catch(() => undefined);
    if (stored) await this.#announced(lease, stored.version);
  }

  /** Plans the next attempt, later after each failure, never in step with others. */
  async #retry(lease: Lease, now: Date): Promise<Date> {
    const { leases, random } = this.#options;
    const delay =
      Math.min(FIRST_RETRY * 2 ** lease.failures, LONGEST_RETRY) *
      (0.5 + random() / 2);
    const dueAt = new Date(now.getTime() + delay);
    await leases.release(lease, { dueAt, failures: lease.failures + 1 });
    return dueAt;
  }

  /** What each kind of failure means. */
  async #afterFailure(lease: Lease, error: unknown): Promise<void> {
    const { store, leases, logger } = this.#options;
    const now = this.#now();
    if (error instanceof ConflictError) {
      // A person decided meanwhile, or the lease went to somebody else: look again, decide anew.
      await leases.release(lease, { dueAt: now, failures: 0 });
      return;
    }
    if (!this.#running) {
      await leases.release(lease, { dueAt: now, failures: lease.failures });
      return;
    }
    const message = error instanceof Error ? error.message : `${error}`;
    logger.warn(
      `Promotion ${lease.promotion} could not move on, trying again: ${message}`,
    );
    // What had happened by then is not held up by what failed.
    await this.#tell(lease);
    const expected = (await this.#retry(lease, now)).toISOString();
    const { promotion } = await store.load(lease.promotion);
    const isOver = !isActive(promotion) && !owesAnalysis(promotion);
    if (isOver && !retirementOf(promotion)) return;
    await store.explain(lease.promotion, [
      { code: 'retrying', text: message, owners: [], expected, problem: true },
    ]);
  }

  async #keep(lease: Lease, abort: AbortController): Promise<void> {
    const kept = await this.#options.leases.extend(lease).catch(() => true);
    if (!kept) abort.abort();
  }

  async #point(point: EffectPoint): Promise<void> {
    await this.#options.onEffect?.(point);
  }

  #now(): Date {
    return this.#options.clock();
  }
}

type TurnOutcome =
  | { readonly kind: 'again' }
  | { readonly kind: 'finished'; readonly version: number }
  | {
      readonly kind: 'waits';
      readonly version: number;
      readonly wake: readonly Wake[];
      readonly unmet: readonly Unmet[];
    };

function earliest(wakes: readonly Wake[], now: Date): Date {
  const times = wakes.flatMap(wake => (wake.on === 'time' ? [wake.at] : []));
  const latest = later(now.toISOString(), LOOK_AGAIN);
  return new Date([...times, latest].sort()[0] ?? latest);
}

function unheardOf(step: never): never {
  throw new TypeError(`Unknown step ${JSON.stringify(step)}`);
}
