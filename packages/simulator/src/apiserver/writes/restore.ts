// SPDX-License-Identifier: Apache-2.0
import { objectOf } from '../http/body';
import type { ResourceTable } from '../kinds/ResourceTable';
import type { ResourceType } from '../kinds/ResourceType';
import { serverUser } from '../lifecycle/serverWrites';
import { isJsonObject } from '../objects';
import { badRequest } from '../status';
import type { ObjectWriter } from './ObjectWriter';

/**
 * An object as a backup holds it: with its kind, and with status and uid if
 * it has any.
 *
 * @public
 */
export interface RestoredObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
  };
  readonly spec?: object;
  readonly status?: object;
}

/**
 * Stores many objects at once, as if they came from a backup of etcd: status,
 * uid and time of creation stay as they are given. Rules and defaults hold as
 * for objects that clients create. Namespaces and definitions come before
 * what needs them.
 *
 * @returns how many there were.
 * @throws ApiError for the first object that is refused; those before it stay.
 */
export function restore(
  objects: Iterable<RestoredObject>,
  table: ResourceTable,
  writer: ObjectWriter,
): number {
  const types = new Map<string, ResourceType>();
  let count = 0;
  for (const object of objects) {
    const { apiVersion, kind, metadata } = object;
    const id = `${apiVersion} ${kind}`;
    const type = types.get(id) ?? table.ofKind(apiVersion, kind);
    if (!type) throw badRequest(`there is no kind ${kind} in ${apiVersion}`);
    types.set(id, type);
    if (!isJsonObject(object)) throw badRequest('an object must be JSON');
    const { namespace, name } = metadata;
    const stored = objectOf(type, object, { namespace, name });
    writer.create(type, namespace, stored, {
      user: serverUser,
      isRestored: true,
    });
    count += 1;
  }
  return count;
}
