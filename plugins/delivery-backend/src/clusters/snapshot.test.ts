// SPDX-License-Identifier: Apache-2.0
import type { ObservedIdentity } from '@causeway/plugin-delivery-common';
import fc from 'fast-check';
import {
  keyOf,
  reduce,
  resumeAfter,
  type Change,
  type Snapshot,
} from './snapshot';

const objects: fc.Arbitrary<ObservedIdentity> = fc
  .record({
    namespace: fc.constantFrom('sorting', 'tracking'),
    name: fc.constantFrom('a', 'b', 'c'),
    generation: fc.nat(2),
    deleting: fc.boolean(),
  })
  .map(object => ({ ...object }));
const lists = fc.uniqueArray(objects, { selector: keyOf });
const resourceVersion = '7';
const changes: fc.Arbitrary<Change<ObservedIdentity>> = fc.oneof(
  lists.map(all => ({
    type: 'listed' as const,
    objects: all,
    resourceVersion,
  })),
  fc.record({
    type: fc.constantFrom('stored' as const, 'deleted' as const),
    object: objects,
    resourceVersion: fc.constant(resourceVersion),
  }),
  fc.constant({ type: 'opened' as const }),
  fc.constant({ type: 'bookmark' as const, resourceVersion }),
);
const snapshots = lists.map(
  (all): Snapshot<ObservedIdentity> =>
    new Map(all.map(object => [keyOf(object), object])),
);
const content = (snapshot: Snapshot<ObservedIdentity>) =>
  Object.fromEntries([...snapshot].sort());

/** An equal change made of other objects, as the next event brings it. */
function again(change: Change<ObservedIdentity>): Change<ObservedIdentity> {
  return JSON.parse(JSON.stringify(change));
}

/** The same without any care for identity. */
function model(
  snapshot: Snapshot<ObservedIdentity>,
  change: Change<ObservedIdentity>,
) {
  const next = new Map(change.type === 'listed' ? [] : snapshot);
  if (change.type === 'listed') {
    for (const object of change.objects) next.set(keyOf(object), object);
  }
  if (change.type === 'stored') next.set(keyOf(change.object), change.object);
  if (change.type === 'deleted') next.delete(keyOf(change.object));
  return next;
}

describe('reduce', () => {
  it('holds what the cluster said', () => {
    fc.assert(
      fc.property(snapshots, changes, (snapshot, change) => {
        const next = reduce(snapshot, again(change));
        expect(content(next)).toEqual(content(model(snapshot, change)));
      }),
    );
  });

  it('is the same map exactly when nothing has changed', () => {
    fc.assert(
      fc.property(snapshots, changes, (snapshot, change) => {
        const before = content(snapshot);
        const next = reduce(snapshot, again(change));
        const same = JSON.stringify(content(next)) === JSON.stringify(before);
        expect(next === snapshot).toBe(same);
        expect(content(snapshot)).toEqual(before);
      }),
    );
  });

  it('keeps the identity of every object that is equal', () => {
    fc.assert(
      fc.property(snapshots, changes, (snapshot, change) => {
        const next = reduce(snapshot, again(change));
        const replaced = [...next].filter(
          ([key, object]) =>
            object !== snapshot.get(key) &&
            JSON.stringify(object) === JSON.stringify(snapshot.get(key)),
        );
        expect(replaced).toEqual([]);
      }),
    );
  });
});

describe('resumeAfter', () => {
  const from = { from: 'version', resourceVersion: '3' } as const;
  it('goes on from the newest version that was told', () => {
    expect(resumeAfter(from, { type: 'opened' })).toBe(from);
    expect(
      resumeAfter({ from: 'list' }, { type: 'bookmark', resourceVersion: '9' }),
    ).toEqual({ from: 'version', resourceVersion: '9' });
  });
});
