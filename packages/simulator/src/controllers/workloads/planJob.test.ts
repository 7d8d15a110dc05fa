// SPDX-License-Identifier: Apache-2.0
import * as fc from 'fast-check';
import { Condition, conditionOf } from '../runtime/resources';
import { backoffLeft, isTracked, planJob, trackingFinalizer } from './planJob';
import { Job, JobStatus, Pod } from './workloads';

const start = Date.parse('2026-03-01T08:00:00Z');
const at = (seconds: number) => new Date(start + seconds * 1000);

function aJob(spec: Partial<Job['spec']> = {}, status: JobStatus = {}): Job {
  return {
    metadata: {
      name: 'migrate',
      uid: 'job',
      resourceVersion: '1',
      creationTimestamp: at(0).toISOString(),
    },
    spec: {
      parallelism: 1,
      completions: 1,
      backoffLimit: 6,
      template: { spec: { containers: [], restartPolicy: 'Never' } },
      ...spec,
    },
    status,
  };
}

interface PodState {
  readonly phase?: 'Pending' | 'Running' | 'Succeeded' | 'Failed';
  readonly endedAt?: number;
  readonly leaving?: boolean;
  readonly tracked?: boolean;
  readonly restarts?: number;
}

function aPod(uid: string, state: PodState = {}): Pod {
  const { phase = 'Running', endedAt, leaving, tracked = true } = state;
  return {
    metadata: {
      name: uid,
      uid,
      resourceVersion: '1',
      creationTimestamp: at(0).toISOString(),
      ...(tracked ? { finalizers: [trackingFinalizer] } : {}),
      ...(leaving ? { deletionTimestamp: at(0).toISOString() } : {}),
    },
    spec: { containers: [] },
    status: {
      phase,
      containerStatuses: [
        {
          name: 'app',
          ready: false,
          started: false,
          restartCount: state.restarts ?? 0,
          image: '',
          imageID: '',
          lastState: {},
          state:
            endedAt === undefined
              ? {}
              : { terminated: { finishedAt: at(endedAt).toISOString() } },
        },
      ],
    },
  };
}

const holding = (conditions: readonly Condition[] | undefined) =>
  (conditions ?? [])
    .filter(({ status }) => status === 'True')
    .map(({ type, reason }) => `${type}/${reason}`);

describe('a job', () => {
  const active = aPod('active');
  it.each<[string, Job, readonly Pod[], number, number]>([
    ['starts', aJob(), [], 1, 0],
    [
      'runs side by side',
      aJob({ completions: 5, parallelism: 3 }),
      [active],
      2,
      0,
    ],
    [
      'needs no more than are left',
      aJob({ completions: 5, parallelism: 3 }, { succeeded: 4 }),
      [active],
      0,
      0,
    ],
    ['has too many', aJob({ parallelism: 1 }), [active, aPod('more')], 0, 1],
    ['is suspended', aJob({ suspend: true }), [active], 0, 1],
    [
      'without a count, before a success',
      aJob({ completions: undefined, parallelism: 2 }),
      [active],
      1,
      0,
    ],
    [
      'without a count, after a success',
      aJob({ completions: undefined, parallelism: 2 }, { succeeded: 1 }),
      [active],
      0,
      0,
    ],
    [
      'replaces one that is being deleted',
      aJob(),
      [aPod('a', { leaving: true })],
      1,
      0,
    ],
    [
      'waits after a failure',
      aJob(),
      [aPod('a', { phase: 'Failed', endedAt: 0 })],
      0,
      0,
    ],
    [
      'has failed too often',
      aJob({ backoffLimit: 0 }, { failed: 1 }),
      [active],
      0,
      1,
    ],
    [
      'is late',
      aJob({ activeDeadlineSeconds: 5 }, { startTime: at(0).toISOString() }),
      [active],
      0,
      1,
    ],
  ])('%s', (_what, job, owned, create, remove) => {
    const plan = planJob(job, owned, at(5));
    expect([plan.create, plan.remove.length]).toEqual([create, remove]);
  });

  it.each<[string, Job, readonly Pod[], readonly string[]]>([
    ['goes on', aJob(), [active], []],
    [
      'has what it needs, but has not counted it',
      aJob(),
      [aPod('a', { phase: 'Succeeded' })],
      ['SuccessCriteriaMet/CompletionsReached'],
    ],
    [
      'has what it needs',
      aJob({}, { succeeded: 1 }),
      [aPod('a', { phase: 'Succeeded', tracked: false })],
      ['SuccessCriteriaMet/CompletionsReached', 'Complete/CompletionsReached'],
    ],
    [
      'has failed, but its pods are still leaving',
      aJob({ backoffLimit: 0 }, { failed: 1 }),
      [aPod('a', { leaving: true, tracked: false })],
      ['FailureTarget/BackoffLimitExceeded'],
    ],
    [
      'has failed by restarts',
      aJob({
        backoffLimit: 2,
        template: { spec: { containers: [], restartPolicy: 'OnFailure' } },
      }),
      [aPod('a', { restarts: 2 })],
      ['FailureTarget/BackoffLimitExceeded'],
    ],
  ])('%s', (_what, job, owned, expected) => {
    const { status } = planJob(job, owned, at(60));
    expect(holding(status.conditions)).toEqual(expected);
  });

  it('outlives its end by as long as it was given', () => {
    const ended: JobStatus = {
      conditions: [
        {
          type: 'Complete',
          status: 'True',
          lastTransitionTime: at(10).toISOString(),
        },
      ],
    };
    const job = aJob({ ttlSecondsAfterFinished: 30 }, ended);
    expect(planJob(job, [], at(15))).toMatchObject({
      isExpired: false,
      recheckAfter: 25_000,
    });
    expect(planJob(job, [], at(40)).isExpired).toBe(true);
    expect(planJob(aJob({}, ended), [], at(4_000)).isExpired).toBe(false);
  });

  it.each([
    [[], 0],
    [[10], 10],
    [[10, 20], 20],
    [[10, 20, 30], 40],
    [Array.from({ length: 20 }, (_, index) => index), 600],
  ])('after failures at %j it waits %i seconds', (failures, seconds) => {
    const owned = failures.map((endedAt, index) =>
      aPod(`${index}`, { phase: 'Failed', endedAt }),
    );
    const last = Math.max(0, ...failures);
    expect(backoffLeft(owned, at(last).getTime())).toBe(seconds * 1000);
    const success = aPod('success', { phase: 'Succeeded', endedAt: last });
    expect(backoffLeft([...owned, success], at(last).getTime())).toBe(0);
  });

  it('counts each pod once, wherever the controller is stopped', () => {
    const choices = fc.infiniteStream(fc.nat({ max: 5 }));
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 3 }),
        choices,
        (completions, parallelism, stream) => {
          const choose = () => stream.next().value;
          let job = aJob({ completions, parallelism, backoffLimit: 1_000 });
          let owned: readonly Pod[] = [];
          const names = (function* number() {
            for (let next = 1; ; next += 1) yield `pod-${next}`;
          })();
          const ends = { Succeeded: 0, Failed: 0 };
          for (let round = 0; round < 400; round += 1) {
            // Half an hour between two looks, so that no pause after failures counts.
            const plan = planJob(job, owned, at(round * 1_800));
            const seen = owned;
            // Each of these may be the last thing that a controller does.
            if (choose() === 0) continue;
            owned = owned.map(pod =>
              plan.release.includes(pod)
                ? {
                    ...pod,
                    metadata: { ...pod.metadata, finalizers: undefined },
                  }
                : pod,
            );
            if (choose() === 0) continue;
            owned = [
              ...owned,
              ...Array.from({ length: plan.create }, () =>
                aPod(names.next().value ?? ''),
              ),
            ];
            if (choose() > 0) job = { ...job, status: plan.status };
            // Meanwhile pods end, and those that nobody tracks are cleaned up.
            owned = owned.flatMap(pod => {
              const ending = choose();
              if (pod.status?.phase === 'Running' && ending < 2) {
                const phase = ending === 0 ? 'Failed' : 'Succeeded';
                ends[phase] += 1;
                return [aPod(pod.metadata.uid, { phase, endedAt: round })];
              }
              return isTracked(pod) || !seen.includes(pod) || ending > 2
                ? [pod]
                : [];
            });
          }
          const { status } = job;
          expect(conditionOf(status?.conditions, 'Complete')?.status).toBe(
            'True',
          );
          expect(status?.succeeded).toBe(ends.Succeeded);
          expect(status?.failed ?? 0).toBe(ends.Failed);
          expect(ends.Succeeded).toBeGreaterThanOrEqual(completions);
        },
      ),
      { numRuns: 30 },
    );
  });
});
