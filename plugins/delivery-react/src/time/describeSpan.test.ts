// SPDX-License-Identifier: Apache-2.0
import { mockApis } from '@backstage/frontend-test-utils';
import {
  deliveryReactTranslationRef,
  type SharedTranslate,
} from '../translation';
import { describeDuration, describeSpan } from './describeSpan';

/** The words in English. */
function words(): SharedTranslate {
  const translation = mockApis
    .translation()
    .getTranslation(deliveryReactTranslationRef);
  if (!translation.ready) throw new Error('The words are not there yet');
  return translation.t;
}

const t = words();
const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

describe('describeSpan', () => {
  it.each([
    [-5 * second, '0 s'],
    [0, '0 s'],
    [3.9 * second, '3 s'],
    [10 * second, '10 s'],
    [14 * second, '10 s'],
    [59 * second, '55 s'],
    [minute, '1 min'],
    [59 * minute + 59 * second, '59 min'],
    [hour, '1 h'],
    [hour + 18 * minute, '1 h 18 min'],
    [day, '1 d'],
    [3 * day + 2 * hour + 59 * minute, '3 d 2 h'],
  ])('%d ms is %s', (span, said) => {
    expect(describeSpan(span, t)).toBe(said);
  });
});

describe('describeDuration', () => {
  it.each([
    [9 * second, '9 s'],
    [68 * second, '1 min 8 s'],
    [52 * minute, '52 min'],
    [26 * hour, '1 d 2 h'],
  ])('%d ms took %s', (span, said) => {
    expect(describeDuration(span, t)).toBe(said);
  });
});
