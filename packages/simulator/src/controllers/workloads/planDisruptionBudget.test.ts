// SPDX-License-Identifier: Apache-2.0
import {
  coversPod,
  ExpectedScale,
  planDisruptionBudget,
} from './planDisruptionBudget';
import { DisruptionBudget, Pod } from './workloads';

const now = new Date('2026-03-01T08:00:00Z');
const meta = (name: string) => ({
  name,
  uid: name,
  resourceVersion: '1',
  generation: 3,
  creationTimestamp: '2026-03-01T07:00:00Z',
});

function aBudget(spec: DisruptionBudget['spec']): DisruptionBudget {
  return { metadata: meta('budget'), spec };
}

function pods(ready: number, unready: number, leaving = 0): readonly Pod[] {
  const pod = (name: string, isReady: boolean, isLeaving = false): Pod => ({
    metadata: {
      ...meta(name),
      labels: { app: 'shop' },
      ...(isLeaving ? { deletionTimestamp: '2026-03-01T08:00:00Z' } : {}),
    },
    spec: { containers: [] },
    status: {
      conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }],
    },
  });
  const many = (count: number, make: (name: string) => Pod) =>
    Array.from({ length: count }, (_, index) => make(`${index}`));
  return [
    ...many(ready, name => pod(name, true)),
    ...many(unready, name => pod(name, false)),
    ...many(leaving, name => pod(name, true, true)),
  ];
}

const wanted = (count: number): ExpectedScale => ({
  kind: 'known',
  pods: count,
});

it.each([
  [{ minAvailable: 2 }, pods(3, 0), 9, { desired: 2, expected: 3, allowed: 1 }],
  [{ minAvailable: 2 }, pods(2, 2), 9, { desired: 2, expected: 4, allowed: 0 }],
  [
    { minAvailable: 2 },
    pods(2, 0, 2),
    9,
    { desired: 2, expected: 4, allowed: 0 },
  ],
  [{ minAvailable: 5 }, pods(2, 0), 9, { desired: 5, expected: 2, allowed: 0 }],
  [
    { minAvailable: '50%' },
    pods(3, 0),
    5,
    { desired: 3, expected: 5, allowed: 0 },
  ],
  [
    { maxUnavailable: 1 },
    pods(3, 0),
    3,
    { desired: 2, expected: 3, allowed: 1 },
  ],
  [
    { maxUnavailable: '34%' },
    pods(3, 0),
    3,
    { desired: 1, expected: 3, allowed: 2 },
  ],
  [
    { maxUnavailable: 9 },
    pods(3, 0),
    3,
    { desired: 0, expected: 3, allowed: 3 },
  ],
  [
    { maxUnavailable: 1 },
    pods(0, 0),
    0,
    { desired: 0, expected: 0, allowed: 0 },
  ],
])('%j of %# pods', (spec, covered, scale, { desired, expected, allowed }) => {
  const status = planDisruptionBudget(
    aBudget(spec),
    covered,
    wanted(scale),
    now,
  );
  expect(status).toMatchObject({
    observedGeneration: 3,
    desiredHealthy: desired,
    expectedPods: expected,
    disruptionsAllowed: allowed,
    conditions: [
      {
        type: 'DisruptionAllowed',
        status: allowed > 0 ? 'True' : 'False',
        reason: allowed > 0 ? 'SufficientPods' : 'InsufficientPods',
      },
    ],
  });
});

it('allows nothing while nobody knows how many pods there should be, and keeps what was known', () => {
  const budget = aBudget({ maxUnavailable: 1 });
  const known = planDisruptionBudget(budget, pods(3, 0), wanted(3), now);
  const lost = planDisruptionBudget(
    { ...budget, status: known },
    pods(3, 0),
    { kind: 'unknown', message: 'found no controllers for pod "0"' },
    now,
  );
  expect(lost).toMatchObject({
    currentHealthy: 3,
    desiredHealthy: 2,
    disruptionsAllowed: 0,
    conditions: [
      { reason: 'SyncFailed', message: 'found no controllers for pod "0"' },
    ],
  });
});

it.each<[DisruptionBudget['spec'], boolean]>([
  [{}, false],
  [{ selector: {} }, true],
  [{ selector: { matchLabels: { app: 'shop' } } }, true],
  [{ selector: { matchLabels: { app: 'belt' } } }, false],
  [
    {
      selector: {
        matchExpressions: [{ key: 'app', operator: 'In', values: ['belt'] }],
      },
    },
    false,
  ],
])('%j covers a pod: %s', (spec, expected) => {
  expect(coversPod(aBudget(spec), pods(1, 0)[0])).toBe(expected);
});
