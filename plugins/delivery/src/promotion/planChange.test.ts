// SPDX-License-Identifier: Apache-2.0
import { mockApis } from '@backstage/frontend-test-utils';
import type { PromotionPlan } from '@causeway/plugin-delivery-common';
import { momentsFrom } from '../../dev/moments';
import { promotionPlan } from '../../dev/plans';
import { deliveryTranslationRef, type Translate } from '../translation';
import { configurationMark, describePlanChange } from './planChange';

/** The words in English. */
function words(): Translate {
  const translation = mockApis
    .translation()
    .getTranslation(deliveryTranslationRef);
  if (!translation.ready) throw new Error('The words are not there yet');
  return translation.t;
}

const t = words();
const read = promotionPlan(momentsFrom(Date.UTC(2026, 10, 21)));
const withGates = (verdict: 'passed' | 'failed'): PromotionPlan => ({
  ...read,
  gates: read.gates.map(gate => ({ ...gate, verdict })),
});

describe('describePlanChange', () => {
  it.each<[name: string, current: PromotionPlan, sentences: readonly string[]]>(
    [
      ['the same plan', { ...read }, []],
      ['gates that passed meanwhile', withGates('passed'), []],
      [
        'other words about what happens',
        { ...read, consequences: ['Later.'] },
        [],
      ],
      [
        'a gate that failed',
        withGates('failed'),
        ['A gate changed its answer.'],
      ],
      [
        'another release that runs there',
        { ...read, replaces: { version: '2.7.4' } },
        ['The release to be replaced is now 2.7.4.'],
      ],
      [
        'other manifests',
        { ...read, diff: read.diff.slice(0, 1) },
        ['The rendered manifests differ from what was shown.'],
      ],
    ],
  )('%s', (_name, current, sentences) => {
    expect(describePlanChange(read, current, t)).toEqual(sentences);
  });
});

describe('configurationMark', () => {
  it('stays when only what comes from the release differs, and changes with the configuration', () => {
    const [image, queue] = read.diff;
    const mark = configurationMark(read);
    expect(
      configurationMark({ ...read, diff: [{ ...image, lines: [] }, queue] }),
    ).toBe(mark);
    expect(
      configurationMark({ ...read, diff: [image, { ...queue, lines: [] }] }),
    ).not.toBe(mark);
    expect(configurationMark({ ...read, diff: [image] })).not.toBe(mark);
  });
});
