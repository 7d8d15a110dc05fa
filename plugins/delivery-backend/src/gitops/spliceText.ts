// SPDX-License-Identifier: Apache-2.0
import {
  isScalar,
  Scalar,
  stringify,
  type Node,
  type Pair,
  type YAMLMap,
} from 'yaml';

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

/**
 * What makes the value of an entry another one, in the quotes that it has; undefined when that is not
 * safe. Nothing when it is so already.
 */
export function replaceValue(
  text: string,
  { key, value }: Pair,
  wanted: string,
): readonly Splice[] | undefined {
  const plain = isScalar(value) && !value.anchor && !value.tag;
  if (!plain || !value.range) return undefined;
  if (value.type?.startsWith('BLOCK')) return undefined;
  if (value.value === wanted) return [];
  const [start, end] = value.range;
  // An empty value has no place of its own; it goes right behind the colon.
  if (start === end) {
    const after = rangeOf(key)?.[1];
    if (after === undefined) return undefined;
    const colon = text.indexOf(':', after);
    return [{ start: colon + 1, end: colon + 1, text: ` ${quoted(wanted)}` }];
  }
  return [{ start, end, text: quoted(wanted, value.type) }];
}

/**
 * A string as YAML. Tags such as `1.10` or `on` are quoted, because kustomize would read a number
 * or a boolean; it reads YAML 1.1 where that differs from 1.2.
 */
export function quoted(value: string, like?: Scalar['type']): string {
  if (like === 'QUOTE_SINGLE') return `'${value.replaceAll("'", "''")}'`;
  if (like === 'QUOTE_DOUBLE') return JSON.stringify(value);
  const safe = (['1.1', '1.2'] as const).every(
    version => stringify(value, { version }).trim() === value,
  );
  return safe ? value : JSON.stringify(value);
}

/** Where a node begins and where its value ends. */
export function rangeOf(node: unknown): readonly [number, number] | undefined {
  const range = (node as Node | undefined)?.range;
  return range ? [range[0], range[1]] : undefined;
}
