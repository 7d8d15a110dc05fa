// SPDX-License-Identifier: Apache-2.0

type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Whether a live value already is what is wanted. The server adds defaults, so a
 * live object may have more fields; a list must have the same length and order.
 */
export function satisfies(live: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(live) &&
      live.length === wanted.length &&
      wanted.every((item, index) => satisfies(live[index], item))
    );
  }
  if (isFields(wanted)) {
    return (
      isFields(live) &&
      Object.entries(wanted).every(([key, value]) =>
        satisfies(live[key], value),
      )
    );
  }
  return live === wanted || (wanted === null && live === undefined);
}

/**
 * The JSON merge patch that makes `live` what is wanted: fields that differ are
 * set, fields that were applied before and are no longer wanted are removed,
 * everything else belongs to others and stays. Undefined when nothing is to do.
 */
export function threeWayPatch(
  applied: unknown,
  wanted: Fields,
  live: unknown,
): Fields | undefined {
  const patch: Record<string, unknown> = {};
  const present = isFields(live) ? live : {};
  const before = isFields(applied) ? applied : {};
  for (const key of Object.keys(before)) {
    if (!(key in wanted) && key in present) patch[key] = null;
  }
  for (const [key, value] of Object.entries(wanted)) {
    if (isFields(value) && isFields(present[key])) {
      const inner = threeWayPatch(before[key], value, present[key]);
      if (inner) patch[key] = inner;
    } else if (!satisfies(present[key], value)) {
      patch[key] = value;
    } else if (Array.isArray(value) && hasLost(before[key], value)) {
      patch[key] = value;
    }
  }
  return Object.keys(patch).length > 0 ? patch : undefined;
}

/** Whether items of a list were applied with fields that are not wanted any more. */
function hasLost(before: unknown, wanted: readonly unknown[]): boolean {
  return (
    Array.isArray(before) &&
    before.some((item, index) => !satisfies(wanted[index], item))
  );
}
