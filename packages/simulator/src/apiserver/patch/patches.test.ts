// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { isJsonObject, sameJson } from '../objects';
import type { Json, JsonObject } from '../objects';
import { applyJsonPatch, PatchFailed } from './jsonPatch';
import { applyMergePatch } from './mergePatch';
import { pod, workload } from './mergeSchema';
import { applyStrategicMergePatch } from './strategicMergePatch';

const jsonValue: (depth?: number) => fc.Arbitrary<Json> = fc.memo<Json>(depth =>
  depth <= 1
    ? fc.oneof<fc.Arbitrary<Json>[]>(
        fc.integer(),
        fc.constantFrom('x', 'y'),
        fc.boolean(),
      )
    : fc.oneof<fc.Arbitrary<Json>[]>(
        fc.integer(),
        fc.constantFrom('x', 'y'),
        fc.array(jsonValue(depth - 1), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom('a', 'b'), jsonValue(depth - 1)),
      ),
);

/** Objects as Kubernetes has them: without null. */
const jsonObject = (): fc.Arbitrary<JsonObject> =>
  fc.dictionary(fc.constantFrom('a', 'b', 'c'), jsonValue(3), { maxKeys: 3 });

/** The merge patch that leads from one object to another. */
function mergePatchBetween(from: JsonObject, to: JsonObject): JsonObject {
  const patch: JsonObject = {};
  for (const name of Object.keys({ ...from, ...to })) {
    const [before, after] = [from[name], to[name]];
    if (after === undefined) patch[name] = null;
    else if (isJsonObject(before) && isJsonObject(after)) {
      patch[name] = mergePatchBetween(before, after);
    } else if (!sameJson(before, after)) patch[name] = after;
  }
  return patch;
}

describe('applyMergePatch', () => {
  it('leads from any object to any other', () => {
    fc.assert(
      fc.property(jsonObject(), jsonObject(), (from, to) => {
        const patch = mergePatchBetween(from, to);
        expect(applyMergePatch(from, patch)).toEqual(to);
      }),
    );
  });

  it('changes nothing when done twice, and never its input', () => {
    fc.assert(
      fc.property(jsonObject(), jsonObject(), (target, patch) => {
        const before = JSON.stringify(target);
        const once = applyMergePatch(target, patch);
        expect(applyMergePatch(once, patch)).toEqual(once);
        expect(JSON.stringify(target)).toBe(before);
      }),
    );
  });
});

describe('applyJsonPatch', () => {
  it('adds, finds and removes again what was added', () => {
    fc.assert(
      fc.property(jsonObject(), jsonValue(2), (target, value) => {
        const before = JSON.stringify(target);
        const added = applyJsonPatch(target, [
          { op: 'add', path: '/new~1~0', value },
          { op: 'test', path: '/new~1~0', value },
        ]);
        expect(added['new/~']).toEqual(value);
        const removed = applyJsonPatch(added, [
          { op: 'remove', path: '/new~1~0' },
        ]);
        expect(removed).toEqual(target);
        expect(JSON.stringify(target)).toBe(before);
      }),
    );
  });

  it.each<[string, Json, 'malformed' | 'unfit']>([
    ['is no list', { op: 'add' }, 'malformed'],
    ['has no path', [{ op: 'add', value: 1 }], 'malformed'],
    ['has no value', [{ op: 'add', path: '/b' }], 'malformed'],
    [
      'has a path that is no pointer',
      [{ op: 'remove', path: 'a' }],
      'malformed',
    ],
    ['removes what is not there', [{ op: 'remove', path: '/b' }], 'unfit'],
    [
      'replaces what is not there',
      [{ op: 'replace', path: '/b', value: 1 }],
      'unfit',
    ],
    [
      'goes below what is not there',
      [{ op: 'add', path: '/b/c', value: 1 }],
      'unfit',
    ],
    [
      'points behind a list',
      [{ op: 'add', path: '/list/3', value: 1 }],
      'unfit',
    ],
    [
      'names no place in a list',
      [{ op: 'add', path: '/list/01', value: 1 }],
      'unfit',
    ],
    ['fails its test', [{ op: 'test', path: '/a', value: 2 }], 'unfit'],
  ])('refuses a patch that %s', (_why, patch, kind) => {
    const apply = () => applyJsonPatch({ a: 1, list: [1, 2] }, patch);
    expect(apply).toThrow(PatchFailed);
    expect(apply).toThrow(expect.objectContaining({ kind }));
  });

  it('takes null as the value of what is not there', () => {
    const patch = [{ op: 'test', path: '/b', value: null }];
    expect(applyJsonPatch({ a: 1 }, patch)).toEqual({ a: 1 });
  });
});

describe('applyStrategicMergePatch', () => {
  const container = (name: string, more: object = {}) => ({ name, ...more });
  const containers = (...list: Json[]) => ({ spec: { containers: list } });

  it.each<[string, Json[], JsonObject, Json[]]>([
    [
      'merges items of one key, adds others in front of what they leave alone',
      [container('a', { image: '1' }), container('b')],
      containers(container('c'), container('a', { image: '2' })),
      [container('c'), container('a', { image: '2' }), container('b')],
    ],
    [
      'deletes an item that is there, and not minds one that is not',
      [container('a'), container('b')],
      containers(
        { name: 'a', $patch: 'delete' },
        { name: 'z', $patch: 'delete' },
      ),
      [container('b')],
    ],
    [
      'replaces one item',
      [container('a', { image: '1', tty: true })],
      containers({ name: 'a', image: '2', $patch: 'replace' }),
      [container('a', { image: '2' })],
    ],
    [
      'replaces the whole list',
      [container('a'), container('b')],
      containers({ $patch: 'replace' }, container('c')),
      [container('c')],
    ],
    [
      'orders as told, and keeps what only the server has in its place',
      [container('a'), container('server'), container('b')],
      {
        spec: {
          '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }],
        },
      },
      [container('server'), container('b'), container('a')],
    ],
  ])('%s', (_what, list, patch, expected) => {
    const result = applyStrategicMergePatch(containers(...list), patch, pod);
    expect(result).toEqual(containers(...expected));
  });

  it('replaces lists that have no key', () => {
    const target = containers(container('a', { args: ['1', '2'] }));
    const patch = containers(container('a', { args: ['3'] }));
    expect(applyStrategicMergePatch(target, patch, pod)).toEqual(patch);
  });

  it('knows pods inside of templates', () => {
    const template = (image: string, more: object = {}) => ({
      spec: { template: containers({ name: 'a', image, ...more }) },
    });
    expect(
      applyStrategicMergePatch(
        template('1', { env: [{ name: 'A', value: '1' }] }),
        template('2', { env: [{ name: 'B', value: '2' }] }),
        workload,
      ),
    ).toEqual(
      template('2', {
        env: [
          { name: 'B', value: '2' },
          { name: 'A', value: '1' },
        ],
      }),
    );
  });

  it('leaves no directives behind where there was nothing to patch', () => {
    const patch = {
      spec: {
        '$setElementOrder/containers': [{ name: 'a' }],
        containers: [{ name: 'a', $patch: 'merge' }],
        nodeSelector: { $retainKeys: ['x'], x: 'y' },
      },
    };
    expect(applyStrategicMergePatch({}, patch, pod)).toEqual({
      spec: { containers: [{ name: 'a' }], nodeSelector: { x: 'y' } },
    });
  });

  it.each<[string, JsonObject]>([
    ['an item without its key', containers({ image: '1' })],
    ['a directive nobody knows', { $patch: 'turn' }],
  ])('refuses %s', (_what, patch) => {
    expect(() => applyStrategicMergePatch(containers(), patch, pod)).toThrow(
      expect.objectContaining({ kind: 'malformed' }),
    );
  });

  it('is a merge patch for everything that has no lists', () => {
    const flat = fc.dictionary(
      fc.constantFrom('a', 'b', 'c'),
      fc.oneof(fc.integer(), fc.dictionary(fc.constantFrom('d'), fc.integer())),
    );
    fc.assert(
      fc.property(flat, flat, (target, patch) => {
        expect(applyStrategicMergePatch(target, patch, {})).toEqual(
          applyMergePatch(target, patch),
        );
      }),
    );
  });
});
