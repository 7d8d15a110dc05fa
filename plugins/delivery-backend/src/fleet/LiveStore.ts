// SPDX-License-Identifier: Apache-2.0
import { isDeepStrictEqual } from 'node:util';
import type { ObservedIdentity } from '@causeway/plugin-delivery-common';
import {
  keyOf,
  type Change,
  type ObjectStore,
  type Snapshot,
} from '../clusters/snapshot';

/** Is told of every object that has really changed, with what it was. */
export type ObjectListener<T> = (
  after: T | undefined,
  before: T | undefined,
  /** It came with a list, so nobody knows when it changed. */
  listed: boolean,
) => void;

/**
 * Keeps the newest of every object in one map that changes in place, since copying the nodes of a
 * large cluster for each of their heartbeats would be all that the process does. Readers that must
 * not see it change take what they need at once.
 */
export class LiveStore<T extends ObservedIdentity> implements ObjectStore<T> {
  readonly #objects = new Map<string, T>();

  constructor(private readonly listener: ObjectListener<T>) {}

  get snapshot(): Snapshot<T> {
    return this.#objects;
  }

  get(key: { readonly namespace: string; readonly name: string }) {
    return this.#objects.get(keyOf(key));
  }

  /** Always false: whoever needs to know was told of each object. */
  take(change: Change<T>): boolean {
    if (change.type === 'stored') this.#store(change.object, false);
    if (change.type === 'deleted') this.#remove(keyOf(change.object));
    if (change.type === 'listed') this.#replace(change.objects);
    return false;
  }

  #replace(objects: readonly T[]): void {
    const present = new Set(objects.map(keyOf));
    for (const key of [...this.#objects.keys()]) {
      if (!present.has(key)) this.#remove(key);
    }
    for (const object of objects) this.#store(object, true);
  }

  #store(object: T, listed: boolean): void {
    const key = keyOf(object);
    const before = this.#objects.get(key);
    if (before && isDeepStrictEqual(before, object)) return;
    this.#objects.set(key, object);
    this.listener(object, before, listed);
  }

  #remove(key: string): void {
    const before = this.#objects.get(key);
    if (!before) return;
    this.#objects.delete(key);
    this.listener(undefined, before, false);
  }
}
