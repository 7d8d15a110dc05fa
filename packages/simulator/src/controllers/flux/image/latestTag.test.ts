// SPDX-License-Identifier: Apache-2.0
import { TagFilter, TagPolicy } from './imageObjects';
import { InvalidPolicyError, latestTag } from './latestTag';

const tags = [
  '1.9.0',
  '1.10.0',
  '2.0.0-rc.1',
  'main-7-abc',
  'main-12-def',
  'latest',
];

it.each<[string, TagPolicy, TagFilter | undefined, string | undefined]>([
  ['a range', { semver: { range: '1.x' } }, undefined, '1.10.0'],
  ['no pre-release', { semver: { range: '>=2.0.0' } }, undefined, undefined],
  [
    'a pre-release asked for',
    { semver: { range: '>=2.0.0-0' } },
    undefined,
    '2.0.0-rc.1',
  ],
  [
    'a number in the tag',
    { numerical: { order: 'asc' } },
    { pattern: '^main-(?P<run>\\d+)-', extract: '$run' },
    'main-12-def',
  ],
  [
    'the smallest number',
    { numerical: { order: 'desc' } },
    { pattern: '^main-(\\d+)-', extract: '$1' },
    'main-7-abc',
  ],
  ['the alphabet', { alphabetical: {} }, { pattern: '^main' }, 'main-7-abc'],
  [
    'the alphabet from behind',
    { alphabetical: { order: 'desc' } },
    { pattern: '^main' },
    'main-12-def',
  ],
])('chooses by %s', (_case, policy, filter, expected) => {
  expect(latestTag(tags, policy, filter)).toBe(expected);
});

it('says when a policy cannot be followed', () => {
  expect(() => latestTag(tags, { semver: { range: 'newest' } })).toThrow(
    InvalidPolicyError,
  );
  expect(() => latestTag(tags, {})).toThrow(InvalidPolicyError);
});
