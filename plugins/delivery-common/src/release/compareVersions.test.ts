// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { compareVersions } from './compareVersions';

describe('compareVersions', () => {
  // The order of semver.org, section 11, and ours around it.
  const ordered = [
    '0.9.10',
    '1.0.0-alpha',
    '1.0.0-alpha.1',
    '1.0.0-alpha.beta',
    '1.0.0-beta',
    '1.0.0-beta.2',
    '1.0.0-beta.11',
    '1.0.0-rc.1',
    '1.0.0',
    '1.0.2',
    '1.2.0',
    '2.7.3',
    '2.10.0',
  ];

  it('orders as semver.org does', () => {
    fc.assert(
      fc.property(
        fc.nat(ordered.length - 1),
        fc.nat(ordered.length - 1),
        (left, right) => {
          expect(
            Math.sign(compareVersions(ordered[left], ordered[right]) ?? NaN),
          ).toBe(Math.sign(left - right));
        },
      ),
    );
  });

  it('ignores build metadata and a leading v', () => {
    expect(compareVersions('v1.2.3+abc', '1.2.3')).toBe(0);
  });

  it('does not order what is not semantic', () => {
    expect(compareVersions('develop-a91e2d7', '1.0.0')).toBeUndefined();
    expect(compareVersions('1.0', '1.0.0')).toBeUndefined();
  });
});
