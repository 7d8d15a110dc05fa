// SPDX-License-Identifier: Apache-2.0
import {
  quarantineAnnotation,
  quarantineReason,
  quarantineTaint,
  taintValueOf,
} from './quarantineReason';

function nodeWith(value: string | undefined, reason?: string) {
  return {
    metadata: reason ? { annotations: { [quarantineAnnotation]: reason } } : {},
    spec: {
      taints:
        value === undefined
          ? [{ key: 'node.kubernetes.io/unreachable' }]
          : [{ key: quarantineTaint, value }],
    },
  };
}

const smoke = 'It smells of smoke: fire?';

it.each([
  ['no taint', nodeWith(undefined, smoke), undefined],
  ['a taint by hand', nodeWith('smoke'), 'smoke'],
  ['a taint without a word', nodeWith(''), ''],
  ['ours', nodeWith(taintValueOf(smoke), smoke), smoke],
  ['a taint by hand after ours', nodeWith('stolen', smoke), 'stolen'],
  ['no node', undefined, undefined],
])('knows why a node is quarantined: %s', (_, node, reason) => {
  expect(quarantineReason(node)).toBe(reason);
});

it.each(['', '?!', 'ä'.repeat(100), `-${'x'.repeat(70)}-`, smoke])(
  'makes a value that a taint may have of %j',
  reason => {
    expect(taintValueOf(reason)).toMatch(
      /^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/,
    );
  },
);
