// SPDX-License-Identifier: Apache-2.0
import { InputError } from '@backstage/errors';
import type { ReleaseImage } from '@causeway/plugin-delivery-common';
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  parseDocument,
  Scalar,
  stringify,
  type Document,
  type Node,
  type Pair,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import type { DeclaredImage } from './FleetRepositories';
import {
  applySplices,
  columnOf,
  insertLines,
  pairOf,
  type Splice,
} from './spliceText';

/**
 * Sets tag and digest of images in the text of a kustomization.yaml.
 *
 * Only the values themselves are replaced, at the places where the parser found them, so every
 * comment, blank line, quote, indentation and line end elsewhere stays. A missing entry or field is
 * added in the style of its neighbours. Returns the same text when nothing differs. What is written
 * is read back before it is returned.
 *
 * @throws InputError when the file is no kustomization that can be edited safely
 */
export function editImages(
  text: string,
  images: readonly ReleaseImage[],
): string {
  return images.reduce(setImage, text);
}

/** The images that the text of a kustomization.yaml declares. */
export function readImages(text: string): readonly DeclaredImage[] {
  return entriesOf(listOf(parse(text))).map(entry => ({
    name: textOf(entry, 'newName') ?? textOf(entry, 'name') ?? '',
    tag: textOf(entry, 'newTag'),
    digest: textOf(entry, 'digest'),
  }));
}

function setImage(text: string, image: ReleaseImage): string {
  const document = parse(text);
  const list = listOf(document);
  const entries = entriesOf(list).filter(entry => names(entry, image));
  const splices =
    entries.length > 0
      ? entries.flatMap(entry => setFields(text, entry, image))
      : [addEntry(text, document, list, image)];
  if (splices.length === 0) return text;
  const edited = applySplices(text, splices);
  const written = entriesOf(listOf(parse(edited)));
  const right = written
    .filter(entry => names(entry, image))
    .every(
      entry =>
        textOf(entry, 'newTag') === image.tag &&
        textOf(entry, 'digest') === image.digest,
    );
  if (!right) throw unsafe();
  return edited;
}

function parse(text: string): Document {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error) throw new InputError(`It is no valid YAML: ${error.message}`);
  if (document.contents !== null && !isMap(document.contents)) {
    throw new InputError('It is no kustomization: a mapping was expected.');
  }
  return document;
}

function listOf(document: Document): YAMLSeq | undefined {
  const list = document.get('images', true);
  if (list === undefined || (isScalar(list) && list.value === null)) {
    return undefined;
  }
  if (!isSeq(list)) throw new InputError('Its "images" is no list.');
  return list;
}

function entriesOf(list: YAMLSeq | undefined): readonly YAMLMap[] {
  return (list?.items ?? []).map(item => {
    if (isMap(item)) return item;
    throw new InputError('Its "images" has an entry that is no mapping.');
  });
}

function names(entry: YAMLMap, image: ReleaseImage): boolean {
  return (
    textOf(entry, 'name') === image.name ||
    textOf(entry, 'newName') === image.name
  );
}

function textOf(entry: YAMLMap, key: string): string | undefined {
  const value = entry.get(key);
  return value === undefined || value === null ? undefined : String(value);
}

function setFields(
  text: string,
  entry: YAMLMap,
  image: ReleaseImage,
): readonly Splice[] {
  const wanted = [
    ['newTag', image.tag],
    ['digest', image.digest],
  ] as const;
  const splices: Splice[] = [];
  const missing: [string, string][] = [];
  for (const [key, value] of wanted) {
    const pair = pairOf(entry, key);
    if (pair) splices.push(...replaceValue(text, pair, value));
    else missing.push([key, value]);
  }
  if (missing.length > 0) splices.push(addFields(text, entry, missing));
  return splices;
}

function replaceValue(
  text: string,
  pair: Pair,
  wanted: string,
): readonly Splice[] {
  const { key, value } = pair;
  const plain = isScalar(value) && !value.anchor && !value.tag;
  if (!plain || !value.range || isAlias(value)) throw unsafe();
  if (value.type?.startsWith('BLOCK')) throw unsafe();
  if (value.value === wanted) return [];
  const [start, end] = value.range;
  // An empty value has no place of its own; it goes right behind the colon.
  if (start === end) {
    const colon = text.indexOf(':', rangeOf(key)[1]);
    return [{ start: colon + 1, end: colon + 1, text: ` ${quoted(wanted)}` }];
  }
  return [{ start, end, text: quoted(wanted, value.type) }];
}

function addFields(
  text: string,
  entry: YAMLMap,
  fields: readonly (readonly [string, string])[],
): Splice {
  const name = pairOf(entry, 'name') ?? pairOf(entry, 'newName');
  const end = rangeOf(name?.value)[1];
  if (entry.flow) {
    const added = fields.map(
      ([key, value]) => `, ${key}: ${JSON.stringify(value)}`,
    );
    return { start: end, end, text: added.join('') };
  }
  const [key] = rangeOf(entry.items[0]?.key);
  const indent = ' '.repeat(columnOf(text, key));
  const lines = fields.map(([field, value]) => `${field}: ${quoted(value)}`);
  return insertLines(text, end, indent, lines);
}

function addEntry(
  text: string,
  document: Document,
  list: YAMLSeq | undefined,
  image: ReleaseImage,
): Splice {
  const { name, tag, digest } = image;
  const lines = [
    `- name: ${quoted(name)}`,
    `  newTag: ${quoted(tag)}`,
    `  digest: ${quoted(digest)}`,
  ];
  if (list?.flow) {
    const at = rangeOf(list)[1] - 1;
    const entry = JSON.stringify({ name, newTag: tag, digest });
    const comma = list.items.length > 0 ? ', ' : '';
    return { start: at, end: at, text: `${comma}${entry}` };
  }
  if (list) {
    const indent = ' '.repeat(columnOf(text, rangeOf(list)[0]));
    const last = list.items[list.items.length - 1];
    return insertLines(text, rangeOf(last)[1], indent, lines);
  }
  const root = document.contents;
  if (isMap(root) && root.flow) throw unsafe();
  const pair = isMap(root) ? pairOf(root, 'images') : undefined;
  if (pair) return insertLines(text, rangeOf(pair.key)[1], '  ', lines);
  const column = isMap(root) ? columnOf(text, rangeOf(root)[0]) : 0;
  const indent = ' '.repeat(column);
  const at = isMap(root) ? rangeOf(root)[1] : text.length;
  return insertLines(text, at, indent, [
    'images:',
    ...lines.map(line => `  ${line}`),
  ]);
}

/**
 * A string as YAML. Tags such as `1.10` or `on` are quoted, because kustomize would read a number
 * or a boolean; it reads YAML 1.1 where that differs from 1.2.
 */
function quoted(value: string, like?: Scalar['type']): string {
  if (like === 'QUOTE_SINGLE') return `'${value.replaceAll("'", "''")}'`;
  if (like === 'QUOTE_DOUBLE') return JSON.stringify(value);
  const safe = (['1.1', '1.2'] as const).every(
    version => stringify(value, { version }).trim() === value,
  );
  return safe ? value : JSON.stringify(value);
}

function rangeOf(node: unknown): readonly [number, number] {
  const range = (node as Node | undefined)?.range;
  if (!range) throw unsafe();
  return [range[0], range[1]];
}

function unsafe(): InputError {
  return new InputError(
    'Its "images" are written in a way that can not be edited safely. Write them as a plain list with name, newTag and digest.',
  );
}
