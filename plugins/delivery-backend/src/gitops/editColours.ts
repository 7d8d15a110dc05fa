// SPDX-License-Identifier: Apache-2.0
import { InputError } from '@backstage/errors';
import {
  colouredName,
  colours,
  type Colour,
  type Target,
} from '@causeway/plugin-delivery-common';
import {
  isMap,
  isScalar,
  isSeq,
  parseAllDocuments,
  parseDocument,
  type Document,
  type Pair,
  type YAMLMap,
} from 'yaml';
import type { Renaming } from './skipAnalysis';
import { applySplices, pairOf } from './spliceText';

/**
 * Sets how many pods a colour has, in the `replicas` of its kustomization. Every other character of
 * the text stays.
 *
 * @throws InputError when it has no entry for the workload that can be edited safely
 */
export function editReplicas(
  text: string,
  target: Target,
  colour: Colour,
  count: number,
): string {
  const pair = countOf(text, target, colour);
  return readCount(pair) === count ? text : replaced(text, pair, `${count}`);
}

/** How many pods a colour is to have. @throws InputError as {@link editReplicas} */
export function readReplicas(
  text: string,
  target: Target,
  colour: Colour,
): number {
  return readCount(countOf(text, target, colour));
}

/**
 * Lets the target's Service select a colour: the one label of its selector that is `blue` or `green`
 * gets that value. The same text where it holds no such Service.
 */
export function editSelector(
  text: string,
  target: Target,
  colour: Colour,
  renaming: Renaming,
): string {
  const found = selectorIn(text, target, renaming);
  return !found || found.colour === colour
    ? text
    : replaced(text, found.pair, colour);
}

/** The colour that the target's Service in the text selects. */
export function readSelector(
  text: string,
  target: Target,
  renaming: Renaming,
): Colour | undefined {
  return selectorIn(text, target, renaming)?.colour;
}

/** Whether the text of a kustomization lists both colours as its resources. */
export function listsColours(text: string): boolean {
  const resources = parse(text).get('resources');
  const listed: unknown = isSeq(resources) ? resources.toJSON() : [];
  const names = (Array.isArray(listed) ? listed : []).map(name =>
    String(name).replace(/^\.\//, '').replace(/\/$/, ''),
  );
  return colours.every(colour => names.includes(colour));
}

function countOf(text: string, { workload }: Target, colour: Colour): Pair {
  const list = parse(text).get('replicas');
  const entries = (isSeq(list) ? list.items : []).filter(isMap);
  const names = [workload.name, colouredName(workload.name, colour)];
  const entry = entries.find(each => names.includes(String(each.get('name'))));
  const pair = entry && pairOf(entry, 'count');
  if (!pair || !isPlain(pair) || !Number.isInteger(readCount(pair))) {
    throw new InputError(
      `It has no \`replicas\` with name ${workload.name} and a count. Add them, so that the colour can be switched on and off.`,
    );
  }
  return pair;
}

function readCount({ value }: Pair): number {
  return isScalar(value) ? Number(value.value) : NaN;
}

function selectorIn(
  text: string,
  target: Target,
  renaming: Renaming,
): { readonly colour: Colour; readonly pair: Pair } | undefined {
  if (!text.includes('Service')) return undefined;
  const documents = parseAllDocuments(text);
  if (documents.some(({ errors }) => errors.length > 0)) return undefined;
  const found = documents
    .filter(document => isServiceOf(document, target, renaming))
    .flatMap(document => {
      const selector = document.getIn(['spec', 'selector']);
      return isMap(selector) ? coloursIn(selector) : [];
    });
  return found.length === 1 ? found[0] : undefined;
}

function coloursIn(selector: YAMLMap) {
  return selector.items.flatMap(pair => {
    const value = isScalar(pair.value) ? pair.value.value : undefined;
    const colour = colours.find(each => each === value);
    return colour && isPlain(pair) ? [{ colour, pair }] : [];
  });
}

function isServiceOf(
  document: Document,
  { workload }: Target,
  { namePrefix = '', nameSuffix = '', namespace }: Renaming,
): boolean {
  const name = document.getIn(['metadata', 'name']);
  const within =
    namespace ??
    document.getIn(['metadata', 'namespace']) ??
    workload.namespace;
  return (
    isMap(document.contents) &&
    document.get('apiVersion') === 'v1' &&
    document.get('kind') === 'Service' &&
    [name, `${namePrefix}${name}${nameSuffix}`].includes(workload.name) &&
    within === workload.namespace
  );
}

function isPlain({ value }: Pair): boolean {
  return (
    isScalar(value) &&
    !value.anchor &&
    !value.tag &&
    value.range !== undefined &&
    value.range !== null &&
    !value.type?.startsWith('BLOCK')
  );
}

/** The quotes of the value stay, where it has any. */
function replaced(text: string, { value }: Pair, wanted: string): string {
  if (!isScalar(value) || !value.range)
    throw new InputError('It has no value.');
  const [start, end] = value.range;
  const quote = /^["']/.exec(text.slice(start, end))?.[0] ?? '';
  return applySplices(text, [
    { start, end, text: `${quote}${wanted}${quote}` },
  ]);
}

function parse(text: string): YAMLMap {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error) throw new InputError(`It is no valid YAML: ${error.message}`);
  if (!isMap(document.contents)) {
    throw new InputError('It is no kustomization: a mapping was expected.');
  }
  return document.contents;
}
