// SPDX-License-Identifier: Apache-2.0
import { InputError } from '@backstage/errors';
import { shortOf, type Target } from '@causeway/plugin-delivery-common';
import { isMap, isScalar, parseAllDocuments, type Pair } from 'yaml';
import { applySplices, pairOf } from './spliceText';

/** Label by which Jobs are watched. */
export const smokeTestLabel = 'causeway.dev/smoke-test';

/** Whether the text holds the Job that tries a colour of the target. */
export function holdsSmokeTest(text: string, target: Target): boolean {
  return nameIn(text, target) !== undefined;
}

/**
 * Names the Job after the promotion, so that Flux makes a new one: a Job can not be changed, and no
 * earlier run shall count. Every other character of the text stays.
 */
export function editSmokeTest(
  text: string,
  target: Target,
  promotion: string,
): string {
  const pair = nameIn(text, target);
  const { value } = pair ?? {};
  if (!isScalar(value) || !value.range || value.anchor || value.tag) {
    throw new InputError('The name of its Job can not be edited safely.');
  }
  const [start, end] = value.range;
  const name = `${target.smokeTest}-${shortOf(promotion)}`;
  return value.value === name
    ? text
    : applySplices(text, [{ start, end, text: name }]);
}

function nameIn(text: string, { smokeTest }: Target): Pair | undefined {
  if (!smokeTest || !text.includes(smokeTestLabel)) return undefined;
  const documents = parseAllDocuments(text);
  if (documents.some(({ errors }) => errors.length > 0)) return undefined;
  const names = documents
    .filter(
      document =>
        isMap(document.contents) &&
        document.get('kind') === 'Job' &&
        document.hasIn(['metadata', 'labels', smokeTestLabel]),
    )
    .flatMap(document => {
      const metadata = document.get('metadata');
      return (isMap(metadata) && pairOf(metadata, 'name')) || [];
    });
  return names.find(({ value }) => {
    const name = isScalar(value) ? String(value.value) : '';
    const rest = name.slice(smokeTest.length);
    return name.startsWith(smokeTest) && /^(-[a-z0-9]{1,12})?$/.test(rest);
  });
}
