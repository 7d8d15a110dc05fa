// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { formatImage, parseImage } from './parseImage';

const digest = `sha256:${'ab'.repeat(32)}`;

describe('parseImage', () => {
  it.each([
    ['nginx', { name: 'nginx' }],
    ['nginx:1.27', { name: 'nginx', tag: '1.27' }],
    [
      'registry.norden.example/parcel-vision:2.8.1',
      { name: 'registry.norden.example/parcel-vision', tag: '2.8.1' },
    ],
    ['localhost:5000/app', { name: 'localhost:5000/app' }],
    ['localhost:5000/app:v1', { name: 'localhost:5000/app', tag: 'v1' }],
    [`a/b/c@${digest}`, { name: 'a/b/c', digest }],
    [
      `registry.norden.example/parcel-vision:2.8.1@${digest}`,
      { name: 'registry.norden.example/parcel-vision', tag: '2.8.1', digest },
    ],
  ])('reads %s', (text, expected) => {
    expect(parseImage(text)).toEqual(expected);
    expect(formatImage(expected)).toBe(text);
  });

  it.each(['', ' ', ':tag', '/app', 'app/', 'a:b:c', 'app@sha256:12', 'a b'])(
    'refuses %j',
    text => {
      expect(parseImage(text)).toBeUndefined();
    },
  );

  it('writes back exactly what it read, or reads nothing', () => {
    const pieces = fc.constantFrom('a', '/', ':', '@', '1', '.', '-', digest);
    fc.assert(
      fc.property(fc.string({ unit: pieces }), text => {
        const image = parseImage(text);
        expect(image ? formatImage(image) : text).toBe(text);
      }),
    );
  });
});
