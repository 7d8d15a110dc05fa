// SPDX-License-Identifier: Apache-2.0

/** Finds objects by something else than their own name. The index of a map is kept for as long as the map. */
export function indexedBy<T>(
  keyOf: (object: T) => string | undefined,
): (objects: ReadonlyMap<string, T>) => ReadonlyMap<string, T> {
  const indices = new WeakMap<ReadonlyMap<string, T>, ReadonlyMap<string, T>>();
  return objects => {
    const kept = indices.get(objects);
    if (kept) return kept;
    const index = new Map(
      [...objects.values()].flatMap(object => {
        const key = keyOf(object);
        return key === undefined ? [] : [[key, object] as const];
      }),
    );
    indices.set(objects, index);
    return index;
  };
}
