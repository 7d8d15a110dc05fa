// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import type { KubeObject } from '../objects';
import { Store } from './Store';
import type { Change, Entry } from './Store';

const KEYS = ['a/x', 'a/y', 'a-b/x', 'b/x'];

/** What a test does to the store: a value is put, `undefined` removes. */
interface Write {
  readonly key: string;
  readonly value: number | undefined;
}

const writes = (): fc.Arbitrary<Write[]> =>
  fc.array(
    fc.record({
      key: fc.constantFrom(...KEYS),
      value: fc.option(fc.nat(9), { nil: undefined }),
    }),
    { maxLength: 40 },
  );

function perform(store: Store, { key, value }: Write): void {
  const object: KubeObject = { metadata: { name: key }, value };
  if (value === undefined) store.remove('things', key);
  else store.put('things', key, object);
}

const shown = (entries: readonly Entry[] | undefined) =>
  entries?.map(({ key, object }) => `${key}=${object.value}`);

function stateAt(store: Store, revision: number) {
  const state = store.stateAt('things', revision);
  const entries = [...(state?.entries() ?? [])];
  expect(state?.size).toBe(entries.length);
  return shown(entries);
}

describe('Store', () => {
  it('remembers every state that its history reaches', () => {
    fc.assert(
      fc.property(writes(), all => {
        const store = new Store({ firstRevision: 100, historyLimit: 1000 });
        const states = new Map<number, string[] | undefined>();
        for (const write of all) {
          perform(store, write);
          states.set(store.revision, shown(store.list('things')));
        }
        for (const [revision, state] of states) {
          expect(stateAt(store, revision)).toEqual(state);
          const after = store.stateAt('things', revision, 'a', 'a/x');
          expect(shown([...(after?.entries() ?? [])])).toEqual(
            state?.filter(text => text.startsWith('a/y')),
          );
        }
      }),
    );
  });

  it('tells changes that lead from any state to the newest', () => {
    fc.assert(
      fc.property(writes(), fc.nat(40), (all, middle) => {
        const store = new Store({ firstRevision: 100, historyLimit: 1000 });
        all.slice(0, middle).forEach(write => perform(store, write));
        const copy = new Map(
          store.list('things').map(entry => [entry.key, entry.object.value]),
        );
        const { revision } = store;
        all.slice(middle).forEach(write => perform(store, write));
        for (const change of store.changesSince('things', revision) ?? []) {
          if (change.type === 'DELETED') copy.delete(change.key);
          else copy.set(change.key, change.entry.object.value);
        }
        const replayed = [...copy]
          .sort()
          .map(([key, value]) => `${key}=${value}`);
        expect(replayed.sort()).toEqual(shown(store.list('things'))?.sort());
      }),
    );
  });

  it('admits what it has forgotten', () => {
    fc.assert(
      fc.property(writes(), fc.integer({ min: 1, max: 5 }), (all, limit) => {
        const store = new Store({ firstRevision: 100, historyLimit: limit });
        const told: Change[] = [];
        store.follow('things', change => told.push(change));
        all.forEach(write => perform(store, write));
        const oldest = store.oldestRevision('things');
        expect(store.changesSince('things', oldest - 1)).toBeUndefined();
        expect(store.stateAt('things', oldest - 1)).toBeUndefined();
        expect(store.changesSince('things', oldest)).toEqual(
          told.filter(({ revision }) => revision > oldest),
        );
      }),
    );
  });

  it('gives each write a revision above all before, in its object too', () => {
    const store = new Store({ firstRevision: 100, historyLimit: 10 });
    const first = store.put('things', 'a', { metadata: { name: 'a' } });
    const second = store.put('others', 'a', { metadata: { name: 'a' } });
    const last = store.remove('things', 'a');
    const versions = [first, second, last].map(
      entry => entry?.object.metadata.resourceVersion,
    );
    expect(versions).toEqual(['101', '102', '103']);
  });

  it('lists the keys of one namespace only, in order of bytes', () => {
    const store = new Store({ firstRevision: 0, historyLimit: 10 });
    for (const key of ['b/x', 'a/y', 'a/x', 'a-b/x']) {
      store.put('things', key, { metadata: { name: key } });
    }
    const keys = (namespace?: string) =>
      store.list('things', namespace).map(({ key }) => key);
    expect(keys('a')).toEqual(['a/x', 'a/y']);
    expect(keys()).toEqual(['a-b/x', 'a/x', 'a/y', 'b/x']);
  });
});
