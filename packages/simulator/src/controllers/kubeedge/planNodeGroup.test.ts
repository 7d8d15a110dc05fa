// SPDX-License-Identifier: Apache-2.0
import { Node } from '../workloads/workloads';
import { belongingLabel, NodeGroup, zoneLabel } from './nodeGroupObjects';
import { planNodeGroup } from './planNodeGroup';

const meta = (name: string) => ({
  name,
  uid: name,
  resourceVersion: '1',
  creationTimestamp: '2026-01-01T00:00:00Z',
});

function node(
  name: string,
  labels: Record<string, string> = {},
  ready: 'True' | 'False' | 'Unknown' = 'True',
): Node {
  return {
    metadata: { ...meta(name), labels },
    status: { conditions: [{ type: 'Ready', status: ready }] },
  };
}

function group(spec: NodeGroup['spec'], ending = false): NodeGroup {
  const deletionTimestamp = ending ? '2026-02-01T00:00:00Z' : undefined;
  return { metadata: { ...meta('malmo'), deletionTimestamp }, spec };
}

const own = { [belongingLabel]: 'malmo' };

it('takes nodes by name and by label, and says how they are', () => {
  const plan = planNodeGroup(
    group({ nodes: ['a', 'gone'], matchLabels: { site: 'malmo' } }),
    [
      node('a'),
      node('b', { site: 'malmo' }, 'Unknown'),
      node('c', { site: 'malmo' }, 'False'),
      node('d', { site: 'lund' }),
    ],
  );
  expect(plan.members).toEqual([
    { nodeName: 'a', readyStatus: 'Ready', selectionStatus: 'Succeeded' },
    { nodeName: 'b', readyStatus: 'Unknown', selectionStatus: 'Succeeded' },
    { nodeName: 'c', readyStatus: 'NotReady', selectionStatus: 'Succeeded' },
    {
      nodeName: 'gone',
      readyStatus: 'Unknown',
      selectionStatus: 'Failed',
      selectionStatusReason: 'node does not exist',
    },
  ]);
  expect(plan.changes.map(change => change.node)).toEqual(['a', 'b', 'c']);
});

it('does not take a node from another group', () => {
  const plan = planNodeGroup(group({ nodes: ['a'] }), [
    node('a', { [belongingLabel]: 'lund' }),
  ]);
  expect(plan.members[0].selectionStatus).toBe('Failed');
  expect(plan.changes).toEqual([]);
});

it.each<
  [string, NodeGroup['spec'], Record<string, string>, object | undefined]
>([
  ['joins', { nodes: ['a'] }, {}, own],
  [
    'joins a zone',
    { nodes: ['a'], topologyEnabled: true },
    {},
    { ...own, [zoneLabel]: 'malmo' },
  ],
  ['stays', { nodes: ['a'] }, own, undefined],
  [
    'stays and loses a zone of others',
    { nodes: ['a'] },
    { ...own, [zoneLabel]: 'ours' },
    { [zoneLabel]: null },
  ],
  ['leaves', {}, own, { [belongingLabel]: null }],
  [
    'leaves with a zone of others',
    {},
    { ...own, [zoneLabel]: 'ours' },
    { [belongingLabel]: null, [zoneLabel]: null },
  ],
])('a node %s', (_case, spec, labels, expected) => {
  const { changes } = planNodeGroup(group(spec), [node('a', labels)]);
  expect(changes).toEqual(expected ? [{ node: 'a', labels: expected }] : []);
});

it('lets all nodes go when it is deleted', () => {
  const plan = planNodeGroup(group({ nodes: ['a'] }, true), [node('a', own)]);
  expect(plan.changes).toEqual([
    { node: 'a', labels: { [belongingLabel]: null } },
  ]);
});
