// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { EdgeJobScope, EdgeJobStatus, NodeTask } from './jobObjects';
import { EdgeJobNode, JobTimes, planEdgeJob, StepOutcome } from './planEdgeJob';

const start = Date.parse('2026-03-01T08:00:00Z');

function node(
  name: string,
  outcome: StepOutcome = { kind: 'done' },
  settings: Partial<EdgeJobNode> = {},
): EdgeJobNode {
  return {
    name,
    isConnected: true,
    steps: [
      { action: 'Check', duration: 1_000, outcome: () => ({ kind: 'done' }) },
      { action: 'Upgrade', duration: 10_000, outcome: () => outcome },
    ],
    afterFailure: 'RollBack',
    ...settings,
  };
}

/** Runs a job to its end, or for an hour, and returns all its statuses. */
function run(
  scope: EdgeJobScope,
  nodes: (now: number) => readonly EdgeJobNode[],
): readonly EdgeJobStatus[] {
  const statuses: EdgeJobStatus[] = [];
  let status: EdgeJobStatus = {};
  let times: JobTimes = { began: start, steps: new Map() };
  let now = start;
  while (now < start + 3_600_000) {
    const named = { nodeNames: ['some'], ...scope };
    const plan = planEdgeJob(named, status, nodes(now), times, now);
    ({ status, times } = plan);
    statuses.push(status);
    if (status.phase === 'Completed' || status.phase === 'Failure') break;
    now += Math.max(plan.after ?? 1_000, 1);
  }
  return statuses;
}

const phases = (status: EdgeJobStatus | undefined) =>
  status?.nodeStatus?.map(({ phase }) => phase);

it('goes on to the next node when the one before has succeeded', () => {
  const statuses = run({}, () => [node('a'), node('b')]);
  expect([...new Set(statuses.map(one => phases(one)?.join()))]).toEqual([
    'Pending,Pending',
    'InProgress,Pending',
    'Successful,InProgress',
    'Successful,Successful',
  ]);
  expect(statuses.map(({ phase }) => phase)).toEqual([
    'Init',
    ...statuses.slice(2).map(() => 'InProgress'),
    'Completed',
  ]);
  expect(statuses.at(-1)?.nodeStatus?.[1].actionFlow).toEqual([
    { action: 'Check', status: 'True', time: '2026-03-01T08:00:12Z' },
    { action: 'Upgrade', status: 'True', time: '2026-03-01T08:00:22Z' },
  ]);
});

it('rolls a failed node back, goes through all others, and counts in the end', () => {
  const bad = node('a', { kind: 'failed', reason: 'does not start' });
  const last = run({}, () => [bad, node('b')]).at(-1);
  expect(last).toMatchObject({
    phase: 'Failure',
    reason:
      'the number of failed nodes is 1/2, which exceeds the failure tolerance threshold',
  });
  expect(phases(last)).toEqual(['Failure', 'Successful']);
  expect(
    last?.nodeStatus?.[0].actionFlow?.map(({ action, status }) => [
      action,
      status,
    ]),
  ).toEqual([
    ['Check', 'True'],
    ['Upgrade', 'False'],
    ['RollBack', 'True'],
  ]);
});

it('completes with as many failures as are tolerated', () => {
  const bad = node('a', { kind: 'failed', reason: 'does not start' });
  const last = run({ failureTolerate: '0.5' }, () => [bad, node('b')]).at(-1);
  expect(last?.phase).toBe('Completed');
  expect(phases(last)).toEqual(['Failure', 'Successful']);
});

it('takes a node that was not ready in the beginning for failed, for good', () => {
  const away = node('a', undefined, { obstacle: 'the node is not ready' });
  const last = run({ failureTolerate: '0.5' }, now => [
    now === start ? away : node('a'),
    node('b'),
  ]).at(-1);
  expect(last?.nodeStatus?.[0]).toEqual({
    nodeName: 'a',
    phase: 'Failure',
    reason: 'the node is not ready',
  });
});

it('calls a node unknown that does not answer in time, and waits for one that does', () => {
  const away = (until: number) => (now: number) =>
    [node('a', undefined, { isConnected: now >= start + until })];
  const scope = { timeoutSeconds: 60 };
  expect(phases(run(scope, away(300_000)).at(-1))).toEqual(['Unknown']);
  expect(phases(run(scope, away(30_000)).at(-1))).toEqual(['Successful']);
  // Without a timeout a job waits as long as it takes.
  expect(phases(run({}, away(300_000)).at(-1))).toEqual(['Successful']);
});

it('waits for people without end', () => {
  const statuses = run({}, () => [node('a', { kind: 'waiting' })]);
  expect(phases(statuses.at(-1))).toEqual(['InProgress']);
});

it('lets also nodes time out whose turn has not come', () => {
  const away = node('a', undefined, { isConnected: false });
  const last = run({ timeoutSeconds: 60 }, () => [away, node('b')]).at(-1);
  expect(phases(last)).toEqual(['Unknown', 'Unknown']);
});

it.each([
  [{ nodeNames: ['a'] }, 'no nodes were matched with selector'],
  [{ nodeNames: [] }, 'nodeNames and nodeSelector cannot both be empty'],
  [
    { nodeNames: ['a'], labelSelector: {} },
    'nodeNames and nodeSelector cannot be specified at the same time',
  ],
])('fails at once for %j without nodes', (scope, reason) => {
  expect(run(scope, () => [])).toEqual([{ phase: 'Failure', reason }]);
});

it('never works on more nodes than allowed, finishes, and keeps its word on failures', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('good', 'bad', 'away'), {
        minLength: 1,
        maxLength: 12,
      }),
      fc.integer({ min: 1, max: 5 }),
      fc.constantFrom('0', '0.3', '1'),
      (kinds, concurrency, failureTolerate) => {
        const nodes = kinds.map((kind, index) =>
          node(
            `n${index}`,
            kind === 'bad' ? { kind: 'failed', reason: 'no' } : undefined,
            kind === 'away' ? { obstacle: 'the node is not ready' } : {},
          ),
        );
        const statuses = run({ concurrency, failureTolerate }, () => nodes);
        const count = (tasks: readonly NodeTask[] = [], phase: string) =>
          tasks.filter(task => task.phase === phase).length;
        for (const { nodeStatus } of statuses)
          expect(count(nodeStatus, 'InProgress')).toBeLessThanOrEqual(
            concurrency,
          );
        const last = statuses.at(-1);
        const failed = count(last?.nodeStatus, 'Failure') / kinds.length;
        const isSpoilt =
          Math.round(failed * 100) > 100 * Number(failureTolerate);
        expect(last?.phase).toBe(isSpoilt ? 'Failure' : 'Completed');
        expect(count(last?.nodeStatus, 'Pending')).toBe(0);
      },
    ),
  );
});
