// SPDX-License-Identifier: Apache-2.0
import type { KubeObject } from '../objects';
import { Entry } from './Entry';

/** One write of a collection. */
export interface Change {
  readonly collection: string;
  readonly revision: number;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly key: string;
  /** The new state; of a removal the last state under the removal's revision. */
  readonly entry: Entry;
  /** The state before. */
  readonly previous: Entry | undefined;
}

/** Objects of one kind with the last changes made to them. Used by `Store` only. */
export class Collection {
  readonly #entries = new Map<string, Entry>();
  readonly #listeners = new Set<(change: Change) => void>();
  /** Changes with a revision above `oldestRevision`, oldest first. */
  #history: Change[] = [];
  #sortedKeys: string[] | undefined = [];

  constructor(
    readonly name: string,
    private readonly historyLimit: number,
    private compactedTo: number,
  ) {}

  get oldestRevision(): number {
    return this.compactedTo;
  }

  get(key: string): Entry | undefined {
    return this.#entries.get(key);
  }

  list(namespace?: string): Entry[] {
    return pick(this.#keys(), this.#entries, namespace);
  }

  listAt(revision: number, namespace?: string): Entry[] | undefined {
    const undo = this.changesSince(revision);
    if (!undo) return undefined;
    if (undo.length === 0) return this.list(namespace);
    const entries = new Map(this.#entries);
    for (const change of undo.reverse()) {
      if (change.previous) entries.set(change.key, change.previous);
      else entries.delete(change.key);
    }
    return pick([...entries.keys()].sort(), entries, namespace);
  }

  changesSince(revision: number): Change[] | undefined {
    if (revision < this.compactedTo) return undefined;
    return this.#history.slice(firstAfter(this.#history, revision));
  }

  put(key: string, revision: number, object: KubeObject): Change {
    const previous = this.#entries.get(key);
    const entry = new Entry(key, revision, object);
    this.#entries.set(key, entry);
    if (!previous) this.#sortedKeys = undefined;
    const type = previous ? 'MODIFIED' : 'ADDED';
    return this.#record({
      collection: this.name,
      revision,
      type,
      key,
      entry,
      previous,
    });
  }

  remove(key: string, revision: number): Change {
    const previous = this.#entries.get(key);
    if (!previous) throw new Error(`${this.name} has no ${key} to remove`);
    this.#entries.delete(key);
    this.#sortedKeys = undefined;
    return this.#record({
      collection: this.name,
      revision,
      type: 'DELETED',
      key,
      entry: previous.at(revision),
      previous,
    });
  }

  follow(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  compact(revision: number): void {
    this.#history = [];
    this.compactedTo = revision;
  }

  #record(change: Change): Change {
    this.#history.push(change);
    // Dropping a quarter at once keeps the cost per write constant.
    if (this.#history.length > this.historyLimit * 1.25) {
      const dropped = this.#history.length - this.historyLimit;
      this.compactedTo = this.#history[dropped - 1].revision;
      this.#history = this.#history.slice(dropped);
    }
    for (const listener of this.#listeners) listener(change);
    return change;
  }

  #keys(): readonly string[] {
    this.#sortedKeys ??= [...this.#entries.keys()].sort();
    return this.#sortedKeys;
  }
}

function pick(
  keys: readonly string[],
  entries: ReadonlyMap<string, Entry>,
  namespace: string | undefined,
): Entry[] {
  const prefix = namespace === undefined ? '' : `${namespace}/`;
  const picked: Entry[] = [];
  for (const key of keys) {
    const entry = key.startsWith(prefix) ? entries.get(key) : undefined;
    if (entry) picked.push(entry);
  }
  return picked;
}

/** Index of the first change after a revision, by bisection. */
function firstAfter(history: readonly Change[], revision: number): number {
  let low = 0;
  let high = history.length;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (history[middle].revision <= revision) low = middle + 1;
    else high = middle;
  }
  return low;
}
