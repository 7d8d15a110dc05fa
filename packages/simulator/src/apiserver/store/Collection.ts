// SPDX-License-Identifier: Apache-2.0
import type { KubeObject } from '../objects';
import { Entry } from './Entry';
import { SortedKeys } from './SortedKeys';

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

/** What a collection held at one moment, in order of keys. Read it before the next write. */
export interface State {
  readonly size: number;
  entries(): Iterable<Entry>;
}

/** Objects of one kind with the last changes made to them. Used by `Store` only. */
export class Collection {
  readonly #entries = new Map<string, Entry>();
  readonly #listeners = new Set<(change: Change) => void>();
  /** Changes with a revision above `oldestRevision`, oldest first. */
  #history: Change[] = [];
  readonly #keys = new SortedKeys();

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
    return [...this.#stateNow(namespace, undefined).entries()];
  }

  stateAt(
    revision: number,
    namespace?: string,
    after?: string,
  ): State | undefined {
    const undo = this.changesSince(revision);
    if (!undo) return undefined;
    if (undo.length === 0) return this.#stateNow(namespace, after);
    const former = new Map<string, Entry | undefined>();
    for (const change of undo.reverse()) {
      former.set(change.key, change.previous);
    }
    return this.#stateBefore(former, namespace, after);
  }

  changesSince(revision: number): Change[] | undefined {
    if (revision < this.compactedTo) return undefined;
    return this.#history.slice(firstAfter(this.#history, revision));
  }

  put(key: string, revision: number, object: KubeObject): Change {
    const previous = this.#entries.get(key);
    const entry = new Entry(key, revision, object);
    this.#entries.set(key, entry);
    if (!previous) this.#keys.add(key);
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
    this.#keys.remove(key);
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
    if (this.#listeners.size > 0) {
      const forget = change.entry.keepEncodings();
      for (const listener of this.#listeners) listener(change);
      forget();
    }
    return change;
  }

  #stateNow(namespace: string | undefined, after: string | undefined): State {
    const keys = this.#keys.within(namespace, after);
    return stateOf(keys, key => this.#entries.get(key));
  }

  /** The state now, but for the keys whose former entries are given. */
  #stateBefore(
    former: ReadonlyMap<string, Entry | undefined>,
    namespace: string | undefined,
    after: string | undefined,
  ): State {
    const keys = new SortedKeys();
    for (const key of this.#keys.within(namespace, after)) {
      if (!former.has(key)) keys.add(key);
    }
    const restored = [...former].filter(([, entry]) => entry !== undefined);
    for (const [key] of restored) keys.add(key);
    return stateOf(
      keys.within(namespace, after),
      key => former.get(key) ?? this.#entries.get(key),
    );
  }
}

function stateOf(
  keys: readonly string[],
  entryOf: (key: string) => Entry | undefined,
): State {
  return {
    size: keys.length,
    *entries() {
      for (const key of keys) {
        const entry = entryOf(key);
        if (entry) yield entry;
      }
    },
  };
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
