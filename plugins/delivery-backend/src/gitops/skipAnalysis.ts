// SPDX-License-Identifier: Apache-2.0
import { InputError } from '@backstage/errors';
import type { Target } from '@causeway/plugin-delivery-common';
import {
  isMap,
  isScalar,
  parseAllDocuments,
  type Document,
  type Pair,
  type YAMLMap,
} from 'yaml';
import {
  applySplices,
  columnOf,
  insertLines,
  pairOf,
  type Splice,
} from './spliceText';

/** Annotation of a Canary whose analysis the portal switched off: the promotion, and what stood there before. */
const mark = 'causeway.dev/skip-analysis';
const wasFalse = ', was false';

/** What the kustomization of an overlay makes of names and namespaces. */
export interface Renaming {
  readonly namePrefix?: string;
  readonly nameSuffix?: string;
  readonly namespace?: string;
}

/**
 * Tells Flagger to take what comes next without analysis: `spec.skipAnalysis: true` in the Canary of
 * the target's workload, with a mark by which it is taken back. Every other character of the text
 * stays. Returns the same text where there is no such Canary, where people skip the analysis already,
 * and where it is written in a way that can not be edited safely.
 */
export function skipAnalysis(
  text: string,
  target: Target,
  { promotion, renaming }: { promotion: string; renaming: Renaming },
): string {
  if (!text.includes('flagger.app/')) return text;
  const documents = parseAllDocuments(text);
  if (documents.some(({ errors }) => errors.length > 0)) return text;
  const splices = documents
    .filter(document => isCanaryOf(document, target, renaming))
    .flatMap(document => switchOff(text, document, promotion));
  const edited = applySplices(text, splices);
  return parseAllDocuments(edited)
    .filter(document => isCanaryOf(document, target, renaming))
    .every(document => document.getIn(['spec', 'skipAnalysis']) === true)
    ? edited
    : text;
}

/**
 * Takes back what {@link skipAnalysis} wrote, for one promotion or for all, and nothing that people
 * wrote. The same text where nothing is marked.
 *
 * @throws InputError when a mark is there but can not be taken away safely
 */
export function restoreAnalysis(text: string, promotion?: string): string {
  if (!text.includes(mark)) return text;
  const documents = parseAllDocuments(text);
  const broken = documents.find(({ errors }) => errors.length > 0);
  if (broken) {
    throw new InputError(`It is no valid YAML: ${broken.errors[0].message}`);
  }
  const splices = documents.flatMap(document =>
    switchOn(text, document, promotion),
  );
  const edited = applySplices(text, splices);
  const isRight = parseAllDocuments(edited).every(
    ({ errors }) => errors.length === 0,
  );
  if (!isRight) throw unsafe();
  return edited;
}

function isCanaryOf(
  document: Document,
  { workload }: Target,
  renaming: Renaming,
): boolean {
  const at = (...path: string[]) => document.getIn(path);
  const { namePrefix = '', nameSuffix = '', namespace } = renaming;
  const name = at('spec', 'targetRef', 'name');
  const names = [name, `${namePrefix}${name}${nameSuffix}`];
  const within = namespace ?? at('metadata', 'namespace') ?? workload.namespace;
  return (
    isMap(document.contents) &&
    String(at('apiVersion')).startsWith('flagger.app/') &&
    at('kind') === 'Canary' &&
    at('spec', 'targetRef', 'kind') === workload.kind &&
    names.includes(workload.name) &&
    within === workload.namespace
  );
}

/** No splices where it can not be done. */
function switchOff(
  text: string,
  document: Document,
  promotion: string,
): readonly Splice[] {
  const spec = blockIn(document, 'spec');
  const metadata = blockIn(document, 'metadata');
  if (!spec || !metadata) return [];
  const present = pairOf(spec.map, 'skipAnalysis');
  if (!present) {
    const marked = addMark(text, metadata, promotion);
    const line = addLine(text, spec, 'skipAnalysis: true');
    return marked ? [marked, line] : [];
  }
  const { value } = present;
  // True is what people want already; the portal took its own back before it came here.
  if (!isScalar(value) || value.value !== false || !value.range) return [];
  if (value.anchor || value.tag) return [];
  const marked = addMark(text, metadata, `${promotion}${wasFalse}`);
  const [start, end] = value.range;
  return marked ? [marked, { start, end, text: 'true' }] : [];
}

function addMark(
  text: string,
  metadata: Block,
  value: string,
): Splice | undefined {
  const line = `${mark}: ${JSON.stringify(value)}`;
  const present = pairOf(metadata.map, 'annotations');
  if (!present) {
    return addLine(text, metadata, 'annotations:', `  ${line}`);
  }
  const annotations = blockOf(present);
  return annotations && addLine(text, annotations, line);
}

function switchOn(
  text: string,
  document: Document,
  promotion: string | undefined,
): readonly Splice[] {
  const value = document.getIn(['metadata', 'annotations', mark]);
  if (value === undefined) return [];
  const [id, before] = splitMark(String(value));
  if (promotion !== undefined && id !== promotion) return [];
  const metadata = blockIn(document, 'metadata');
  const present = metadata && pairOf(metadata.map, 'annotations');
  const annotations = present && blockOf(present);
  const spec = blockIn(document, 'spec');
  if (!annotations || !spec) throw unsafe();
  const only = annotations.map.items.length === 1;
  return [
    ...(only ? [removeLine(text, annotations.key)] : []),
    removeLine(text, keyOffset(annotations.map, mark)),
    ...switchSpecOn(text, spec, before),
  ];
}

function switchSpecOn(
  text: string,
  spec: Block,
  before: string,
): readonly Splice[] {
  const value = pairOf(spec.map, 'skipAnalysis')?.value;
  // Somebody was faster.
  if (!isScalar(value) || value.value !== true) return [];
  if (!value.range) throw unsafe();
  const [start, end] = value.range;
  return before === wasFalse
    ? [{ start, end, text: 'false' }]
    : [removeLine(text, keyOffset(spec.map, 'skipAnalysis'))];
}

function splitMark(value: string): readonly [string, string] {
  return value.endsWith(wasFalse)
    ? [value.slice(0, -wasFalse.length), wasFalse]
    : [value, ''];
}

/** A mapping that is written in lines, below the line of its key. */
interface Block {
  /** Where the key begins. */
  readonly key: number;
  /** Where the key ends. */
  readonly after: number;
  readonly map: YAMLMap;
}

function blockIn(document: Document, key: string): Block | undefined {
  const root = document.contents;
  const pair = isMap(root) && !root.flow ? pairOf(root, key) : undefined;
  return pair && blockOf(pair);
}

function blockOf({ key, value }: Pair): Block | undefined {
  if (!isMap(value) || value.flow || value.items.length === 0) return undefined;
  if (!isScalar(key) || !key.range) return undefined;
  return { key: key.range[0], after: key.range[1], map: value };
}

function addLine(text: string, block: Block, ...lines: string[]): Splice {
  const first = firstOffset(block.map);
  const indent = ' '.repeat(columnOf(text, first));
  return insertLines(text, block.after, indent, lines);
}

function firstOffset(map: YAMLMap): number {
  const [{ key }] = map.items;
  if (!isScalar(key) || !key.range) throw unsafe();
  return key.range[0];
}

function keyOffset(map: YAMLMap, name: string): number {
  const key = pairOf(map, name)?.key;
  if (!isScalar(key) || !key.range) throw unsafe();
  return key.range[0];
}

/** The whole line of a key; nothing else may stand before it. */
function removeLine(text: string, offset: number): Splice {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  if (text.slice(start, offset).trim() !== '') throw unsafe();
  const newline = text.indexOf('\n', offset);
  return { start, end: newline < 0 ? text.length : newline + 1, text: '' };
}

function unsafe(): InputError {
  return new InputError(
    `A Canary in it is marked with ${mark}, but the mark and its skipAnalysis can not be taken away safely. Take both away by hand.`,
  );
}
