// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import type { KubeObject } from '../objects';
import { SharedParts } from './SharedParts';

const containers = () => [
  { name: 'main', image: 'registry.example/app:1.0.0', ports: [{ port: 80 }] },
];

describe('SharedParts', () => {
  it('makes nothing but equal objects, whatever came before', () => {
    const parts = new SharedParts(4);
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.dictionary(fc.string(), fc.string({ minLength: 14 })),
        (rest, labels) => {
          const object = JSON.parse(
            JSON.stringify({ ...rest, metadata: { labels } }),
          );
          const before = JSON.stringify(object);
          expect(JSON.stringify(parts.share(object)).length).toBe(
            before.length,
          );
          expect(parts.share(object)).toEqual(object);
          expect(JSON.stringify(object)).toBe(before);
        },
      ),
    );
  });

  it('keeps one of what is equal', () => {
    const parts = new SharedParts(100);
    const [a, b] = ['a', 'b'].map(name =>
      parts.share({ metadata: { name }, spec: { containers: containers() } }),
    );
    expect(a.spec).toBe(b.spec);
    expect(a.metadata).not.toBe(b.metadata);
  });

  it('tells a text from a list or number that is written alike', () => {
    const parts = new SharedParts(100);
    const values = [
      '[ 1 2 3 4 5 6 7 8 9 10',
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
      '1:1',
      '1',
    ];
    const shared = values.map(
      value => parts.share({ metadata: {}, value } as KubeObject).value,
    );
    expect(shared).toEqual(values);
  });

  it('forgets what it has not seen for long', () => {
    const parts = new SharedParts(2);
    const share = (value: string): KubeObject =>
      parts.share({ metadata: {}, spec: { part: [value] } });
    const first = share('first').spec;
    for (const value of ['b', 'c', 'd', 'e']) share(value);
    expect(share('first').spec).toEqual(first);
    expect(share('first').spec).not.toBe(first);
  });
});
