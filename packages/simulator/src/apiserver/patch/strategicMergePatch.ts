// SPDX-License-Identifier: Apache-2.0
import { isJsonObject } from '../objects';
import type { Json, JsonObject } from '../objects';
import { PatchFailed } from './jsonPatch';
import type { MergeRule, MergeSchema } from './mergeSchema';

const DIRECTIVE = '$patch';
const RETAIN = '$retainKeys';
const ORDER = '$setElementOrder/';
const DELETE_VALUES = '$deleteFromPrimitiveList/';

/**
 * Applies a strategic merge patch without changing its input.
 *
 * As described in the Kubernetes documentation "Update API objects in place
 * using kubectl patch" and in the design note "strategic-merge-patch": lists
 * with a merge key are merged item by item; `$patch` replaces or deletes,
 * `$retainKeys` clears the fields it does not name, `$setElementOrder` orders,
 * `$deleteFromPrimitiveList` takes plain values out.
 *
 * @throws PatchFailed for directives that do not exist and items without key.
 */
export function applyStrategicMergePatch(
  target: JsonObject,
  patch: JsonObject,
  schema: MergeSchema,
): JsonObject {
  switch (patch[DIRECTIVE]) {
    case undefined:
    case 'merge':
      return mergeFields(retained(target, patch[RETAIN]), patch, schema);
    case 'replace':
      return withoutDirectives(patch);
    case 'delete':
      return {};
    default:
      throw new PatchFailed(
        'malformed',
        `Unknown patch type found: ${patch[DIRECTIVE]}`,
      );
  }
}

function retained(target: JsonObject, keys: Json | undefined): JsonObject {
  if (!Array.isArray(keys)) return target;
  return Object.fromEntries(
    Object.entries(target).filter(([field]) => keys.includes(field)),
  );
}

function mergeFields(
  target: JsonObject,
  patch: JsonObject,
  schema: MergeSchema,
): JsonObject {
  const result: JsonObject = { ...target };
  for (const [field, removed] of directives(patch, DELETE_VALUES)) {
    const list = result[field];
    if (Array.isArray(list)) {
      result[field] = list.filter(value => !removed.includes(value));
    }
  }
  for (const [field, value] of Object.entries(patch)) {
    if (field.startsWith('$') || value === undefined) continue;
    if (value === null) delete result[field];
    else result[field] = mergeValue(result[field], value, schema[field] ?? {});
  }
  for (const [field, order] of directives(patch, ORDER)) {
    const list = result[field];
    if (Array.isArray(list)) {
      const before = target[field];
      result[field] = ordered(
        list,
        order,
        Array.isArray(before) ? before : [],
        schema[field]?.mergeKey,
      );
    }
  }
  return result;
}

function* directives(
  patch: JsonObject,
  prefix: string,
): Iterable<[string, Json[]]> {
  for (const [field, value] of Object.entries(patch)) {
    if (field.startsWith(prefix) && Array.isArray(value)) {
      yield [field.slice(prefix.length), value];
    }
  }
}

function mergeValue(
  current: Json | undefined,
  patch: Json,
  rule: MergeRule,
): Json {
  if (isJsonObject(patch)) {
    return applyStrategicMergePatch(
      isJsonObject(current) ? current : {},
      patch,
      rule.fields ?? {},
    );
  }
  if (!Array.isArray(patch)) return patch;
  const list = Array.isArray(current) ? current : [];
  if (rule.set) {
    const all = [...list, ...patch.filter(value => !list.includes(value))];
    return ordered(all, patch, list, undefined);
  }
  if (rule.mergeKey) {
    const merged = mergeList(list, patch, rule.mergeKey, rule.fields);
    return ordered(merged, patch, list, rule.mergeKey);
  }
  return patch.map(stripped);
}

function mergeList(
  list: readonly Json[],
  patch: readonly Json[],
  key: string,
  fields: MergeSchema = {},
): Json[] {
  const replaces = patch.some(
    item =>
      isJsonObject(item) && item[DIRECTIVE] === 'replace' && !(key in item),
  );
  const result: Json[] = replaces ? [] : [...list];
  for (const item of patch) {
    if (!isJsonObject(item)) {
      throw new PatchFailed('malformed', `list items need the key ${key}`);
    }
    if (item[DIRECTIVE] === 'replace' && !(key in item)) continue;
    if (!(key in item)) {
      throw new PatchFailed(
        'malformed',
        `map: ${JSON.stringify(
          item,
        )} does not contain declared merge key: ${key}`,
      );
    }
    mergeItem(result, item, key, fields);
  }
  return result;
}

function mergeItem(
  list: Json[],
  item: JsonObject,
  key: string,
  fields: MergeSchema,
): void {
  const index = list.findIndex(
    candidate => isJsonObject(candidate) && candidate[key] === item[key],
  );
  const current = list[index];
  if (item[DIRECTIVE] === 'delete') {
    if (index >= 0) list.splice(index, 1);
  } else if (isJsonObject(current)) {
    list[index] = applyStrategicMergePatch(current, item, fields);
  } else {
    list.push(applyStrategicMergePatch({}, item, fields));
  }
}

/**
 * The order of a merged list: items the patch names stand as it names them,
 * the others as they stood before. Where the two meet, an item that only the
 * server has stays before its old successor; new items go first.
 */
function ordered(
  list: readonly Json[],
  order: readonly Json[],
  before: readonly Json[],
  key: string | undefined,
): Json[] {
  const wanted = places(order, key);
  const former = places(before, key);
  const placeIn = (known: ReadonlyMap<string, number>, item: Json) =>
    known.get(nameOf(item, key));
  const byPlace = (known: ReadonlyMap<string, number>) => (a: Json, b: Json) =>
    (placeIn(known, a) ?? 0) - (placeIn(known, b) ?? 0);
  const named = list
    .filter(item => placeIn(wanted, item) !== undefined)
    .sort(byPlace(wanted));
  const others = list
    .filter(item => placeIn(wanted, item) === undefined)
    .sort(byPlace(former));
  const result: Json[] = [];
  while (named.length > 0 && others.length > 0) {
    const place = placeIn(former, others[0]);
    const next = placeIn(former, named[0]);
    const stays = place !== undefined && next !== undefined && place < next;
    result.push(...(stays ? others : named).splice(0, 1));
  }
  return [...result, ...named, ...others];
}

function places(
  list: readonly Json[],
  key: string | undefined,
): ReadonlyMap<string, number> {
  return new Map(list.map((item, index) => [nameOf(item, key), index]));
}

function nameOf(item: Json, key: string | undefined): string {
  return JSON.stringify(key && isJsonObject(item) ? item[key] ?? null : item);
}

function withoutDirectives(patch: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(patch)
      .filter(([field, value]) => !field.startsWith('$') && value !== null)
      .map(([field, value]) => [field, value && stripped(value)]),
  );
}

function stripped(value: Json): Json {
  if (Array.isArray(value)) return value.map(stripped);
  return isJsonObject(value) ? withoutDirectives(value) : value;
}
