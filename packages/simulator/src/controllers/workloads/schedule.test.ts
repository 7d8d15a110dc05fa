// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { place } from './schedule';
import { Node, Pod } from './workloads';

const stored = {
  uid: '',
  resourceVersion: '1',
  creationTimestamp: '2026-11-21T00:00:00Z',
};

const node = (name: string, isReady = true): Node => ({
  metadata: { ...stored, name },
  status: {
    conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }],
  },
});

const podOf = (owner: string, name: string): Pod => ({
  metadata: {
    ...stored,
    namespace: 'sorting',
    name,
    ownerReferences: [
      {
        apiVersion: 'apps/v1',
        kind: 'ReplicaSet',
        name: owner,
        uid: owner,
        controller: true,
      },
    ],
  },
  spec: { containers: [{ name: 'app', image: 'app:1' }] },
});

/** Places pods one after another and tells which nodes each owner has, by name. */
function placements(
  pods: readonly (readonly [owner: string, name: string])[],
  nodes: readonly Node[],
): Readonly<Record<string, readonly string[]>> {
  const placed: Record<string, string[]> = {};
  for (const [owner, name] of pods) {
    const own = (placed[owner] ??= []);
    const placement = place(
      podOf(owner, name),
      nodes,
      at => own.filter(each => each === at).length,
    );
    if (placement.kind === 'node') own.push(placement.node.metadata.name);
  }
  return Object.fromEntries(
    Object.entries(placed).map(([owner, names]) => [owner, names.sort()]),
  );
}

describe('place', () => {
  const nodes = ['one', 'two', 'three', 'four'].map(name => node(name));
  const pods = ['belt', 'label', 'vision'].flatMap(owner =>
    ['a', 'b', 'c'].map(name => [owner, `${owner}-${name}`] as const),
  );
  const inAnyOrder = <T>(items: readonly T[]) =>
    fc.shuffledSubarray([...items], {
      minLength: items.length,
      maxLength: items.length,
    });

  it('gives every owner the same nodes, in whatever order pods and nodes come', () => {
    const expected = placements(pods, nodes);
    fc.assert(
      fc.property(inAnyOrder(pods), inAnyOrder(nodes), (some, others) => {
        expect(placements(some, others)).toEqual(expected);
      }),
    );
  });

  it('puts the pods of an owner on different nodes while there are any', () => {
    const { belt } = placements(pods, nodes);
    expect(new Set(belt).size).toBe(3);
  });

  it('says of every node why a pod cannot go there', () => {
    expect(place(podOf('belt', 'a'), [node('one', false)], () => 0)).toEqual({
      kind: 'none',
      message:
        '0/1 nodes are available: 1 node(s) were not ready. no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.',
    });
    expect(place(podOf('belt', 'a'), [], () => 0).kind).toBe('none');
  });
});
