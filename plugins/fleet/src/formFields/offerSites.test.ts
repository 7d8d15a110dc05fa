// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { isLabelValue } from './labelValue';
import type { KnownSite } from './listSites';
import { offerSites, warningOf } from './offerSites';

const site = (name: string, title = name): KnownSite => ({
  name,
  title,
  devices: 3,
  labelled: 3,
});
const fleet = [
  site('osl-2', 'Oslo harbour'),
  site('osl', 'Oslo'),
  site('ber', 'Bergen'),
];

describe('what can be chosen next', () => {
  it.each([
    ['', [], ['osl-2', 'osl', 'ber'], undefined],
    ['oslo', [], ['osl', 'osl-2'], 'oslo'],
    [' OSL ', [], ['osl', 'osl-2'], 'OSL'],
    ['osl', [], ['osl', 'osl-2'], undefined],
    ['osl', ['osl'], ['osl-2'], undefined],
    ['berg', [], ['ber'], 'berg'],
    ['kiruna', [], [], 'kiruna'],
    ['kiruna', ['kiruna'], [], undefined],
    ['kiruna!', [], [], undefined],
    ['-', ['osl'], ['osl-2'], undefined],
  ])('after %j with %j', (text, chosen, names, typed) => {
    const offered = offerSites(fleet, chosen, text);
    expect(offered.sites.map(({ name }) => name)).toEqual(names);
    expect(offered.typed).toBe(typed);
    expect(offered.more).toBe(0);
  });

  it.each([
    ['kiruna!', 'kiruna!'],
    ['-', undefined],
    ['', undefined],
    ['k'.repeat(64), 'k'.repeat(64)],
  ])('says of %j whether it is impossible', (text, impossible) => {
    expect(offerSites(fleet, [], text).impossible).toBe(impossible);
  });

  it('offers fifty of many, and says how many more there are', () => {
    const many = Array.from({ length: 320 }, (_, index) => site(`s-${index}`));
    expect(offerSites(many, ['s-0'], '')).toMatchObject({ more: 269 });
    expect(offerSites(many, ['s-0'], '').sites).toHaveLength(50);
    expect(offerSites(many, [], 's-31')).toMatchObject({ more: 0 });
    expect(offerSites(many, [], 's-31').sites[0].name).toBe('s-31');
  });

  it('offers nothing twice, nothing chosen, and nothing that no label can say', () => {
    const letter = fc.constantFrom('a', 'B', '0', '-', '.', ' ', '"', '\n');
    const name = fc.string({ unit: letter, maxLength: 3 });
    fc.assert(
      fc.property(
        fc.uniqueArray(name.filter(isLabelValue), { maxLength: 9 }),
        fc.array(name),
        name,
        (names, others, text) => {
          const chosen = [...names.slice(0, 2), ...others];
          const { sites, typed } = offerSites(
            names.map(each => site(each)),
            chosen,
            text,
          );
          const offered = [
            ...sites.map(each => each.name),
            ...(typed === undefined ? [] : [typed]),
          ];
          expect(new Set(offered).size).toBe(offered.length);
          expect(offered.filter(each => chosen.includes(each))).toEqual([]);
          expect(offered.every(isLabelValue)).toBe(true);
        },
      ),
    );
  });
});

describe('what is worth a word about a chosen site', () => {
  it.each([
    ['all is well', { labelled: 3, ofKinds: 1 }, undefined],
    ['kinds were not asked for', { labelled: 3 }, undefined],
    ['no node has the label', { labelled: 0, ofKinds: 0 }, 'unlabelled'],
    ['no device is of the kinds', { labelled: 2, ofKinds: 0 }, 'otherKinds'],
    ['some nodes lack the label', { labelled: 2, ofKinds: 1 }, 'partly'],
  ])('%s', (_, counts, warning) => {
    expect(warningOf('osl', [{ ...site('osl'), ...counts }])).toBe(warning);
  });

  it('warns of what the fleet does not have, once it is known what it has', () => {
    expect(warningOf('kiruna', fleet)).toBe('unknown');
    expect(warningOf('kiruna', undefined)).toBeUndefined();
    expect(warningOf('{{ kiruna', undefined)).toBe('impossible');
  });
});

it.each([
  ['a', true],
  ['0', true],
  ['Oslo.north_1-b', true],
  ['a'.repeat(63), true],
  ['', false],
  ['a'.repeat(64), false],
  ['-a', false],
  ['a.', false],
  ['a b', false],
  ['a\n', false],
  ['é', false],
])('%j as the value of a label: %s', (text, isOne) => {
  expect(isLabelValue(text)).toBe(isOne);
});
