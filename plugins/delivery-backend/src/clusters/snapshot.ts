// SPDX-License-Identifier: Apache-2.0
import { isDeepStrictEqual } from 'node:util';
import type { ObservedIdentity } from '@causeway/plugin-delivery-common';

/** Objects of one kind in one cluster, by `namespace/name`. */
export type Snapshot<T> = ReadonlyMap<string, T>;

/** Where listening goes on after a break. The version is opaque and only handed back to its server. */
export type Resume =
  | { readonly from: 'list' }
  | { readonly from: 'version'; readonly resourceVersion: string };

/** One thing that became known about a kind, in the order in which it became known. */
export type Change<T> =
  | {
      readonly type: 'listed';
      readonly objects: readonly T[];
      readonly resourceVersion: string;
    }
  | { readonly type: 'opened' }
  | {
      readonly type: 'stored' | 'deleted';
      readonly object: T;
      readonly resourceVersion: string;
    }
  | { readonly type: 'bookmark'; readonly resourceVersion: string };

/** The key of an object within its kind. */
export function keyOf(object: {
  readonly namespace: string;
  readonly name: string;
}): string {
  return `${object.namespace}/${object.name}`;
}

/**
 * The snapshot after a change. Returns the same map when nothing we keep has changed, and keeps the
 * same object for every key that is equal, so that identity means "nothing to tell".
 */
export function reduce<T extends ObservedIdentity>(
  snapshot: Snapshot<T>,
  change: Change<T>,
): Snapshot<T> {
  switch (change.type) {
    case 'opened':
    case 'bookmark':
      return snapshot;
    case 'listed':
      return replaced(snapshot, change.objects);
    case 'stored':
      return stored(snapshot, change.object);
    case 'deleted':
      return without(snapshot, change.object);
    default:
      return change satisfies never;
  }
}

/** Where the objects of a kind in one cluster are kept. */
export interface ObjectStore<T> {
  readonly snapshot: Snapshot<T>;
  /** Takes note of a change; tells whether anything that readers are told of has changed. */
  take(change: Change<T>): boolean;
}

/** Keeps a snapshot that never changes once it was given out. Each change copies it. */
export class SnapshotStore<T extends ObservedIdentity>
  implements ObjectStore<T>
{
  #snapshot: Snapshot<T> = new Map();

  get snapshot(): Snapshot<T> {
    return this.#snapshot;
  }

  take(change: Change<T>): boolean {
    const before = this.#snapshot;
    this.#snapshot = reduce(before, change);
    return this.#snapshot !== before;
  }
}

/** Where to go on after a change: later than it, where it says so. */
export function resumeAfter<T>(resume: Resume, change: Change<T>): Resume {
  return change.type === 'opened'
    ? resume
    : { from: 'version', resourceVersion: change.resourceVersion };
}

function replaced<T extends ObservedIdentity>(
  snapshot: Snapshot<T>,
  objects: readonly T[],
): Snapshot<T> {
  const next = new Map<string, T>();
  let changed = objects.length !== snapshot.size;
  for (const object of objects) {
    const key = keyOf(object);
    const known = snapshot.get(key);
    const same = known !== undefined && isDeepStrictEqual(known, object);
    changed ||= !same;
    next.set(key, same ? known : object);
  }
  return changed ? next : snapshot;
}

function stored<T extends ObservedIdentity>(
  snapshot: Snapshot<T>,
  object: T,
): Snapshot<T> {
  const key = keyOf(object);
  if (isDeepStrictEqual(snapshot.get(key), object)) return snapshot;
  return new Map(snapshot).set(key, object);
}

function without<T extends ObservedIdentity>(
  snapshot: Snapshot<T>,
  object: T,
): Snapshot<T> {
  const key = keyOf(object);
  if (!snapshot.has(key)) return snapshot;
  const next = new Map(snapshot);
  next.delete(key);
  return next;
}
