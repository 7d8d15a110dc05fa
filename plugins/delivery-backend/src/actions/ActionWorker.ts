// SPDX-License-Identifier: Apache-2.0
import type { LoggerService } from '@backstage/backend-plugin-api';
import { ConflictError, isError } from '@backstage/errors';
import {
  nextActionStep,
  PORTAL_ACTOR,
  type ActionEvent,
  type ActionRefusal,
  type DeviceAction,
} from '@causeway/plugin-delivery-common';
import type {
  DeviceActionCluster,
  DeviceActionContext,
  DeviceActionExecutor,
} from '@causeway/plugin-delivery-node';
import type { Clock } from '../Clock';
import type { ActionKinds } from './ActionKinds';
import type { ActionLease, ActionLeases } from './ActionLeases';
import type { ActionSituations } from './ActionSituations';
import { NoPlaceFree, type ActionStore } from './ActionStore';
import { failedBy, isFinal, withNote, type Unsigned } from './attemptEnd';
import { eventOfTurn } from './eventOfTurn';

/** A cluster to act on, until `signal` aborts. */
export type ActOn = (
  cluster: string,
  behalf: { readonly actor: string },
  signal: AbortSignal,
) => DeviceActionCluster | undefined;

/** A moment at which a process may die; tests of crashes let it. */
export interface ActionPoint {
  readonly at: 'prepare' | 'advance' | 'append';
  readonly where: 'before' | 'after';
  readonly action: string;
}

export interface ActionWorkerOptions {
  readonly store: ActionStore;
  readonly leases: ActionLeases;
  readonly kinds: ActionKinds;
  readonly situations: ActionSituations;
  readonly actOn: ActOn;
  readonly clock: Clock;
  readonly logger: LoggerService;
  /** Devices of a site that are interrupted at the same time at most. */
  readonly perSite: number;
  /** Between 0 and 1. */
  readonly random: () => number;
  readonly onPoint?: (point: ActionPoint) => Promise<void> | void;
  /** Actions worked on at the same time. @default 8 */
  readonly parallelism?: number;
  /** Milliseconds between two looks at an action that runs. @default 2000 */
  readonly pace?: number;
}

/** An action that waits is looked at so often even if nothing tells of a change. */
const LOOK_AGAIN = 15_000;
/** Other replicas' work is noticed at least this often. */
const LONGEST_SLEEP = 2_000;
const FIRST_RETRY = 1_000;
const LONGEST_RETRY = 60_000;

/**
 * Moves actions on.
 *
 * Guarantee: every action comes to an end after any crash, in any number of replicas, and nothing is
 * done to a device twice. That something begins is recorded, together with what was read before and
 * with the places it holds, before anything is changed; an executor recognises in the cluster what it
 * has done. A lease keeps turns of one action apart, and its ticket makes a late writer harmless.
 */
export class ActionWorker {
  readonly #options: ActionWorkerOptions;
  readonly #working = new Map<string, Promise<void>>();
  readonly #stopping = new AbortController();
  /** Devices whose actions wait for something about them, as far as this process has seen. */
  readonly #awaited = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #running = false;
  #pumping: Promise<void> | undefined;
  #pumpAgain = false;

  constructor(options: ActionWorkerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = true;
    this.#pump();
  }

  /** Actions were asked for or decided about; the database says which. */
  check(): void {
    this.#pump();
  }

  /** Something about a device has changed. */
  deviceChanged(device: {
    readonly cluster: string;
    readonly name: string;
  }): void {
    if (!this.#awaited.delete(`${device.cluster}/${device.name}`)) return;
    this.#options.leases.wake(device).then(
      () => this.#pump(),
      error =>
        this.#options.logger.warn(
          `Actions of a device could not be woken, they are looked at later: ${error}`,
        ),
    );
  }

  /** Takes up nothing new; resolves when the visits under way have ended. */
  async stop(): Promise<void> {
    this.#running = false;
    clearTimeout(this.#timer);
    await this.#pumping;
    this.#stopping.abort();
    await Promise.all(this.#working.values());
  }

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
    const { leases, logger, parallelism = 8 } = this.#options;
    clearTimeout(this.#timer);
    let sleep = LONGEST_SLEEP;
    try {
      const limit = parallelism - this.#working.size;
      if (limit > 0) {
        for (const lease of await leases.claim(limit)) this.#begin(lease);
        const due = await leases.nextDue();
        const rest = due ? due.getTime() - this.#now().getTime() : sleep;
        if (this.#working.size < parallelism) {
          sleep = Math.min(sleep, Math.max(rest, 10));
        }
      }
    } catch (error) {
      logger.error(`Due actions could not be claimed, trying again: ${error}`);
    }
    if (this.#running) {
      this.#timer = setTimeout(() => this.#pump(), sleep);
      this.#timer.unref();
    }
  }

  #begin(lease: ActionLease): void {
    const visit = this.#visit(lease).finally(() => {
      this.#working.delete(lease.id);
      this.#pump();
    });
    this.#working.set(lease.id, visit);
  }

  /** Turns of one action until it waits or ends. Never throws. */
  async #visit(lease: ActionLease): Promise<void> {
    const { leases, logger } = this.#options;
    const lost = new AbortController();
    const signal = AbortSignal.any([lost.signal, this.#stopping.signal]);
    const pulse = setInterval(() => {
      leases.extend(lease).then(
        kept => !kept && lost.abort(),
        () => undefined,
      );
    }, leases.duration / 3);
    try {
      let next = await this.#turn(lease, signal);
      while (next === 'again' && this.#running) {
        next = await this.#turn(lease, signal);
      }
      const dueAt = next === 'again' ? this.#now() : next;
      await leases.release(lease, { dueAt, failures: 0 });
    } catch (error) {
      await this.#afterFailure(lease, error).catch(failure =>
        // The lease runs out by itself, and then somebody takes the action up again.
        logger.error(
          `The failed visit of action ${lease.id} could not be written down: ${failure}`,
        ),
      );
    } finally {
      clearInterval(pulse);
    }
  }

  /** The story: load, look, decide, do one thing. Returns when to look again. */
  async #turn(
    lease: ActionLease,
    signal: AbortSignal,
  ): Promise<'again' | Date> {
    const { store, leases, situations } = this.#options;
    await leases.begin(lease);
    const { action, version } = await store.load(lease.id);
    const situation = await situations.of(action);
    const step = nextActionStep(action, situation);
    switch (step.kind) {
      case 'finished':
        return this.#in(LOOK_AGAIN);
      case 'record': {
        const { event } = step;
        const left = await this.#withdraw(action, signal);
        await this.#append(lease, version, this.#signed(withNote(event, left)));
        return 'again';
      }
      case 'wait':
        return this.#wait(action, step.why, new Date(step.until));
      case 'start':
        return this.#startAttempt(lease, action, version, signal);
      case 'advance':
        return this.#advance(lease, action, version, signal);
      default:
        throw new TypeError(
          `Unknown step ${JSON.stringify(step satisfies never)}`,
        );
    }
  }

  async #wait(
    { id, device }: DeviceAction,
    why: ActionRefusal,
    until: Date,
  ): Promise<Date> {
    await this.#options.store.explain(id, why);
    this.#awaited.add(`${device.cluster}/${device.name}`);
    const again = this.#in(LOOK_AGAIN);
    return until < again ? until : again;
  }

  /** Records that it begins, with what was read before, and only then lets it begin. */
  async #startAttempt(
    lease: ActionLease,
    action: DeviceAction,
    version: number,
    signal: AbortSignal,
  ): Promise<'again' | Date> {
    const { executor, context } = this.#openFor(action, signal);
    let event: ActionEvent;
    try {
      await this.#point('prepare', 'before', action);
      // What the first attempt has read holds for all: it says what was there before anything changed.
      const memory = action.memory ?? (await executor.prepare(context));
      await this.#point('prepare', 'after', action);
      event = this.#signed({ type: 'started', memory });
    } catch (error) {
      if (!isFinal(error)) throw error;
      event = this.#signed(failedBy(error));
      await this.#append(lease, version, event);
      return 'again';
    }
    try {
      await this.#append(lease, version, event, {
        places: this.#placesFor(action, executor),
      });
      return 'again';
    } catch (error) {
      if (!(error instanceof NoPlaceFree)) throw error;
      const why = {
        code: 'siteBusy',
        message:
          'Enough devices of the site are interrupted now, or another action on this device is under way.',
      };
      await this.#wait(action, why, this.#in(LOOK_AGAIN));
      return this.#in(this.#pace());
    }
  }

  async #advance(
    lease: ActionLease,
    action: DeviceAction,
    version: number,
    signal: AbortSignal,
  ): Promise<'again' | Date> {
    const { executor, context } = this.#openFor(action, signal);
    try {
      await this.#point('advance', 'before', action);
      const turn = await executor.advance(context, action.memory ?? {});
      await this.#point('advance', 'after', action);
      const told = eventOfTurn(turn, action, executor.kind, context.now);
      if (told.event) {
        await this.#append(lease, version, this.#signed(told.event), {
          output: told.output,
        });
      }
      return told.isOver ? 'again' : this.#in(this.#pace());
    } catch (error) {
      if (!isFinal(error)) throw error;
      const left = await this.#withdraw(action, signal);
      const event = withNote(failedBy(error), left);
      await this.#append(lease, version, this.#signed(event));
      return 'again';
    }
  }

  /**
   * Ends what an attempt may have left to go on in the cluster. Throws while the cluster does not answer,
   * so that the attempt does not end before; returns what could not be ended for good, in a sentence.
   */
  async #withdraw(
    action: DeviceAction,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const { kinds, actOn } = this.#options;
    const executor = kinds.find(action.kind);
    if (action.phase !== 'running' || !executor?.withdraw) return undefined;
    const { cluster, name } = action.device;
    if (!actOn(cluster, { actor: action.requestedBy }, signal)) {
      return `The portal does not know the cluster ${cluster} any more, so what was begun there for ${name} may go on.`;
    }
    try {
      await executor.withdraw(this.#openFor(action, signal).context);
      return undefined;
    } catch (error) {
      if (!isFinal(error)) throw error;
      return `What was begun could not be taken back and may go on: ${error.message}`;
    }
  }

  #openFor(
    action: DeviceAction,
    signal: AbortSignal,
  ): {
    readonly executor: DeviceActionExecutor;
    readonly context: DeviceActionContext;
  } {
    const { kinds, actOn } = this.#options;
    const executor = kinds.find(action.kind);
    const { cluster: name, name: node } = action.device;
    const cluster = actOn(name, { actor: action.requestedBy }, signal);
    if (!executor || !cluster) {
      throw new Error(`The portal has no cluster "${name}" to act on now.`);
    }
    const { id, parameters, reason, progress } = action;
    return {
      executor,
      context: {
        id,
        node,
        parameters,
        actor: action.requestedBy,
        reason,
        attempt:
          action.phase === 'running' ? action.attempt : action.attempt + 1,
        ...(action.phase === 'running' && progress && { progress }),
        cluster,
        now: this.#now(),
      },
    };
  }

  /** The device itself, and where it is interrupted, one of the places of its site. */
  #placesFor(
    { device: { cluster, name, site } }: DeviceAction,
    { kind }: DeviceActionExecutor,
  ): readonly (readonly string[])[] {
    const ofDevice = [`device ${cluster}/${name}`];
    if (!kind.interrupts || site === undefined) return [ofDevice];
    const ofSite = Array.from(
      { length: this.#options.perSite },
      (_, index) => `site ${cluster}/${site}#${index + 1}`,
    );
    return [ofDevice, ofSite];
  }

  async #append(
    lease: ActionLease,
    expectedVersion: number,
    event: ActionEvent,
    more: {
      readonly places?: readonly (readonly string[])[];
      readonly output?: string;
    } = {},
  ): Promise<void> {
    const { id, ticket } = lease;
    await this.#point('append', 'before', { id });
    await this.#options.store.append([
      { id, expectedVersion, events: [event], ticket, ...more },
    ]);
    await this.#point('append', 'after', { id });
  }

  /** What each kind of failure means. */
  async #afterFailure(lease: ActionLease, error: unknown): Promise<void> {
    const { leases, store, logger, random } = this.#options;
    const now = this.#now();
    if (error instanceof ConflictError || !this.#running) {
      // A person decided meanwhile, the lease went to somebody else, or this process ends.
      await leases.release(lease, { dueAt: now, failures: lease.failures });
      return;
    }
    const message = isError(error) ? error.message : String(error);
    logger.warn(`Action ${lease.id} could not go on, trying again: ${message}`);
    await store.explain(lease.id, { code: 'retrying', message });
    const delay =
      Math.min(FIRST_RETRY * 2 ** lease.failures, LONGEST_RETRY) *
      (0.5 + random() / 2);
    await leases.release(lease, {
      dueAt: new Date(now.getTime() + delay),
      failures: lease.failures + 1,
    });
  }

  #signed(event: Unsigned): ActionEvent {
    return { ...event, at: this.#now().toISOString(), actor: PORTAL_ACTOR };
  }

  async #point(
    at: ActionPoint['at'],
    where: ActionPoint['where'],
    { id }: { readonly id: string },
  ): Promise<void> {
    await this.#options.onPoint?.({ at, where, action: id });
  }

  #pace(): number {
    return this.#options.pace ?? 2_000;
  }

  #in(milliseconds: number): Date {
    return new Date(this.#now().getTime() + milliseconds);
  }

  #now(): Date {
    return this.#options.clock();
  }
}
