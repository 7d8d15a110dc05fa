// SPDX-License-Identifier: Apache-2.0
import { aCluster, TestCluster } from '../../testing/aCluster';
import { acceleratedScheduler, Scheduler } from '../../time/Scheduler';
import { RunningController } from '../runtime/Cluster';
import { KubernetesError } from '../runtime/KubernetesError';
import { conditionOf } from '../runtime/resources';
import { runControllers } from '../runControllers';
import { simulatedNodeLabel } from './simulatedNodes';
import {
  daemonSets,
  deployments,
  DisruptionBudget,
  disruptionBudgets,
  nodes,
  pods,
} from './workloads';

jest.setTimeout(30_000);

describe('disruption budgets', () => {
  let cluster: TestCluster;
  let scheduler: Scheduler;
  let controllers: RunningController;

  beforeEach(async () => {
    scheduler = acceleratedScheduler(20);
    cluster = await aCluster(scheduler.now);
    await cluster.client.create(nodes, undefined, {
      metadata: { name: 'one', labels: { [simulatedNodeLabel]: '' } },
    });
    controllers = await runControllers({
      kubeConfig: cluster.kubeConfig,
      scheduler,
      directory: '/nonexistent',
      controllers: [
        'deployment',
        'replicaset',
        'daemonset',
        'disruption',
        'scheduler',
        'kubelet',
        'node',
      ],
      log: () => undefined,
    });
  });

  afterEach(async () => {
    await controllers.stop();
    scheduler.stop();
    await cluster.stop();
  });

  const workload = (spec: object) => ({
    metadata: { name: 'shop' },
    spec: {
      selector: { matchLabels: { app: 'shop' } },
      template: {
        metadata: { labels: { app: 'shop' } },
        spec: { containers: [{ name: 'app', image: 'shop:1.0.0' }] },
      },
      ...spec,
    },
  });
  const budget = (spec: object) =>
    cluster.client.create(disruptionBudgets, 'default', {
      metadata: { name: 'shop' },
      spec: { selector: { matchLabels: { app: 'shop' } }, ...spec },
    });
  const until = (
    check: (status: NonNullable<DisruptionBudget['status']>) => boolean,
  ) =>
    cluster.until(
      disruptionBudgets,
      { namespace: 'default', name: 'shop' },
      ({ status }) => status !== undefined && check(status),
    );
  /** Resolves with the refusal, if there was one. */
  const evictOne = async (): Promise<KubernetesError | undefined> => {
    const { items } = await cluster.client.list(pods);
    const { metadata } = items.filter(
      pod => !pod.metadata.deletionTimestamp,
    )[0];
    try {
      await cluster.client.post(pods, metadata, 'eviction', {
        apiVersion: 'policy/v1',
        kind: 'Eviction',
        metadata: { name: metadata.name, namespace: 'default' },
      });
      return undefined;
    } catch (error) {
      return error as KubernetesError;
    }
  };

  it('a share is one of what the deployment wants; evictions wait for pods to come back', async () => {
    await cluster.client.create(
      deployments,
      'default',
      workload({ replicas: 4 }),
    );
    await budget({ maxUnavailable: '25%' });
    const { status } = await until(
      ({ currentHealthy }) => currentHealthy === 4,
    );
    expect(status).toMatchObject({
      desiredHealthy: 3,
      expectedPods: 4,
      disruptionsAllowed: 1,
    });
    expect(conditionOf(status?.conditions, 'DisruptionAllowed')).toMatchObject({
      status: 'True',
      reason: 'SufficientPods',
    });
    expect(await evictOne()).toBeUndefined();
    expect(await evictOne()).toMatchObject({
      status: 429,
      message:
        "Cannot evict pod as it would violate the pod's disruption budget.",
    });
    await until(({ disruptionsAllowed }) => disruptionsAllowed === 0);
    await until(({ disruptionsAllowed }) => disruptionsAllowed === 1);
    expect(await evictOne()).toBeUndefined();
  });

  it('a budget over pods whose owner has no scale allows nothing, and says why', async () => {
    await cluster.client.create(daemonSets, 'default', workload({}));
    await cluster.until(
      daemonSets,
      { namespace: 'default', name: 'shop' },
      ({ status }) => status?.numberReady === 1,
    );
    await budget({ maxUnavailable: 1 });
    const { status } = await until(
      ({ conditions }) => conditions !== undefined,
    );
    expect(conditionOf(status?.conditions, 'DisruptionAllowed')).toMatchObject({
      status: 'False',
      reason: 'SyncFailed',
      message: expect.stringMatching(/^found no controllers for pod "shop-/),
    });
    expect(await evictOne()).toMatchObject({ status: 429 });
  });
});
