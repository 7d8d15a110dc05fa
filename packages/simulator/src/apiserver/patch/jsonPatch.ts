// SPDX-License-Identifier: Apache-2.0
import { isJsonObject, sameJson } from '../objects';
import type { Json, JsonObject } from '../objects';

/** A patch that cannot be applied; the message says which step and why. */
export class PatchFailed extends Error {
  constructor(
    /** `malformed`: not a patch at all. `unfit`: not for this object. */
    readonly kind: 'malformed' | 'unfit',
    message: string,
  ) {
    super(message);
    this.name = 'PatchFailed';
  }
}

/**
 * Applies a JSON Patch (RFC 6902) without changing its input.
 *
 * @throws PatchFailed when a step does not fit; then nothing was applied.
 */
export function applyJsonPatch(target: JsonObject, patch: Json): JsonObject {
  if (!Array.isArray(patch)) {
    throw new PatchFailed('malformed', 'a JSON patch is a list of operations');
  }
  let document: Json = target;
  for (const step of patch) document = applyStep(document, step);
  if (!isJsonObject(document)) {
    throw new PatchFailed('unfit', 'the patch replaces the whole object');
  }
  return document;
}

function applyStep(document: Json, step: Json): Json {
  if (!isJsonObject(step) || typeof step.path !== 'string') {
    throw new PatchFailed('malformed', 'an operation needs "op" and "path"');
  }
  const path = pointer(step.path);
  switch (step.op) {
    case 'add':
      return insert(document, path, needed(step.value, 'value'));
    case 'remove':
      return remove(document, path);
    case 'replace':
      read(document, path);
      return path.length === 0
        ? needed(step.value, 'value')
        : replace(document, path, needed(step.value, 'value'));
    case 'move': {
      const from = pointer(String(needed(step.from, 'from')));
      const value = read(document, from);
      return insert(remove(document, from), path, value);
    }
    case 'copy': {
      const from = pointer(String(needed(step.from, 'from')));
      return insert(document, path, read(document, from));
    }
    case 'test':
      if (!sameJson(readOrNull(document, path), step.value ?? null)) {
        throw new PatchFailed(
          'unfit',
          `testing value ${step.path} failed: test failed`,
        );
      }
      return document;
    default:
      throw new PatchFailed('unfit', `Unexpected kind: ${step.op}`);
  }
}

function needed(value: Json | undefined, name: string): Json {
  if (value === undefined) {
    throw new PatchFailed('malformed', `the operation needs "${name}"`);
  }
  return value;
}

function pointer(text: string): string[] {
  if (text === '') return [];
  if (!text.startsWith('/')) {
    throw new PatchFailed('malformed', `"${text}" is not a JSON pointer`);
  }
  return text
    .slice(1)
    .split('/')
    .map(part => part.replace(/~1/g, '/').replace(/~0/g, '~'));
}

function missing(path: readonly string[]): PatchFailed {
  return new PatchFailed(
    'unfit',
    `the path /${path.join('/')} is missing: Unable to find nonexistent path`,
  );
}

function read(document: Json, path: readonly string[]): Json {
  let current: Json = document;
  for (const part of path) {
    const next = childOf(current, part);
    if (next === undefined) throw missing(path);
    current = next;
  }
  return current;
}

function childOf(parent: Json, part: string): Json | undefined {
  if (Array.isArray(parent)) return parent[indexIn(parent, part, false)];
  return isJsonObject(parent) ? parent[part] : undefined;
}

function readOrNull(document: Json, path: readonly string[]): Json {
  const parent = read(document, path.slice(0, -1));
  const last = path[path.length - 1];
  if (last !== undefined && isJsonObject(parent) && !(last in parent)) {
    return null;
  }
  return read(document, path);
}

/** Rebuilds the way down to the parent of a path; the rest is shared. */
function edit(
  document: Json,
  path: readonly string[],
  change: (parent: Json[] | JsonObject, last: string) => Json,
): Json {
  const [part, ...rest] = path;
  if (part === undefined) throw missing(path);
  if (!Array.isArray(document) && !isJsonObject(document)) throw missing(path);
  if (rest.length === 0) return change(document, part);
  if (Array.isArray(document)) {
    const copy = [...document];
    const index = indexIn(copy, part, false);
    copy[index] = edit(copy[index], rest, change);
    return copy;
  }
  const child = document[part];
  if (child === undefined) throw missing(path);
  return { ...document, [part]: edit(child, rest, change) };
}

function insert(document: Json, path: readonly string[], value: Json): Json {
  if (path.length === 0) return value;
  return edit(document, path, (parent, last) => {
    if (!Array.isArray(parent)) return { ...parent, [last]: value };
    const copy = [...parent];
    copy.splice(
      last === '-' ? copy.length : indexIn(copy, last, true),
      0,
      value,
    );
    return copy;
  });
}

function replace(document: Json, path: readonly string[], value: Json): Json {
  return edit(document, path, (parent, last) => {
    if (!Array.isArray(parent)) return { ...parent, [last]: value };
    const copy = [...parent];
    copy[indexIn(copy, last, false)] = value;
    return copy;
  });
}

function remove(document: Json, path: readonly string[]): Json {
  return edit(document, path, (parent, last) => {
    if (Array.isArray(parent)) {
      const copy = [...parent];
      copy.splice(indexIn(copy, last, false), 1);
      return copy;
    }
    if (!(last in parent)) throw missing(path);
    const { [last]: _removed, ...rest } = parent;
    return rest;
  });
}

function indexIn(list: readonly Json[], text: string, atEnd: boolean): number {
  const index = /^(0|[1-9]\d*)$/.test(text) ? Number(text) : -1;
  if (index < 0 || index > list.length || (index === list.length && !atEnd)) {
    throw new PatchFailed('unfit', `Invalid index referenced: ${text}`);
  }
  return index;
}
