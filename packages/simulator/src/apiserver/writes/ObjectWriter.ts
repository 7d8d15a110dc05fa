// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from 'node:crypto';
import type { ResourceType, User } from '../kinds/ResourceType';
import { sameJson } from '../objects';
import type { KubeObject } from '../objects';
import {
  alreadyExists,
  ApiError,
  conflict,
  forbidden,
  invalid,
  notFound,
} from '../status';
import { Entry } from '../store/Store';
import type { Store } from '../store/Store';
import { timestamp } from '../timestamp';
import type { Clock } from '../timestamp';
import { deletionOf } from './deletion';
import type { DeleteOptions } from './DeleteOptions';
import {
  finalizerViolations,
  generatedName,
  keyOf,
  nameViolations,
} from './names';
import { afterUpdate, isFinished } from './transitions';
import type { UpdateOptions } from './transitions';

export interface CreateOptions {
  readonly user: User;
  readonly dryRun?: boolean;
  /** Whether it comes from a backup, with status, uid and time of creation. */
  readonly isRestored?: boolean;
}

/** What a deletion left: the last state, and whether the object is gone. */
export interface Deleted {
  readonly entry: Entry;
  readonly gone: boolean;
}

export const NAMESPACES = 'v1/namespaces';

/**
 * All writes to the store, by the rules that hold for every kind and the
 * rules of the kind itself. Each method either throws an `ApiError` and
 * changes nothing, or makes at most one change, at once.
 */
export class ObjectWriter {
  constructor(private readonly store: Store, private readonly clock: Clock) {}

  create(
    type: ResourceType,
    namespace: string | undefined,
    given: KubeObject,
    options: CreateOptions,
  ): Entry {
    if (namespace !== undefined) this.#mustAccept(type, namespace, given);
    const object = this.#newObject(type, namespace, given, options);
    const name = object.metadata.name ?? '';
    const causes = [
      ...nameViolationsOf(type, object),
      ...finalizerViolations(object.metadata.finalizers ?? []),
      ...(type.validate?.(object) ?? []),
    ];
    if (causes.length > 0) throw invalid(type, name, causes);
    const key = keyOf(namespace, name);
    if (this.store.get(type.collection, key)) throw alreadyExists(type, name);
    return options.dryRun
      ? dryRunEntry(key, object)
      : this.store.put(type.collection, key, object);
  }

  /**
   * Replaces an object by what `change` makes of it. An object whose deletion
   * waited for this change only is removed.
   */
  update(
    type: ResourceType,
    key: string,
    change: (current: KubeObject) => KubeObject,
    options: UpdateOptions,
  ): Entry {
    const current = this.#mustHave(type, key);
    const next = afterUpdate(type, current.object, change(current.object), {
      ...options,
      now: this.clock(),
    });
    if (options.dryRun) return dryRunEntry(key, next);
    if (sameJson(next, current.object)) return current;
    if (isFinished(type, next)) {
      const last = this.store.remove(type.collection, key) ?? current;
      return new Entry(key, last.revision, next).at(last.revision);
    }
    return this.store.put(type.collection, key, next);
  }

  /** Removes an object, or marks it where somebody else has to finish first. */
  delete(type: ResourceType, key: string, options: DeleteOptions): Deleted {
    const current = this.#mustHave(type, key);
    mustMeet(type, current.object, options);
    const next = deletionOf(type, current.object, options, this.clock());
    if (next === 'remove') {
      if (options.dryRun) return { entry: current, gone: true };
      const entry = this.store.remove(type.collection, key) ?? current;
      return { entry, gone: true };
    }
    if (options.dryRun) return { entry: dryRunEntry(key, next), gone: false };
    const entry = sameJson(next, current.object)
      ? current
      : this.store.put(type.collection, key, next);
    return { entry, gone: false };
  }

  #mustHave(type: ResourceType, key: string): Entry {
    const entry = this.store.get(type.collection, key);
    if (!entry) throw notFound(type, key.slice(key.indexOf('/') + 1));
    return entry;
  }

  #mustAccept(type: ResourceType, namespace: string, given: KubeObject): void {
    const found = this.store.get(NAMESPACES, namespace);
    if (!found) throw notFound({ group: '', plural: 'namespaces' }, namespace);
    if (found.object.metadata.deletionTimestamp) {
      const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
      throw forbidden(type, given.metadata.name, why, [
        {
          reason: 'NamespaceTerminating',
          message: `namespace ${namespace} is being terminated`,
          field: 'metadata.namespace',
        },
      ]);
    }
  }

  #newObject(
    type: ResourceType,
    namespace: string | undefined,
    given: KubeObject,
    { user, isRestored }: CreateOptions,
  ): KubeObject {
    const { status, ...withoutStatus } = given;
    const {
      resourceVersion,
      deletionTimestamp: _deletion,
      deletionGracePeriodSeconds: _grace,
      generation: _generation,
      managedFields: _managers,
      ...metadata
    } = given.metadata;
    if (resourceVersion && !isRestored) {
      throw new ApiError(
        500,
        'InternalError',
        'resourceVersion should not be set on objects to be created',
      );
    }
    const keepsStatus =
      isRestored || !type.statusSubresource || type.statusAtCreation;
    const { uid, creationTimestamp } = isRestored ? given.metadata : {};
    const now = this.clock();
    const started: KubeObject = {
      ...withoutStatus,
      metadata: {
        ...metadata,
        name:
          metadata.name ||
          (metadata.generateName && generatedName(metadata.generateName)),
        ...(namespace !== undefined && { namespace }),
        uid: uid ?? randomUUID(),
        creationTimestamp: creationTimestamp ?? timestamp(now),
        ...(type.counted && { generation: 1 }),
      },
      ...(keepsStatus
        ? status !== undefined && { status }
        : !type.itemsCarryType && { status: {} }),
    };
    const complete = type.defaults?.(started) ?? started;
    const created = type.atCreation?.(complete, { now, user }) ?? complete;
    return isRestored && status !== undefined
      ? { ...created, status }
      : created;
  }
}

function nameViolationsOf(type: ResourceType, object: KubeObject) {
  // Names of roles and bindings may hold colons and more.
  if (type.group === 'rbac.authorization.k8s.io') return [];
  return nameViolations(object.metadata.name);
}

function dryRunEntry(key: string, object: KubeObject): Entry {
  return new Entry(key, 0, object);
}

function mustMeet(
  { group, kind }: ResourceType,
  { metadata }: KubeObject,
  { preconditions = {} }: DeleteOptions,
): void {
  const { uid, resourceVersion } = preconditions;
  const fail = (why: string) =>
    // The real server names the kind here, not the resource.
    conflict({ group, plural: kind }, metadata.name ?? '', why);
  if (uid && uid !== metadata.uid) {
    throw fail(
      `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`,
    );
  }
  if (resourceVersion && resourceVersion !== metadata.resourceVersion) {
    throw fail(
      `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`,
    );
  }
}
