// SPDX-License-Identifier: Apache-2.0
import { isMap, isScalar, isSeq, parseDocument, type YAMLSeq } from 'yaml';

/** What is put into a list of a YAML file. */
export interface ListEntry {
  /** Lines of the entry without the dash, not indented. */
  readonly text: string;
  /** Entries that are plain texts are kept in order by this; left out, it goes to the end. */
  readonly sortedBy?: string;
}

/**
 * Adds an entry to a list at the top level of a YAML text and touches nothing else: comments, blank
 * lines and the order of the others stay. Sorted entries stand before the first that is greater, so
 * that it does not matter in which order two are added. Undefined when the text has no such shape.
 */
export function addToList(
  text: string,
  key: string,
  entry: ListEntry,
): string | undefined {
  const document = parseDocument(text);
  if (document.errors.length > 0) return undefined;
  const { contents } = document;
  if (contents !== null && !isMap(contents)) return undefined;
  const list = document.get(key, true);
  if (list === undefined) {
    return `${endedWithNewline(text)}${key}:\n${dashed(entry.text, '  ')}`;
  }
  if (!isSeq(list)) return undefined;
  return list.flow
    ? addToFlow(text, list, entry)
    : addToBlock(text, list, entry);
}

function addToBlock(
  text: string,
  list: YAMLSeq,
  entry: ListEntry,
): string | undefined {
  const offsets = list.items.map(item => dashBefore(text, item));
  const [first] = offsets;
  if (first === undefined || offsets.includes(undefined)) return undefined;
  const indent = text.slice(lineStart(text, first), first);
  const before = greater(list, entry);
  const at =
    before === undefined
      ? endOfLastItem(text, list)
      : lineStart(text, offsets[before] ?? 0);
  const head = endedWithNewline(text.slice(0, at));
  return `${head}${dashed(entry.text, indent)}${text.slice(at)}`;
}

function addToFlow(
  text: string,
  list: YAMLSeq,
  entry: ListEntry,
): string | undefined {
  if (entry.text.includes('\n')) return undefined;
  const before = greater(list, entry);
  if (before !== undefined) {
    const at = startOf(list.items[before]);
    return at === undefined
      ? undefined
      : `${text.slice(0, at)}${entry.text}, ${text.slice(at)}`;
  }
  const last = list.items.at(-1);
  const at = last === undefined ? (list.range?.[0] ?? -1) + 1 : endOf(last);
  if (!at) return undefined;
  const comma = last === undefined ? '' : ', ';
  return `${text.slice(0, at)}${comma}${entry.text}${text.slice(at)}`;
}

/** Index of the first entry that comes after; undefined when there is none. */
function greater(list: YAMLSeq, entry: ListEntry): number | undefined {
  const { sortedBy } = entry;
  if (sortedBy === undefined) return undefined;
  const index = list.items.findIndex(
    item => isScalar(item) && String(item.value) > sortedBy,
  );
  return index < 0 ? undefined : index;
}

function dashed(entry: string, indent: string): string {
  const [first, ...others] = entry.split('\n');
  return [
    `${indent}- ${first}\n`,
    ...others.map(line => (line === '' ? '\n' : `${indent}  ${line}\n`)),
  ].join('');
}

function endedWithNewline(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

/** Where the dash of an item stands; only blanks are between it and the item. */
function dashBefore(text: string, item: unknown): number | undefined {
  const start = startOf(item);
  if (start === undefined) return undefined;
  const dash = text.lastIndexOf('-', start - 1);
  return dash >= 0 && text.slice(dash + 1, start).trim() === ''
    ? dash
    : undefined;
}

/** Behind the line on which the last item ends, comments at its end included. */
function endOfLastItem(text: string, list: YAMLSeq): number {
  const end = endOf(list.items.at(-1)) ?? text.length;
  // A block ends behind its line end; a plain text before it.
  if (text[end - 1] === '\n') return end;
  const newline = text.indexOf('\n', end);
  return newline < 0 ? text.length : newline + 1;
}

function rangeOf(node: unknown): readonly number[] | undefined {
  return typeof node === 'object' && node !== null && 'range' in node
    ? (node.range as readonly number[] | undefined)
    : undefined;
}

function startOf(node: unknown): number | undefined {
  return rangeOf(node)?.[0];
}

function endOf(node: unknown): number | undefined {
  return rangeOf(node)?.[1];
}
