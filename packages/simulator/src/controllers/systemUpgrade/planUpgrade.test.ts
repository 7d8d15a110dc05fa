// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { Job, Node } from '../workloads/workloads';
import { nodeLabel, Plan, planLabel } from './planObjects';
import {
  hashOf,
  jobNameOf,
  jobOf,
  labelValueOf,
  nodeInfoAfter,
  planUpgrade,
} from './planUpgrade';

const meta = (name: string, labels: Record<string, string> = {}) => ({
  name,
  uid: name,
  resourceVersion: '1',
  creationTimestamp: '2026-01-01T00:00:00Z',
  labels,
});

function plan(spec: Partial<Plan['spec']> = {}, status?: Plan['status']): Plan {
  return {
    metadata: { ...meta('os'), namespace: 'system-upgrade' },
    spec: {
      nodeSelector: {},
      concurrency: 1,
      version: '2',
      upgrade: { image: 'ex/os' },
      ...spec,
    },
    status,
  };
}

const mark = planLabel('os');
const node = (name: string, labels: Record<string, string> = {}): Node => ({
  metadata: meta(name, { 'kubernetes.io/hostname': name, ...labels }),
});

function job(name: string, hash: string, end?: 'Complete' | 'Failed'): Job {
  return {
    metadata: meta(`job-${name}`, { [nodeLabel]: name, [mark]: hash }),
    spec: { template: { spec: { containers: [] } } },
    status: {
      conditions: end ? [{ type: end, status: 'True' }] : [],
    },
  };
}

const nodes = ['a', 'b', 'c'].map(name => node(name));

/** The order in which the nodes have their turn. */
const order = (() => {
  const [first] = planUpgrade(plan(), 'h', nodes, []).applying;
  const both = planUpgrade(plan({ concurrency: 2 }), 'h', nodes, []).applying;
  const second = both.find(name => name !== first) ?? '';
  return [first, second] as const;
})();
const [first, second] = order;

it('begins with as many nodes as allowed, always the same', () => {
  const work = planUpgrade(plan({ concurrency: 2 }), 'h', nodes, []);
  expect(work.applying).toEqual([...order].sort());
  expect(work.preparing).toEqual(work.applying);
  const mixed = nodes.toReversed();
  expect(planUpgrade(plan({ concurrency: 2 }), 'h', mixed, [])).toEqual(work);
});

it('goes on when a job has completed, and not before', () => {
  const busy = planUpgrade(plan(), 'h', nodes, [job(first, 'h')]);
  expect(busy).toMatchObject({
    applying: [first],
    preparing: [],
    finished: [],
  });
  const done = planUpgrade(plan(), 'h', nodes, [job(first, 'h', 'Complete')]);
  expect(done).toMatchObject({ applying: [second], finished: [first] });
});

it('lets a failed job keep its place', () => {
  const failed = job(first, 'h', 'Failed');
  const work = planUpgrade(plan(), 'h', nodes, [failed]);
  expect(work).toMatchObject({
    applying: [first],
    failed: [failed],
    preparing: [],
  });
});

it('is for no node without a selector, and for none without a host name', () => {
  const nameless = { metadata: meta('d') };
  expect(
    planUpgrade(plan({ nodeSelector: undefined }), 'h', nodes, []).applying,
  ).toEqual([]);
  expect(planUpgrade(plan(), 'h', [nameless], []).applying).toEqual([]);
});

it('keeps a node that is still being emptied', () => {
  const status = { latestHash: 'h', applying: ['b'] };
  const work = planUpgrade(plan({}, status), 'h', nodes, []);
  expect(work).toMatchObject({ applying: ['b'], preparing: ['b'] });
});

it('leaves out nodes that have it, that are not meant, and that are kept from it', () => {
  const mixed = [
    node('a', { [mark]: 'h' }),
    node('b', { [mark]: 'disabled' }),
    node('c', { site: 'lund' }),
    node('d', { [mark]: 'earlier', site: 'malmo' }),
    node('e'),
  ];
  const nodeSelector = {
    matchExpressions: [{ key: 'site', operator: 'NotIn', values: ['lund'] }],
  };
  const work = planUpgrade(
    plan({ concurrency: 9, nodeSelector }),
    'h',
    mixed,
    [],
  );
  expect(work.applying).toEqual(['d', 'e']);
});

it('stays with the nodes it works on when the plan changes, by new jobs', () => {
  const status = { latestHash: 'earlier', applying: [second] };
  const old = job(second, 'earlier');
  const work = planUpgrade(plan({}, status), 'h', nodes, [old]);
  expect(work).toMatchObject({
    applying: [second],
    preparing: [second],
    outdated: [old],
  });
});

it('marks another version differently, and nothing else', () => {
  const hash = hashOf(plan(), '2');
  expect(hash).toMatch(/^[0-9a-f]{56}$/);
  expect(hashOf(plan({ concurrency: 5 }), '2')).toBe(hash);
  expect(hashOf(plan({ upgrade: { image: 'ex/other' } }), '2')).toBe(hash);
  expect(hashOf(plan(), '3')).not.toBe(hash);
});

it('makes a job for one node in the version of the plan', () => {
  expect(
    jobOf(plan({ version: 'v1+k3s1' }), 'a', labelValueOf('v1+k3s1'), 'h'),
  ).toMatchObject({
    metadata: {
      name: 'apply-os-on-a-with-h',
      labels: { [nodeLabel]: 'a', [mark]: 'h' },
    },
    spec: {
      template: {
        spec: {
          nodeSelector: { 'kubernetes.io/hostname': 'a' },
          containers: [{ name: 'upgrade', image: 'ex/os:v1-k3s1' }],
        },
      },
    },
  });
  const long = jobNameOf('os', 'a-node-with-a-very-long-name', 'f'.repeat(56));
  expect(long.length).toBeLessThanOrEqual(63);
  expect(long).not.toBe(
    jobNameOf('os', 'a-node-with-a-very-long-nama', 'f'.repeat(56)),
  );
});

it('never works on more nodes than allowed, and gets to the end', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 4 }),
      (count, concurrency) => {
        let left = Array.from({ length: count }, (_, index) =>
          node(`n${index}`),
        );
        let status: Plan['status'];
        let present: readonly Job[] = [];
        for (let round = 0; round < 4 * count; round += 1) {
          const work = planUpgrade(
            plan({ concurrency }, status),
            'h',
            left,
            present,
          );
          expect(work.applying.length).toBeLessThanOrEqual(concurrency);
          status = { latestHash: 'h', applying: work.applying };
          left = left.map(one =>
            work.finished.includes(one.metadata.name)
              ? node(one.metadata.name, { [mark]: 'h' })
              : one,
          );
          present = [
            ...present.map(one =>
              job(one.metadata.labels?.[nodeLabel] ?? '', 'h', 'Complete'),
            ),
            ...work.preparing.map(name => job(name, 'h')),
          ];
        }
        expect(left.map(({ metadata }) => metadata.labels?.[mark])).toEqual(
          left.map(() => 'h'),
        );
      },
    ),
  );
});

it.each([
  ['rancher/k3s-upgrade', { kubeletVersion: 'v1.36.3+k3s1' }],
  [
    'registry.example:5000/k3s-upgrade:fixed',
    { kubeletVersion: 'v1.36.3+k3s1' },
  ],
  [
    'registry.example:5000/os-upgrade@sha256:0',
    {
      osImage: 'Simulated OS v1.36.3+k3s1',
      kernelVersion: '6.18.0-v1.36.3+k3s1',
    },
  ],
  ['ex/os', undefined],
  ['ex/k3s-upgrade-notes', undefined],
])('after a plan with the image %s a kubelet says %j', (image, expected) => {
  const upgrade = plan({ version: 'v1.36.3+k3s1', upgrade: { image } });
  expect(nodeInfoAfter(upgrade)).toEqual(expected);
});
