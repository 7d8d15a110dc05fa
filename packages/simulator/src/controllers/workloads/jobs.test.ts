// SPDX-License-Identifier: Apache-2.0
import { aCluster, TestCluster } from '../../testing/aCluster';
import { acceleratedScheduler, Scheduler } from '../../time/Scheduler';
import { RunningController } from '../runtime/Cluster';
import { healthyMachines } from '../nodes/healthyMachines';
import { conditionOf } from '../runtime/resources';
import { runControllers } from '../runControllers';
import { simulatedNodeLabel } from './simulatedNodes';
import { Job, jobs, nodes, pods } from './workloads';

jest.setTimeout(30_000);

/** What the machine here does not let end well. */
const probe = 'probe:1';

function aJob(image: string, spec: object = {}) {
  return {
    metadata: { name: 'migrate' },
    spec: {
      template: {
        spec: {
          restartPolicy: 'Never',
          containers: [{ name: 'app', image }],
        },
      },
      ...spec,
    },
  };
}

const holds = (type: string) => (job: Job) =>
  conditionOf(job.status?.conditions, type)?.status === 'True';

describe('jobs', () => {
  let cluster: TestCluster;
  let scheduler: Scheduler;
  let controllers: RunningController;

  beforeEach(async () => {
    scheduler = acceleratedScheduler(60);
    cluster = await aCluster(scheduler.now);
    await cluster.client.create(nodes, undefined, {
      metadata: { name: 'one', labels: { [simulatedNodeLabel]: '' } },
    });
    controllers = await runControllers({
      kubeConfig: cluster.kubeConfig,
      controllers: ['job', 'scheduler', 'kubelet', 'node'],
      scheduler,
      directory: '/nonexistent',
      log: () => undefined,
      machines: {
        ...healthyMachines,
        endOf: (_, [image]) =>
          image === probe ? { exitCode: 3, message: 'it hangs' } : undefined,
      },
    });
  });

  afterEach(async () => {
    await controllers.stop();
    scheduler.stop();
    await cluster.stop();
  });

  const create = (job: object) => cluster.client.create(jobs, 'default', job);
  const until = (check: (job: Job) => boolean) =>
    cluster.until(jobs, { namespace: 'default', name: 'migrate' }, check);

  it('runs as many pods as asked for, side by side as far as allowed, and is deleted in time', async () => {
    let most = 0;
    await cluster.record(jobs, ({ status }) => {
      most = Math.max(most, status?.active ?? 0);
    });
    await create(
      aJob('migrate:1.0.0', {
        completions: 5,
        parallelism: 2,
        ttlSecondsAfterFinished: 60,
      }),
    );
    const done = await until(holds('Complete'));
    expect(most).toBe(2);
    expect(done.status).toMatchObject({
      succeeded: 5,
      ready: 0,
      terminating: 0,
      uncountedTerminatedPods: {},
      completionTime: expect.any(String),
    });
    expect(done.status?.active).toBeUndefined();
    expect(
      done.status?.conditions?.map(({ type, reason }) => [type, reason]),
    ).toEqual([
      ['SuccessCriteriaMet', 'CompletionsReached'],
      ['Complete', 'CompletionsReached'],
    ]);
    await until(({ metadata }) => metadata.deletionTimestamp !== undefined);
    const left = async () => [
      ...(await cluster.client.list(jobs)).items,
      ...(await cluster.client.list(pods)).items,
    ];
    while ((await left()).length > 0) await scheduler.sleep(1_000);
  });

  it('fails where its machine lets it, which tells what the program said', async () => {
    await create(aJob(probe, { backoffLimit: 0 }));
    await until(holds('Failed'));
    const [pod] = (await cluster.client.list(pods)).items;
    expect(pod.status?.containerStatuses?.[0].state).toMatchObject({
      terminated: { exitCode: 3, reason: 'Error', message: 'it hangs' },
    });
  });

  it('tries again after failures, with growing pauses, until the limit', async () => {
    const started = scheduler.now().getTime();
    await create(aJob('migrate:1.0.0-bad', { backoffLimit: 2 }));
    const failed = await until(holds('Failed'));
    expect(failed.status).toMatchObject({ failed: 3 });
    expect(
      failed.status?.conditions?.map(({ type, reason, message }) => [
        type,
        reason,
        message,
      ]),
    ).toEqual(
      ['FailureTarget', 'Failed'].map(type => [
        type,
        'BackoffLimitExceeded',
        'Job has reached the specified backoff limit',
      ]),
    );
    // 10 seconds after the first failure, 20 after the second; timestamps have whole seconds.
    expect(scheduler.now().getTime() - started).toBeGreaterThan(28_000);
    const { items } = await cluster.client.list(pods);
    expect(items.map(({ status }) => status?.phase)).toEqual(
      Array.from({ length: 3 }, () => 'Failed'),
    );
  });

  it('gives up at its deadline, and takes its pods away', async () => {
    await create(
      aJob('migrate:1.0.0-bad', {
        activeDeadlineSeconds: 30,
        backoffLimit: 100,
        template: {
          spec: {
            restartPolicy: 'OnFailure',
            containers: [{ name: 'app', image: 'migrate:1.0.0-bad' }],
          },
        },
      }),
    );
    const failed = await until(holds('Failed'));
    expect(conditionOf(failed.status?.conditions, 'Failed')).toMatchObject({
      reason: 'DeadlineExceeded',
      message: 'Job was active longer than specified deadline',
    });
    expect((await cluster.client.list(pods)).items).toEqual([]);
  });

  it('waits while suspended, and its pods go with it when it is deleted', async () => {
    await create(aJob('migrate:1.0.0-bad', { suspend: true, parallelism: 2 }));
    await until(holds('Suspended'));
    expect((await cluster.client.list(pods)).items).toEqual([]);
    const name = { namespace: 'default', name: 'migrate' };
    await cluster.client.patch(jobs, name, { spec: { suspend: false } });
    const resumed = await until(({ status }) => status?.active === 2);
    expect(conditionOf(resumed.status?.conditions, 'Suspended')).toMatchObject({
      status: 'False',
      reason: 'JobResumed',
    });
    await cluster.client.delete(jobs, name, {
      propagationPolicy: 'Background',
    });
    while ((await cluster.client.list(pods)).items.length > 0)
      await scheduler.sleep(1_000);
  });
});
