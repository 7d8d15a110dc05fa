// SPDX-License-Identifier: Apache-2.0

/** A JSON value as it travels over the wire. */
export type Json = string | number | boolean | null | Json[] | JsonObject;

/** A JSON object; `undefined` fields are left out when it is encoded. */
export interface JsonObject {
  [field: string]: Json | undefined;
}

/** An entry of `metadata.ownerReferences`. */
export interface OwnerReference extends JsonObject {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  blockOwnerDeletion?: boolean;
  controller?: boolean;
}

/** `metadata` of every object. */
export interface ObjectMeta extends JsonObject {
  name?: string;
  generateName?: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: { [key: string]: string };
  annotations?: { [key: string]: string };
  finalizers?: string[];
  ownerReferences?: OwnerReference[];
}

/**
 * An object as the store keeps it: without `kind` and `apiVersion`, which
 * depend on the version it is asked for in. Never changed in place.
 */
export interface KubeObject extends JsonObject {
  metadata: ObjectMeta;
}

/** Whether a value is a JSON object (not null, not a list). */
export function isJsonObject(
  value: Json | undefined | object,
): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value at a path of field names, `undefined` where the path ends early. */
export function valueAt(
  value: Json | undefined,
  path: readonly string[],
): Json | undefined {
  let current = value;
  for (const field of path) {
    if (!isJsonObject(current)) return undefined;
    current = current[field];
  }
  return current;
}

/** The object at a path; an empty one where there is none. */
export function objectAt(
  value: Json | undefined,
  ...path: string[]
): JsonObject {
  const found = valueAt(value, path);
  return isJsonObject(found) ? found : {};
}

/** The list at a path; an empty one where there is none. */
export function listAt(value: Json | undefined, ...path: string[]): Json[] {
  const found = valueAt(value, path);
  return Array.isArray(found) ? found : [];
}

/** The text at a path; empty where there is none. */
export function textAt(value: Json | undefined, ...path: string[]): string {
  const found = valueAt(value, path);
  return found === undefined || found === null ? '' : String(found);
}

/** The number at a path; the fallback where there is none. */
export function numberAt(
  value: Json | undefined,
  path: readonly string[],
  fallback: number,
): number {
  const found = valueAt(value, path);
  return typeof found === 'number' ? found : fallback;
}

/** A copy of an object with the value at a path replaced. */
export function withValueAt<T extends JsonObject>(
  object: T,
  path: readonly string[],
  value: Json | undefined,
): T {
  const [field, ...rest] = path;
  if (field === undefined) return object;
  const replaced =
    rest.length === 0
      ? value
      : withValueAt(objectAt(object, field), rest, value);
  return { ...object, [field]: replaced };
}

/** Whether two JSON values are the same; order of fields does not matter. */
export function sameJson(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (Array.isArray(a) || Array.isArray(b)) {
    return (
      Array.isArray(a) &&
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((item, index) => sameJson(item, b[index]))
    );
  }
  if (!isJsonObject(a) || !isJsonObject(b)) return false;
  const fields = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...fields].every(field => sameJson(a[field], b[field]));
}
