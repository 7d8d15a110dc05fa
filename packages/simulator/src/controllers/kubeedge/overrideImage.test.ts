// SPDX-License-Identifier: Apache-2.0
import { overrideImage } from './overrideImage';

const digest = `sha256:${'a'.repeat(64)}`;
const other = `sha256:${'b'.repeat(64)}`;
const image = 'registry.example:5000/team/belt';

it.each([
  ['Tag', 'replace', '2', `${image}:1`, `${image}:2`],
  ['Tag', 'replace', digest, `${image}:1`, `${image}@${digest}`],
  ['Tag', 'replace', other, `${image}:1@${digest}`, `${image}@${other}`],
  ['Tag', 'replace', `2@${other}`, `${image}:1`, `${image}:1`],
  ['Tag', 'replace', '2', `${image}@${digest}`, `${image}:2`],
  ['Tag', 'add', '-arm', 'belt:1', 'belt:1-arm'],
  ['Tag', 'remove', undefined, `${image}@${digest}`, image],
  [
    'Registry',
    'replace',
    'mirror.example',
    `${image}:1@${digest}`,
    'mirror.example/team/belt:1',
  ],
  [
    'Registry',
    'replace',
    'mirror.example',
    'team/belt:1',
    'mirror.example/team/belt:1',
  ],
  ['Registry', 'remove', undefined, `${image}:1`, 'team/belt:1'],
  ['Repository', 'add', '-x', `${image}@${digest}`, `${image}-x@${digest}`],
] as const)(
  '%s, %s %s makes of %s %s',
  (component, operator, value, before, after) => {
    expect(overrideImage(before, { component, operator, value })).toBe(after);
  },
);
