// SPDX-License-Identifier: Apache-2.0
import { isScalar, type Pair, type YAMLMap } from 'yaml';

/** A piece of text to put between two offsets. */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Puts lines behind the line that holds `offset`, or behind the one before when `offset` begins a line. */
export function insertLines(
  text: string,
  offset: number,
  indent: string,
  lines: readonly string[],
): Splice {
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const block = lines.map(line => `${indent}${line}`).join(eol);
  const last = text[offset - 1] === '\n' ? offset - 1 : offset;
  const newline = text.indexOf('\n', last);
  if (newline < 0) {
    const text0 = text === '' ? `${block}${eol}` : `${eol}${block}`;
    return { start: text.length, end: text.length, text: text0 };
  }
  return { start: newline + 1, end: newline + 1, text: `${block}${eol}` };
}

/** The text with all pieces put in; offsets are those of the text before. */
export function applySplices(text: string, splices: readonly Splice[]): string {
  return [...splices]
    .sort((one, other) => other.start - one.start)
    .reduce(
      (rest, { start, end, text: piece }) =>
        rest.slice(0, start) + piece + rest.slice(end),
      text,
    );
}

/** The entry of a mapping, with the places of key and value. */
export function pairOf(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find(({ key: own }) => isScalar(own) && own.value === key);
}

/** How far from the beginning of its line. */
export function columnOf(text: string, offset: number): number {
  return offset - (text.lastIndexOf('\n', offset - 1) + 1);
}
