// SPDX-License-Identifier: Apache-2.0

/** Reads fields of JSON that somebody else wrote: each answers undefined unless the field is there and of that type. */

type Fields = Readonly<Record<string, unknown>>;

export function recordIn(value: unknown, key: string): Fields | undefined {
  const field = fieldIn(value, key);
  return isRecord(field) ? field : undefined;
}

/** A list, empty when there is none. */
export function listIn(value: unknown, key: string): readonly unknown[] {
  const field = fieldIn(value, key);
  return Array.isArray(field) ? field : [];
}

export function textIn(value: unknown, key: string): string | undefined {
  const field = fieldIn(value, key);
  return typeof field === 'string' ? field : undefined;
}

/** The numbers of a list, empty when there is none. */
export function numbersIn(value: unknown, key: string): readonly number[] {
  return listIn(value, key).filter(
    (entry): entry is number => typeof entry === 'number',
  );
}

export function numberIn(value: unknown, key: string): number | undefined {
  const field = fieldIn(value, key);
  return typeof field === 'number' ? field : undefined;
}

/** True where the field says so itself. */
export function flagIn(value: unknown, key: string): boolean {
  return fieldIn(value, key) === true;
}

function fieldIn(value: unknown, key: string): unknown {
  return isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
