// SPDX-License-Identifier: Apache-2.0
import {
  isAlias,
  isCollection,
  isMap,
  isNode,
  isPair,
  isScalar,
  LineCounter,
  parseDocument,
  visit,
  type Document,
} from 'yaml';
import type { PipelineProblem } from './pipeline';

/** Way to a value in the document: keys and indexes from the root. */
export type DocumentPath = readonly (string | number)[];

export interface DocumentReading {
  /** The plain value; undefined when the text could not be read at all. */
  readonly value: unknown;
  readonly problems: readonly PipelineProblem[];
  /** Where the value at `path` starts, or the nearest parent that exists. With `key`, where that key of it is written. */
  at(path: DocumentPath, key?: string): { line: number; column: number };
}

/** 256 KiB: far beyond any real pipeline, small enough to read without thought. */
const MAX_LENGTH = 262_144;
/** Deeper than the format goes; protects the recursive reader's stack. */
const MAX_DEPTH = 40;
const MAX_ALIASES = 20;

/** Reads YAML with positions. Never throws: what can not be read is a problem with a place. */
export function readDocument(text: string): DocumentReading {
  if (text.length > MAX_LENGTH) {
    return unreadable(
      'tooLarge',
      `The document has ${text.length} characters; at most ${MAX_LENGTH} are read.`,
    );
  }
  if (nestsDeeply(text)) {
    return unreadable(
      'tooDeep',
      `The document nests more than ${MAX_DEPTH} levels; a pipeline needs fewer than ten.`,
    );
  }
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    version: '1.2',
  });
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const problems: PipelineProblem[] = [
    ...document.errors,
    ...document.warnings,
  ].map(error => ({
    ...place(error.pos[0]),
    code: error.code === 'DUPLICATE_KEY' ? 'duplicateKey' : 'syntax',
    message: syntaxMessage(error.code, error.message),
  }));
  const at = (path: DocumentPath, key?: string) =>
    place(offsetOf(document, path, key));

  if (document.errors.length > 0 && !isReadableDespite(document)) {
    return { value: undefined, problems, at };
  }
  const alias = tooManyAliases(document);
  if (alias !== undefined) {
    return {
      value: undefined,
      at,
      problems: [
        ...problems,
        {
          ...place(alias),
          code: 'tooManyAliases',
          message: `The document uses more than ${MAX_ALIASES} aliases; write the values out.`,
        },
      ],
    };
  }
  try {
    return {
      value: document.toJS({ maxAliasCount: MAX_ALIASES }),
      problems,
      at,
    };
  } catch (error) {
    // An alias without its anchor, or one that grows when it is expanded.
    return {
      value: undefined,
      at,
      problems: [
        ...problems,
        {
          ...place(firstAlias(document) ?? 0),
          code: 'tooManyAliases',
          message: `An alias can not be expanded: ${
            error instanceof Error ? error.message : String(error)
          }. Write the value out.`,
        },
      ],
    };
  }
}

function unreadable(code: string, message: string): DocumentReading {
  const start = { line: 1, column: 1 };
  return {
    value: undefined,
    problems: [{ ...start, code, message }],
    at: () => start,
  };
}

/** Counts brackets and indentation instead of parsing: an upper bound is enough to refuse. */
function nestsDeeply(text: string): boolean {
  let flow = 0;
  for (const character of text) {
    if (character === '[' || character === '{') flow += 1;
    if (character === ']' || character === '}') flow = Math.max(0, flow - 1);
    if (flow > MAX_DEPTH) return true;
  }
  return text
    .split('\n')
    .some(line => (/^[\s\-?:]*/.exec(line)?.[0].length ?? 0) > MAX_DEPTH * 8);
}

/** A key written twice leaves the rest readable; any other error does not. */
function isReadableDespite(document: Document): boolean {
  return document.errors.every(error => error.code === 'DUPLICATE_KEY');
}

function syntaxMessage(code: string, message: string): string {
  if (code === 'TAB_AS_INDENT') {
    return 'A tab is used for indentation; YAML allows spaces only.';
  }
  if (code === 'DUPLICATE_KEY') return 'This key is written twice.';
  if (code === 'MULTIPLE_DOCS') {
    return 'The file holds more than one document; a pipeline is exactly one.';
  }
  return `The YAML can not be read here: ${message}`;
}

function tooManyAliases(document: Document): number | undefined {
  let count = 0;
  let over: number | undefined;
  visit(document, {
    Alias(_key, node) {
      count += 1;
      if (count > MAX_ALIASES) {
        over = node.range?.[0] ?? 0;
        return visit.BREAK;
      }
      return undefined;
    },
  });
  return over;
}

function firstAlias(document: Document): number | undefined {
  let first: number | undefined;
  visit(document, {
    Alias(_key, node) {
      first = node.range?.[0];
      return visit.BREAK;
    },
  });
  return first;
}

function offsetOf(
  document: Document,
  path: DocumentPath,
  key: string | undefined,
): number {
  let node: unknown = document.contents;
  let offset = isNode(node) ? node.range?.[0] ?? 0 : 0;
  for (const part of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (!isCollection(node)) return offset;
    const child = node.get(part, true);
    if (isNode(child)) {
      node = child;
      offset = child.range?.[0] ?? offset;
    } else {
      return keyOffset(node, String(part)) ?? offset;
    }
  }
  return (key !== undefined ? keyOffset(node, key) : undefined) ?? offset;
}

function keyOffset(node: unknown, key: string): number | undefined {
  if (!isMap(node)) return undefined;
  const pair = node.items.find(
    item =>
      isPair(item) && isScalar(item.key) && String(item.key.value) === key,
  );
  return pair && isScalar(pair.key) ? pair.key.range?.[0] : undefined;
}
