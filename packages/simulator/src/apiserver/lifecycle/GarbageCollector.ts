// SPDX-License-Identifier: Apache-2.0
import type { ResourceTable } from '../kinds/ResourceTable';
import type { ResourceType } from '../kinds/ResourceType';
import { sameJson } from '../objects';
import type { KubeObject, OwnerReference } from '../objects';
import type { Change, Entry, Store } from '../store/Store';
import { FOREGROUND, ORPHAN } from '../writes/deletion';
import type { Propagation } from '../writes/DeleteOptions';
import { keyOf } from '../writes/names';
import type { ObjectWriter } from '../writes/ObjectWriter';
import { serverUser, withoutFinalizer } from './serverWrites';

interface Place {
  readonly collection: string;
  readonly key: string;
}

/**
 * Deletes what nobody owns any more, and finishes foreground and orphaning
 * deletions, as the garbage collector of the controller manager does.
 *
 * Runs a moment after the write that caused it, never inside of it.
 */
export class GarbageCollector {
  /** Uids of owners, each with the places of the objects it owns. */
  readonly #owned = new Map<string, Map<string, Place>>();
  readonly #uids = new Set<string>();
  readonly #due = new Map<string, Place>();
  #scheduled: NodeJS.Immediate | undefined;

  constructor(
    private readonly store: Store,
    private readonly table: ResourceTable,
    private readonly writer: ObjectWriter,
  ) {}

  /** Takes note of a write; call it for each, in order. */
  observe(change: Change): void {
    if (concernsNobody(change)) return;
    const place = { collection: change.collection, key: change.key };
    const id = idOf(place);
    const uid = change.entry.object.metadata.uid ?? '';
    for (const owner of ownersOf(change.previous)) {
      const owned = this.#owned.get(owner.uid);
      owned?.delete(id);
      if (owned?.size === 0) this.#owned.delete(owner.uid);
      // The deletion of a blocking dependent may finish that of its owner.
      this.#enqueueOwner(owner, change.entry.object);
    }
    if (change.type === 'DELETED') {
      this.#uids.delete(uid);
      this.#due.delete(id);
      for (const dependent of this.#owned.get(uid)?.values() ?? []) {
        this.#enqueue(dependent);
      }
      return;
    }
    this.#uids.add(uid);
    for (const owner of ownersOf(change.entry)) {
      const owned = this.#owned.get(owner.uid) ?? new Map<string, Place>();
      this.#owned.set(owner.uid, owned.set(id, place));
    }
    const { finalizers = [], ownerReferences = [] } =
      change.entry.object.metadata;
    const waits =
      finalizers.includes(FOREGROUND) || finalizers.includes(ORPHAN);
    if (waits || ownerReferences.length > 0) this.#enqueue(place);
  }

  stop(): void {
    if (this.#scheduled) clearImmediate(this.#scheduled);
    this.#scheduled = undefined;
  }

  #enqueue(place: Place): void {
    this.#due.set(idOf(place), place);
    this.#scheduled ??= setImmediate(() => {
      this.#scheduled = undefined;
      const due = [...this.#due.values()];
      this.#due.clear();
      for (const one of due) this.#process(one);
    });
  }

  #enqueueOwner(owner: OwnerReference, dependent: KubeObject): void {
    const type = this.table.ofKind(owner.apiVersion, owner.kind);
    if (!type) return;
    const { namespace } = dependent.metadata;
    const key = keyOf(type.namespaced ? namespace : undefined, owner.name);
    const entry = this.store.get(type.collection, key);
    if (entry?.object.metadata.deletionTimestamp) {
      this.#enqueue({ collection: type.collection, key });
    }
  }

  #process({ collection, key }: Place): void {
    const entry = this.store.get(collection, key);
    const type = this.table
      .all()
      .find(candidate => candidate.collection === collection);
    if (!entry || !type) return;
    const { finalizers = [], deletionTimestamp } = entry.object.metadata;
    if (deletionTimestamp && finalizers.includes(ORPHAN)) {
      this.#orphanDependents(entry);
      this.#finish(type, key, ORPHAN);
    } else if (deletionTimestamp && finalizers.includes(FOREGROUND)) {
      this.#deleteInForeground(type, entry);
    } else if (!deletionTimestamp) this.#deleteUnowned(type, entry);
  }

  #deleteUnowned(type: ResourceType, { key, object }: Entry): void {
    const owners = object.metadata.ownerReferences ?? [];
    const alive = owners.filter(owner => this.#uids.has(owner.uid));
    if (owners.length === 0 || alive.length === owners.length) return;
    if (alive.length > 0) {
      this.#setOwners(type, key, alive);
      return;
    }
    const uid = object.metadata.uid ?? '';
    const propagation: Propagation = object.metadata.finalizers?.includes(
      ORPHAN,
    )
      ? 'Orphan'
      : 'Background';
    this.writer.delete(type, key, { propagation, preconditions: { uid } });
  }

  #deleteInForeground(type: ResourceType, { key, object }: Entry): void {
    const uid = object.metadata.uid ?? '';
    const dependents = this.#dependentsOf(uid);
    const blocking = dependents.filter(({ entry }) =>
      ownersOf(entry).some(
        owner => owner.uid === uid && owner.blockOwnerDeletion === true,
      ),
    );
    if (blocking.length === 0) this.#finish(type, key, FOREGROUND);
    for (const dependent of dependents) {
      if (dependent.entry.object.metadata.deletionTimestamp) continue;
      this.writer.delete(dependent.type, dependent.entry.key, {
        propagation: 'Foreground',
      });
    }
  }

  #orphanDependents({ object }: Entry): void {
    const uid = object.metadata.uid ?? '';
    for (const { type, entry } of this.#dependentsOf(uid)) {
      const left = ownersOf(entry).filter(owner => owner.uid !== uid);
      this.#setOwners(type, entry.key, left);
    }
  }

  #dependentsOf(uid: string): { type: ResourceType; entry: Entry }[] {
    const places = [...(this.#owned.get(uid)?.values() ?? [])];
    return places.flatMap(({ collection, key }) => {
      const entry = this.store.get(collection, key);
      const type = this.table
        .all()
        .find(candidate => candidate.collection === collection);
      return entry && type ? [{ type, entry }] : [];
    });
  }

  #setOwners(type: ResourceType, key: string, owners: OwnerReference[]): void {
    this.writer.update(
      type,
      key,
      ({ metadata, ...rest }) => {
        const { ownerReferences: _before, ...others } = metadata;
        return {
          ...rest,
          metadata: {
            ...others,
            ...(owners.length > 0 && { ownerReferences: owners }),
          },
        };
      },
      { user: serverUser, part: 'whole' },
    );
  }

  #finish(type: ResourceType, key: string, finalizer: string): void {
    this.writer.update(type, key, withoutFinalizer(finalizer), {
      user: serverUser,
      part: 'whole',
    });
  }
}

function idOf({ collection, key }: Place): string {
  return `${collection}:${key}`;
}

/** Whether a change leaves owners, finalizers and life as they were: most do, such as all heartbeats. */
function concernsNobody({ type, entry, previous }: Change): boolean {
  if (type !== 'MODIFIED' || !previous) return false;
  const before = previous.object.metadata;
  const now = entry.object.metadata;
  return (
    now.deletionTimestamp === undefined &&
    now.uid === before.uid &&
    now.finalizers === undefined &&
    before.finalizers === undefined &&
    sameJson(now.ownerReferences ?? [], before.ownerReferences ?? [])
  );
}

function ownersOf(entry: Entry | undefined): readonly OwnerReference[] {
  return entry?.object.metadata.ownerReferences ?? [];
}
