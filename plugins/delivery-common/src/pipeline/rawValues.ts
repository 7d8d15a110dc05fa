// SPDX-License-Identifier: Apache-2.0

/** The value as a list; what is none is taken for an empty one, and left to the schema. */
export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The value as a map; what is none is taken for an empty one, and left to the schema. */
export function fields(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}
