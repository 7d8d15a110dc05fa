// SPDX-License-Identifier: Apache-2.0

/** A row of the database before it was read: nothing is known about its columns. */
export type Row = Readonly<Record<string, unknown>>;

/** The text in a column. @throws Error when there is none */
export function textOf(row: Row, column: string): string {
  const value = row[column];
  if (typeof value === 'string') return value;
  throw new Error(`The column ${column} does not hold text`);
}

/** The text in a column that may be empty. */
export function optionalTextOf(row: Row, column: string): string | undefined {
  const value = row[column];
  return value === null || value === undefined
    ? undefined
    : textOf(row, column);
}

/** The whole number in a column; PostgreSQL answers large ones as text. @throws Error when there is none */
export function numberOf(row: Row, column: string): number {
  const value = Number(row[column]);
  if (Number.isSafeInteger(value) && row[column] !== null) return value;
  throw new Error(`The column ${column} does not hold a whole number`);
}

/** The JSON object or array in a text column. @throws Error when it is something else */
export function jsonOf(row: Row, column: string): object {
  const value: unknown = JSON.parse(textOf(row, column));
  if (typeof value === 'object' && value !== null) return value;
  throw new Error(`The column ${column} does not hold a JSON object`);
}
