// SPDX-License-Identifier: Apache-2.0
import type { Controlled } from '../controllers';
import { eventually } from '../eventually';
import { ConditionDocument, meaning, Workbench } from '../Workbench';

interface Status {
  readonly active: number;
  readonly conditions: readonly ConditionDocument[];
}

/** Pods that no node takes, so that nobody but the test says what becomes of them. */
const nowhere = { nodeSelector: { no: 'where' } };

export function jobs(controlled: () => Controlled): void {
  describe('jobs', () => {
    let bench: Workbench;

    beforeEach(async () => {
      bench = await Workbench.in(controlled().api);
    });
    afterEach(() => bench.remove());

    const create = (spec: object = {}, podSpec: object = {}) =>
      bench.create('jobs', {
        metadata: { name: 'migrate' },
        spec: {
          ...spec,
          template: {
            metadata: { labels: { app: 'migrate' } },
            spec: {
              restartPolicy: 'Never',
              containers: [
                { name: 'main', image: 'registry.example/migrate:1.0.0' },
              ],
              ...podSpec,
            },
          },
        },
      });
    const until = (isRight: (status: Partial<Status>) => boolean) =>
      bench.status<Status>('jobs', 'migrate', isRight);
    const untilIs = (type: string) =>
      until(({ conditions = [] }) =>
        conditions.some(one => one.type === type && one.status === 'True'),
      );

    it('end when enough pods have succeeded', async () => {
      const { metadata, spec } = await create({
        completions: 3,
        parallelism: 2,
      });
      expect(spec).toMatchObject({
        selector: {
          matchLabels: { 'batch.kubernetes.io/controller-uid': metadata.uid },
        },
        template: {
          metadata: {
            labels: {
              app: 'migrate',
              'job-name': 'migrate',
              'batch.kubernetes.io/job-name': 'migrate',
              'controller-uid': metadata.uid,
            },
          },
        },
      });
      const status = await untilIs('Complete');
      expect({ ...status, conditions: meaning(status.conditions) }).toEqual({
        startTime: expect.any(String),
        completionTime: expect.any(String),
        succeeded: 3,
        ready: 0,
        terminating: 0,
        uncountedTerminatedPods: {},
        conditions: ['SuccessCriteriaMet', 'Complete'].map(type => ({
          type,
          status: 'True',
          reason: 'CompletionsReached',
          message: 'Reached expected number of succeeded pods',
        })),
      });
      const pods = await bench.pods('migrate');
      expect(
        pods.map(pod => [pod.status.phase, pod.metadata.finalizers]),
      ).toEqual(Array.from({ length: 3 }, () => ['Succeeded', undefined]));
    });

    it('fail when too many pods have failed', async () => {
      await create({ backoffLimit: 0 }, nowhere);
      await until(({ active }) => active === 1);
      const [{ metadata }] = await bench.pods('migrate');
      expect(metadata.finalizers).toEqual(['batch.kubernetes.io/job-tracking']);
      await bench.api.patch(
        `${bench.path('pods', metadata.name)}/status`,
        'merge',
        { status: { phase: 'Failed' } },
      );
      const status = await untilIs('Failed');
      expect({ ...status, conditions: meaning(status.conditions) }).toEqual({
        startTime: expect.any(String),
        failed: 1,
        ready: 0,
        terminating: 0,
        uncountedTerminatedPods: {},
        conditions: ['FailureTarget', 'Failed'].map(type => ({
          type,
          status: 'True',
          reason: 'BackoffLimitExceeded',
          message: 'Job has reached the specified backoff limit',
        })),
      });
    });

    it('fail when they take too long, and take their pods along', async () => {
      await create({ activeDeadlineSeconds: 1, parallelism: 2 }, nowhere);
      const { conditions } = await untilIs('Failed');
      expect(meaning(conditions)).toEqual(
        ['FailureTarget', 'Failed'].map(type => ({
          type,
          status: 'True',
          reason: 'DeadlineExceeded',
          message: 'Job was active longer than specified deadline',
        })),
      );
      await eventually(
        () => bench.pods('migrate'),
        pods => pods.length === 0,
      );
    });

    it('create nothing while suspended', async () => {
      await create({ suspend: true }, nowhere);
      const status = await untilIs('Suspended');
      expect(meaning(status.conditions)).toEqual([
        {
          type: 'Suspended',
          status: 'True',
          reason: 'JobSuspended',
          message: 'Job suspended',
        },
      ]);
      expect(await bench.pods('migrate')).toEqual([]);
      await bench.patch('jobs', 'migrate', { spec: { suspend: false } });
      const resumed = await until(({ active }) => active === 1);
      expect(meaning(resumed.conditions)).toEqual([
        {
          type: 'Suspended',
          status: 'False',
          reason: 'JobResumed',
          message: 'Job resumed',
        },
      ]);
    });

    it('are deleted with their pods when their time is over', async () => {
      await create({ ttlSecondsAfterFinished: 0 });
      await eventually(
        () => bench.api.get(bench.path('jobs', 'migrate')),
        ({ code }) => code === 404,
      );
      const left = await eventually(
        () => bench.pods('migrate'),
        pods => pods.length === 0,
      );
      expect(left).toEqual([]);
    });
  });
}
