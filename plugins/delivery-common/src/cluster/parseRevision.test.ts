// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { formatRevision, parseRevision, type Revision } from './parseRevision';

const sha1 = 'c7cdc67e6926ecf14b0df009ad2d948c60e9362f';
const sha256 = `${sha1}${'0'.repeat(24)}`;

describe('parseRevision', () => {
  it.each([
    [
      `main@sha1:${sha1}`,
      { pointer: 'main', algorithm: 'sha1', checksum: sha1 },
    ],
    [
      `feature/a@b@sha1:${sha1}`,
      { pointer: 'feature/a@b', algorithm: 'sha1', checksum: sha1 },
    ],
    [
      `latest@sha256:${sha256}`,
      { pointer: 'latest', algorithm: 'sha256', checksum: sha256 },
    ],
    [`sha1:${sha1}`, { algorithm: 'sha1', checksum: sha1 }],
    [
      `release/2.8/${sha1}`,
      { pointer: 'release/2.8', algorithm: 'sha1', checksum: sha1 },
    ],
    [sha1, { algorithm: 'sha1', checksum: sha1 }],
    [
      `main@sha1:${sha1.toUpperCase()}`,
      { pointer: 'main', algorithm: 'sha1', checksum: sha1 },
    ],
  ])('reads %s', (text, expected) => {
    expect(parseRevision(text)).toEqual(expected);
  });

  it.each([
    '',
    'main',
    '@',
    `@sha1:${sha1}`,
    `main@sha1:${sha1}0`,
    `main@sha256:${sha1}`,
    'main@sha1:c7cdc67',
    `main@md5:${sha1}`,
    '2.8.1',
  ])('does not guess at %j', text => {
    expect(parseRevision(text)).toBeUndefined();
  });

  const hex = (length: number) =>
    fc.string({
      unit: fc.constantFrom(...'0123456789abcdef'),
      minLength: length,
      maxLength: length,
    });
  const revisions: fc.Arbitrary<Revision> = fc
    .record({
      pointer: fc.string({ minLength: 1 }),
      sum: fc.oneof(
        fc.record({
          algorithm: fc.constant('sha1' as const),
          checksum: hex(40),
        }),
        fc.record({
          algorithm: fc.constant('sha256' as const),
          checksum: hex(64),
        }),
      ),
    })
    .map(({ pointer, sum }) => ({ pointer, ...sum }));

  it('reads back whatever pointer Flux may write', () => {
    fc.assert(
      fc.property(revisions, revision => {
        expect(parseRevision(formatRevision(revision))).toEqual(revision);
      }),
    );
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string(), text => {
        const revision = parseRevision(text);
        expect(revision?.checksum ?? '').toMatch(/^([0-9a-f]{40,64})?$/);
      }),
    );
  });
});
