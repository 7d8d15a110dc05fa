// SPDX-License-Identifier: Apache-2.0
import { isJsonObject } from '../objects';
import type { Json, JsonObject } from '../objects';

/** Applies a JSON Merge Patch (RFC 7386) without changing its input. */
export function applyMergePatch(
  target: JsonObject,
  patch: JsonObject,
): JsonObject {
  const result: JsonObject = { ...target };
  for (const [field, value] of Object.entries(patch)) {
    if (value === null || value === undefined) delete result[field];
    else result[field] = merged(result[field], value);
  }
  return result;
}

function merged(current: Json | undefined, patch: Json): Json {
  if (!isJsonObject(patch)) return patch;
  return applyMergePatch(isJsonObject(current) ? current : {}, patch);
}
