// SPDX-License-Identifier: Apache-2.0
import type { KubeObject } from '../objects';
import { Collection } from './Collection';
import type { Change, State } from './Collection';
import type { Entry } from './Entry';
import { SharedParts } from './SharedParts';

export type { Change, State } from './Collection';
export { Entry } from './Entry';

export interface StoreOptions {
  /** First revision; later than any that a former store with older clock gave out. */
  readonly firstRevision: number;
  /** Changes remembered per collection for watches and continued lists. */
  readonly historyLimit: number;
}

/** Parts of objects that each store remembers for sharing, at least. */
const SHARED_PARTS = 256;

/**
 * Objects by collection, with one revision counter for all and a bounded
 * history per collection.
 *
 * Guarantees: every write has its own revision, larger than all before;
 * readers see whole writes only (all methods are synchronous); listeners are
 * called in order of revision, after the write can be read. Objects are
 * frozen by convention: nobody changes one that was stored.
 */
export class Store {
  readonly #collections = new Map<string, Collection>();
  readonly #historyLimit: number;
  readonly #listeners = new Set<(change: Change) => void>();
  readonly #parts = new SharedParts(SHARED_PARTS);
  #revision: number;

  constructor(options: StoreOptions) {
    this.#revision = options.firstRevision;
    this.#historyLimit = options.historyLimit;
  }

  /** Revision of the newest write of any collection. */
  get revision(): number {
    return this.#revision;
  }

  get(collection: string, key: string): Entry | undefined {
    return this.#collection(collection).get(key);
  }

  /** All entries in order of their keys; those of one namespace if given. */
  list(collection: string, namespace?: string): Entry[] {
    return this.#collection(collection).list(namespace);
  }

  /**
   * Entries as they were at a revision, of one namespace and after one key if
   * given.
   *
   * @returns `undefined` when the history does not reach that far back.
   */
  stateAt(
    collection: string,
    revision: number,
    namespace?: string,
    after?: string,
  ): State | undefined {
    return this.#collection(collection).stateAt(revision, namespace, after);
  }

  /**
   * Changes after a revision, oldest first.
   *
   * @returns `undefined` when the history does not reach that far back.
   */
  changesSince(collection: string, revision: number): Change[] | undefined {
    return this.#collection(collection).changesSince(revision);
  }

  /** Oldest revision a watch of the collection may start from. */
  oldestRevision(collection: string): number {
    return this.#collection(collection).oldestRevision;
  }

  /** Stores an object under a key and gives it its new resourceVersion. */
  put(collection: string, key: string, object: KubeObject): Entry {
    const revision = this.#next();
    const change = this.#collection(collection).put(
      key,
      revision,
      this.#parts.share({
        ...object,
        metadata: { ...object.metadata, resourceVersion: String(revision) },
      }),
    );
    this.#tell(change);
    return change.entry;
  }

  /** Removes a key; the last state gets the revision of its removal. */
  remove(collection: string, key: string): Entry | undefined {
    if (!this.#collection(collection).get(key)) return undefined;
    const change = this.#collection(collection).remove(key, this.#next());
    this.#tell(change);
    return change.entry;
  }

  /** Follows one collection. The returned function ends it. */
  follow(collection: string, listener: (change: Change) => void): () => void {
    return this.#collection(collection).follow(listener);
  }

  /** Follows every collection. The returned function ends it. */
  followAll(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Forgets all history: older watches and continued lists have expired. */
  compact(): void {
    for (const collection of this.#collections.values()) {
      collection.compact(this.#revision);
    }
  }

  /** Names of the collections that hold something. */
  collections(): string[] {
    return [...this.#collections.keys()];
  }

  #next(): number {
    this.#revision += 1;
    return this.#revision;
  }

  #tell(change: Change): void {
    for (const listener of this.#listeners) listener(change);
  }

  #collection(name: string): Collection {
    const known = this.#collections.get(name);
    if (known) return known;
    const made = new Collection(name, this.#historyLimit, this.#revision);
    this.#collections.set(name, made);
    return made;
  }
}
