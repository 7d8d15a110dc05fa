// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { satisfies, threeWayPatch } from './threeWayPatch';

/** RFC 7386, as the API server applies it. */
function mergePatch(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch))
    return patch;
  const isObject =
    typeof target === 'object' && target !== null && !Array.isArray(target);
  const result: Record<string, unknown> = isObject ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = mergePatch(result[key], value);
  }
  return result;
}

describe('threeWayPatch', () => {
  it.each([
    [
      'nothing when the server only added defaults',
      undefined,
      { a: [{ n: 1 }] },
      { a: [{ n: 1, d: 2 }], e: 3 },
      undefined,
    ],
    ['what differs', undefined, { a: 1 }, { a: 2, b: 3 }, { a: 1 }],
    [
      'a drifted item by its whole list',
      undefined,
      { l: [{ n: 1, i: 'x' }] },
      { l: [{ n: 1, i: 'y' }] },
      { l: [{ n: 1, i: 'x' }] },
    ],
    [
      'the removal of what was applied and is no longer wanted',
      { a: 1, b: 2 },
      { a: 1 },
      { a: 1, b: 2, c: 3 },
      { b: null },
    ],
    [
      'nothing about fields of others',
      { a: 1 },
      { a: 1 },
      { a: 1, c: 3 },
      undefined,
    ],
    [
      'the removal of a field inside a list',
      { l: [{ n: 1, i: 2 }] },
      { l: [{ n: 1 }] },
      { l: [{ n: 1, i: 2 }] },
      { l: [{ n: 1 }] },
    ],
  ])('gives %s', (_name, applied, wanted, live, patch) => {
    expect(threeWayPatch(applied, wanted, live)).toEqual(patch);
  });

  it('leads to what is wanted, without what was dropped, and then has nothing to do', () => {
    const leaf = fc.oneof(
      fc.integer({ max: 3, min: 0 }),
      fc.constantFrom('x', 'y'),
      fc.array(fc.integer({ max: 2, min: 0 }), { maxLength: 2 }),
    );
    const key = fc.constantFrom('a', 'b', 'c');
    const fields = fc.dictionary(key, fc.oneof(leaf, fc.dictionary(key, leaf)));
    fc.assert(
      fc.property(fields, fields, fields, (applied, wanted, live) => {
        const result = mergePatch(
          live,
          threeWayPatch(applied, wanted, live) ?? {},
        );
        expect(satisfies(result, wanted)).toBe(true);
        const dropped = Object.keys(applied).filter(name => !(name in wanted));
        expect(
          Object.keys(result as object).filter(name => dropped.includes(name)),
        ).toEqual([]);
        expect(threeWayPatch(wanted, wanted, result)).toBeUndefined();
      }),
    );
  });
});
