// SPDX-License-Identifier: Apache-2.0
import {
  CLEANUP_FINALIZER,
  collectionOf,
  DEFINITIONS,
} from '../kinds/customResources';
import type { ResourceTable } from '../kinds/ResourceTable';
import type { ResourceType } from '../kinds/ResourceType';
import type { KubeObject } from '../objects';
import type { Change, Entry, Store } from '../store/Store';
import { NAMESPACES } from '../writes/ObjectWriter';
import type { ObjectWriter } from '../writes/ObjectWriter';
import { serverUser, withoutFinalizer } from './serverWrites';

/**
 * Empties what is being deleted: the objects of a namespace, and those of a
 * CustomResourceDefinition. When the last one is gone, so is the container.
 */
export class Sweeper {
  readonly #terminating = new Set<string>();
  readonly #dying = new Set<string>();
  #scheduled: NodeJS.Immediate | undefined;

  constructor(
    private readonly store: Store,
    private readonly table: ResourceTable,
    private readonly writer: ObjectWriter,
  ) {}

  /** Takes note of a write; call it for each, in order. */
  observe({ collection, key, type, entry }: Change): void {
    const isDeleting = entry.object.metadata.deletionTimestamp !== undefined;
    const waiting = this.#waitingFor(collection);
    if (waiting) {
      if (type === 'DELETED') waiting.delete(key);
      else if (isDeleting) waiting.add(key);
    }
    if (this.#terminating.size + this.#dying.size > 0) this.#schedule();
  }

  stop(): void {
    if (this.#scheduled) clearImmediate(this.#scheduled);
    this.#scheduled = undefined;
  }

  #waitingFor(collection: string): Set<string> | undefined {
    if (collection === NAMESPACES) return this.#terminating;
    return collection === DEFINITIONS ? this.#dying : undefined;
  }

  #schedule(): void {
    this.#scheduled ??= setImmediate(() => {
      this.#scheduled = undefined;
      for (const name of [...this.#terminating]) this.#sweepNamespace(name);
      for (const name of [...this.#dying]) this.#sweepDefinition(name);
    });
  }

  #sweepNamespace(name: string): void {
    const stored = this.table
      .all()
      .filter(({ namespaced, review }) => namespaced && !review);
    const left = stored.flatMap(type =>
      this.#deleteAll(type, this.store.list(type.collection, name)),
    );
    if (left.length > 0) return;
    this.#update(NAMESPACES, name, namespace => ({
      ...namespace,
      spec: { finalizers: [] },
    }));
  }

  #sweepDefinition(name: string): void {
    const definition = this.store.get(DEFINITIONS, name);
    if (!definition) return;
    const collection = collectionOf(definition.object);
    const type = this.#typeOf(collection);
    const left = type ? this.#deleteAll(type, this.store.list(collection)) : [];
    if (left.length > 0) return;
    this.#update(DEFINITIONS, name, withoutFinalizer(CLEANUP_FINALIZER));
  }

  /** @returns those that are still there. */
  #deleteAll(type: ResourceType, entries: readonly Entry[]): Entry[] {
    return entries.filter(entry => {
      const { deletionTimestamp } = entry.object.metadata;
      if (deletionTimestamp !== undefined) return true;
      return !this.writer.delete(type, entry.key, {
        propagation: 'Background',
      }).gone;
    });
  }

  #update(
    collection: string,
    key: string,
    change: (object: KubeObject) => KubeObject,
  ): void {
    const type = this.#typeOf(collection);
    if (!type || !this.store.get(collection, key)) return;
    this.writer.update(type, key, change, { user: serverUser, part: 'whole' });
  }

  #typeOf(collection: string): ResourceType | undefined {
    return this.table.all().find(type => type.collection === collection);
  }
}
