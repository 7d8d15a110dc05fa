// SPDX-License-Identifier: Apache-2.0
import { Scheduler } from '../../time/Scheduler';
import { KubernetesClient } from './KubernetesClient';
import { isStatus } from './KubernetesError';
import { keyOf, KubernetesObject, Resource } from './resources';

/** Told about every change of a cached object; `object` undefined means it is gone. */
export type ChangeListener<T> = (
  object: T | undefined,
  previous: T | undefined,
) => void;

/** What an informer works with. */
export interface InformerDependencies {
  readonly client: KubernetesClient;
  readonly scheduler: Scheduler;
  readonly log: (line: string) => void;
}

const firstPause = 200;
const longestPause = 5_000;
const rememberedDeletions = 1_000;

class ExpiredError extends Error {}

/**
 * All objects of one kind, kept by list and watch. Listeners hear every change,
 * those found by listing again after an expired watch too. Writers may put what
 * the server answered into the cache with `wrote` and `deleting`, so that their
 * next look does not miss their own work.
 */
export class Informer<T extends KubernetesObject> {
  readonly #objects = new Map<string, T>();
  readonly #listeners = new Set<ChangeListener<T>>();
  readonly #stopping = new AbortController();
  readonly #deletedUids = new Set<string>();
  #loop: Promise<void> | undefined;
  #markSynced: () => void = () => undefined;
  /** Resolves when the first list is in the cache. */
  readonly synced = new Promise<void>(resolve => {
    this.#markSynced = resolve;
  });

  constructor(
    readonly resource: Resource<T>,
    private readonly dependencies: InformerDependencies,
  ) {}

  /** Begins to list and watch. */
  start(): void {
    this.#loop ??= this.#follow();
  }

  /** Ends the watch; the cache stays as it is. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
  }

  /** Calls `listener` for every change from now on, and for what is cached already. */
  onChange(listener: ChangeListener<T>): void {
    this.#listeners.add(listener);
    for (const object of this.#objects.values()) listener(object, undefined);
  }

  /** A cached object by key. */
  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  /** All cached objects. */
  list(): readonly T[] {
    return [...this.#objects.values()];
  }

  /** Adds an object the caller has just created, unless the watch was faster. */
  wrote(object: T): void {
    const key = keyOf(object.metadata);
    if (!this.#objects.has(key) && !this.#deletedUids.has(object.metadata.uid))
      this.#put(object);
  }

  /** Marks an object whose deletion the caller has just begun. */
  deleting(object: T, when: string): void {
    const key = keyOf(object.metadata);
    const cached = this.#objects.get(key);
    if (
      cached?.metadata.uid !== object.metadata.uid ||
      cached.metadata.deletionTimestamp
    )
      return;
    this.#objects.set(key, {
      ...cached,
      metadata: { ...cached.metadata, deletionTimestamp: when },
    });
  }

  async #follow(): Promise<void> {
    const { scheduler, log } = this.dependencies;
    const { signal } = this.#stopping;
    let pause = firstPause;
    let position: string | undefined;
    while (!signal.aborted) {
      try {
        position ??= await this.#relist();
        pause = firstPause;
        position = await this.#watch(position, signal);
        // A server may end a stream at once; without a breath that would be a busy loop.
        await scheduler.sleep(firstPause, signal);
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof ExpiredError || isStatus(error, 410)) {
          position = undefined;
        } else {
          // One line per outage, not one per attempt.
          if (pause === firstPause)
            log(`watch of ${this.resource.plural} failed: ${error}`);
          await scheduler.sleep(pause, signal);
          pause = Math.min(pause * 2, longestPause);
          // What happened meanwhile is not known, so nothing but a new list is safe.
          position = undefined;
        }
      }
    }
  }

  async #relist(): Promise<string> {
    const { items, resourceVersion } = await this.dependencies.client.list(
      this.resource,
    );
    const present = new Set(items.map(({ metadata }) => keyOf(metadata)));
    for (const [key, object] of [...this.#objects])
      if (!present.has(key)) this.#remove(object);
    for (const object of items) this.#put(object);
    this.#markSynced();
    return resourceVersion;
  }

  async #watch(from: string, signal: AbortSignal): Promise<string> {
    let position = from;
    await this.dependencies.client.watch(
      this.resource,
      from,
      ({ type, object }) => {
        if (type === 'ERROR') throw new ExpiredError(JSON.stringify(object));
        position = object.metadata.resourceVersion;
        if (type === 'DELETED') this.#remove(object);
        else if (type !== 'BOOKMARK') this.#put(object);
      },
      signal,
    );
    return position;
  }

  #put(object: T): void {
    const key = keyOf(object.metadata);
    const previous = this.#objects.get(key);
    if (
      previous?.metadata.resourceVersion === object.metadata.resourceVersion &&
      !previous.metadata.deletionTimestamp
    )
      return;
    this.#objects.set(key, object);
    for (const listener of this.#listeners) listener(object, previous);
  }

  #remove(object: T): void {
    const key = keyOf(object.metadata);
    this.#deletedUids.add(object.metadata.uid);
    if (this.#deletedUids.size > rememberedDeletions) {
      const [oldest] = this.#deletedUids;
      this.#deletedUids.delete(oldest);
    }
    const previous = this.#objects.get(key);
    if (!previous) return;
    this.#objects.delete(key);
    for (const listener of this.#listeners) listener(undefined, previous);
  }
}
