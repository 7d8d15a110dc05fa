// SPDX-License-Identifier: Apache-2.0
import { takeInCanary, waitsForRelease } from './takeInCanary';

const image = (tag: string, more = '') =>
  `images:\n  - name: registry.norden.example/web\n    newTag: ${tag}\n${more}`;
const digest = `    digest: sha256:${'a'.repeat(64)}\n`;

describe('waitsForRelease', () => {
  it.each<[string, string, boolean]>([
    ['no promotion was here', image('not-released'), true],
    ['a promotion was here', image('1.0.0', digest), false],
    ['somebody runs a tag', image('1.0.0'), false],
    ['somebody pinned a digest', image('not-released', digest), false],
    [
      'one of two images runs',
      `${image('not-released')}  - { name: other, newTag: 1.0.0 }\n`,
      false,
    ],
    ['there is no image', 'resources: [../../base]\n', false],
  ])('when %s', (_case, text, expected) => {
    expect(waitsForRelease(text)).toBe(expected);
  });
});

describe('takeInCanary', () => {
  it.each<[string, string, string]>([
    [
      'no components',
      'resources:\n  - ../../base\n',
      'resources:\n  - ../../base\ncomponents:\n  - canary\n',
    ],
    [
      'components with comments',
      'components: # ours\n- ../../base/a # first\n# second\n- ../../base/b\n\nimages: []\n',
      'components: # ours\n- ../../base/a # first\n# second\n- ../../base/b\n- canary\n\nimages: []\n',
    ],
    [
      'indented components at the end, without a line end',
      'components:\n    - ../../base/a',
      'components:\n    - ../../base/a\n    - canary',
    ],
    [
      'components in a row',
      'components: [../../base/a] # ours\nimages: []\n',
      'components: [../../base/a, canary] # ours\nimages: []\n',
    ],
    ['the canary already', 'components: [canary]\n', 'components: [canary]\n'],
  ])('adds to %s', (_case, before, after) => {
    expect(takeInCanary(before)).toBe(after);
  });

  it.each(['components: ../../base/a\n', 'components: []\n', '{}\n', '- a\n'])(
    'leaves alone what it can not add to: %j',
    text => {
      expect(() => takeInCanary(text)).toThrow(/by hand/);
    },
  );
});
