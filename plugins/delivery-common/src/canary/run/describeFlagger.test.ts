// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ObservedDeployment } from '../../cluster/observed';
import { canBeTakenBack, isRunning } from './canaryRun';
import { describeFlagger } from './describeFlagger';
import type { ObservedCanary } from './observedCanary';

const recordings = join(
  dirname(require.resolve('@causeway/simulator/package.json')),
  'recordings',
);

const names = [
  'flap',
  'gaterollout',
  'metricfail',
  'newrev',
  'nometric',
  'notready',
  'prerollfail',
  'revert',
  'revertwait',
  'revertwp',
  'rollback',
  'rollbackcti',
  'rollbackwp',
  'skip',
  'skipgate',
  'success',
  'suspend',
  'wpmetric',
];

interface Row {
  readonly ms: number;
  readonly kind: string;
  readonly status: Record<string, never>;
  readonly weights: readonly [number, number];
}

function rowsOf(name: string): readonly Row[] {
  return readFileSync(join(recordings, `flagger-${name}.jsonl`), 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line));
}

const analysis: ObservedCanary['analysis'] = {
  interval: 10_000,
  threshold: 2,
  stepWeights: [5, 25, 50, 100],
  mirror: false,
  matches: false,
  hooks: ['confirm-rollout', 'rollback', 'load-test'],
};

function aCanary(change: Partial<ObservedCanary> = {}): ObservedCanary {
  return {
    namespace: 'sorting',
    name: 'parcel-vision',
    deleting: false,
    target: { kind: 'Deployment', name: 'parcel-vision' },
    suspended: false,
    skipAnalysis: false,
    analysis,
    canaryWeight: 0,
    failedChecks: 0,
    iterations: 0,
    conditions: [],
    ...change,
  };
}

const running = (tag: string): ObservedDeployment => ({
  namespace: 'sorting',
  name: 'parcel-vision',
  deleting: false,
  paused: false,
  images: [`registry.norden.example/parcel-vision:${tag}`],
  desired: 2,
  conditions: [],
  total: 2,
  updated: 2,
  ready: 2,
  available: 2,
});

describe('the weight in force', () => {
  it.each(names)('is the one of the route in the recording %s', name => {
    const rows = rowsOf(name);
    const seen = rows.flatMap((row, index) => {
      if (row.kind !== 'status') return [];
      const run = describeFlagger(aCanary(row.status), undefined, undefined);
      // What a look changes is told in several writes; they are over when the next look begins.
      const look = rows.filter(
        (each, place) =>
          each.kind === 'route' && (place < index || each.ms < row.ms + 3_000),
      );
      const before = look.filter(({ ms }) => ms <= row.ms);
      const possible = [...before.slice(-1), ...look.slice(before.length)].map(
        ({ weights }) => weights[1],
      );
      return look.length > 0
        ? [
            {
              phase: run.phase,
              ok: possible.includes(run.weight),
              weight: run.weight,
              possible,
            },
          ]
        : [];
    });
    expect(seen.length).toBeGreaterThan(2);
    expect(seen.filter(({ ok }) => !ok)).toEqual([]);
  });
});

test('trap 1: while its promotion waits a canary has all the traffic, whatever its status says', () => {
  const run = describeFlagger(
    aCanary({ phase: 'WaitingPromotion', iterations: -1 }),
    running('2'),
    running('1'),
  );
  expect(run).toMatchObject({
    weight: 100,
    phase: 'waitingPromotion',
    waitingFor: 'promotion',
  });
  expect(canBeTakenBack(run)).toBe(true);
});

test('trap 3: a promotion that failed leaves the traffic on the new version and is no rollback', () => {
  const failed = (canaryWeight: number) =>
    describeFlagger(
      aCanary({ phase: 'Failed', canaryWeight }),
      running('2'),
      running('1'),
    );
  expect(failed(100)).toMatchObject({ weight: 100, end: 'promotionFailed' });
  expect(failed(0)).toMatchObject({ weight: 0, end: 'rolledBack' });
});

test('trap 7: the success of the version before says nothing about one that Flagger has not looked at', () => {
  const succeeded = aCanary({ phase: 'Succeeded' });
  expect(
    describeFlagger(succeeded, running('2'), running('1')).end,
  ).toBeUndefined();
  expect(describeFlagger(succeeded, running('2'), running('2')).end).toBe(
    'promoted',
  );
});

test('trap 8: the first version of all is not called compared', () => {
  const initialized = aCanary({ phase: 'Initialized' });
  expect(describeFlagger(initialized, running('1'), running('1')).end).toBe(
    'neverRan',
  );
});

test.each([
  [{ skipAnalysis: true, phase: 'Succeeded' }, { end: 'fastPromoted' }],
  [{ phase: 'Waiting' }, { waitingFor: 'rollout', weight: 0 }],
  [{ phase: undefined }, { phase: 'initializing' }],
  [{ phase: 'Terminated' }, { phase: 'terminating' }],
  [{ phase: 'SomethingNew' }, { phase: 'initializing' }],
  [
    {
      analysis: { ...analysis, stepWeights: [], stepWeight: 30, maxWeight: 80 },
    },
    { steps: [30, 60, 90], interval: 10_000 },
  ],
  [
    { analysis: { ...analysis, stepWeights: [50, 120], interval: undefined } },
    { steps: [50, 100], interval: 60_000 },
  ],
  [
    {
      analysis: { ...analysis, iterations: 4, matches: true },
      iterations: 1,
      phase: 'Progressing',
    },
    {
      strategy: 'abTest',
      weight: 100,
      steps: [],
      iterations: { done: 1, of: 4 },
    },
  ],
  [
    {
      analysis: { ...analysis, iterations: 4 },
      iterations: 5,
      phase: 'Progressing',
    },
    { strategy: 'blueGreen', weight: 100 },
  ],
  [
    { provider: 'kubernetes', iterations: 3, phase: 'Progressing' },
    { strategy: 'blueGreen', weight: 0, iterations: { done: 3, of: 10 } },
  ],
  [
    { analysis: { ...analysis, mirror: true } },
    { strategy: 'mirror', steps: [5, 25, 50, 100] },
  ],
] satisfies [Partial<ObservedCanary>, object][])(
  '%j is %j',
  (change, expected) => {
    expect(
      describeFlagger(aCanary(change), running('1'), running('1')),
    ).toMatchObject(expected);
  },
);

test('only hooks that the portal knows count as questions', () => {
  const run = describeFlagger(aCanary(), undefined, undefined);
  expect(run.asks).toEqual(['confirm-rollout', 'rollback']);
  expect(isRunning(run)).toBe(false);
});
