// SPDX-License-Identifier: Apache-2.0
import { InputError } from '@backstage/errors';
import { NOT_RELEASED } from '@causeway/plugin-delivery-common';
import { isMap, isSeq, parseDocument, type Node } from 'yaml';
import { readImages } from './editImages';
import { applySplices, columnOf, insertLines, pairOf } from './spliceText';

/** The folder of an overlay whose component makes Flagger move the traffic there. */
export const CANARY_COMPONENT = 'canary';

/** Whether no promotion has set an image of the overlay yet. */
export function waitsForRelease(text: string): boolean {
  const images = readImages(text);
  return (
    images.length > 0 &&
    images.every(({ tag, digest }) => tag === NOT_RELEASED && !digest)
  );
}

/**
 * Lists the component `canary` in the text of a kustomization.yaml. Every other character stays; the
 * same text where it is listed already.
 *
 * @throws InputError when the components are written in a way that can not be added to safely
 */
export function takeInCanary(text: string): string {
  const { contents } = parseDocument(text);
  if (!isMap(contents) || contents.flow) throw unsafe();
  const list = pairOf(contents, 'components')?.value;
  if (list === undefined) {
    const end = text === '' || text.endsWith('\n') ? '' : '\n';
    return `${text}${end}components:\n  - ${CANARY_COMPONENT}\n`;
  }
  if (!isSeq(list) || list.items.length === 0) throw unsafe();
  const names = list.items.map(item => String(item));
  if (names.includes(CANARY_COMPONENT)) return text;
  const [start, end] = rangeOf(list.items.at(-1));
  const addition = list.flow
    ? { start: end, end, text: `, ${CANARY_COMPONENT}` }
    : insertLines(text, end, ' '.repeat(columnOf(text, start) - 2), [
        `- ${CANARY_COMPONENT}`,
      ]);
  const edited = applySplices(text, [addition]);
  const written: unknown = parseDocument(edited).toJS()?.components;
  const wanted = JSON.stringify([...names, CANARY_COMPONENT]);
  if (JSON.stringify(written) !== wanted) throw unsafe();
  return edited;
}

function rangeOf(item: unknown): readonly [number, number] {
  const range = (item as Node | undefined)?.range;
  if (!range) throw unsafe();
  return [range[0], range[1]];
}

function unsafe(): InputError {
  return new InputError(
    `Its "components" are written in a way that can not be added to safely. Write them as a plain list, or list ${CANARY_COMPONENT} by hand.`,
  );
}
