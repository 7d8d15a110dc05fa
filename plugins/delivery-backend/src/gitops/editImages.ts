// SPDX-License-Identifier: Apache-2.0
import { InputError } from '@backstage/errors';
import type { ReleaseImage } from '@causeway/plugin-delivery-common';
import {
  isMap,
  isScalar,
  isSeq,
  parseDocument,
  type Document,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import type { DeclaredImage } from './FleetRepositories';
import {
  applySplices,
  columnOf,
  insertLines,
  pairOf,
  quoted,
  rangeOf,
  replaceValue,
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
    if (!pair) {
      missing.push([key, value]);
      continue;
    }
    const replaced = replaceValue(text, pair, value);
    if (!replaced) throw unsafe();
    splices.push(...replaced);
  }
  if (missing.length > 0) splices.push(addFields(text, entry, missing));
  return splices;
}

function addFields(
  text: string,
  entry: YAMLMap,
  fields: readonly (readonly [string, string])[],
): Splice {
  const name = pairOf(entry, 'name') ?? pairOf(entry, 'newName');
  const end = placeOf(name?.value)[1];
  if (entry.flow) {
    const added = fields.map(
      ([key, value]) => `, ${key}: ${JSON.stringify(value)}`,
    );
    return { start: end, end, text: added.join('') };
  }
  const [key] = placeOf(entry.items[0]?.key);
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
    const at = placeOf(list)[1] - 1;
    const entry = JSON.stringify({ name, newTag: tag, digest });
    const comma = list.items.length > 0 ? ', ' : '';
    return { start: at, end: at, text: `${comma}${entry}` };
  }
  if (list) {
    const indent = ' '.repeat(columnOf(text, placeOf(list)[0]));
    const last = list.items[list.items.length - 1];
    return insertLines(text, placeOf(last)[1], indent, lines);
  }
  const root = document.contents;
  if (isMap(root) && root.flow) throw unsafe();
  const pair = isMap(root) ? pairOf(root, 'images') : undefined;
  if (pair) return insertLines(text, placeOf(pair.key)[1], '  ', lines);
  const column = isMap(root) ? columnOf(text, placeOf(root)[0]) : 0;
  const indent = ' '.repeat(column);
  const at = isMap(root) ? placeOf(root)[1] : text.length;
  return insertLines(text, at, indent, [
    'images:',
    ...lines.map(line => `  ${line}`),
  ]);
}

function placeOf(node: unknown): readonly [number, number] {
  const range = rangeOf(node);
  if (!range) throw unsafe();
  return range;
}

function unsafe(): InputError {
  return new InputError(
    'Its "images" are written in a way that can not be edited safely. Write them as a plain list with name, newTag and digest.',
  );
}
