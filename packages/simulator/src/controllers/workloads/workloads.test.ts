// SPDX-License-Identifier: Apache-2.0
import { aCluster, TestCluster } from '../../testing/aCluster';
import { RunningController } from '../runtime/Cluster';
import { conditionOf } from '../runtime/resources';
import { runControllers } from '../runControllers';
import { simulatedNodeLabel } from './kubeletController';
import {
  Deployment,
  deployments,
  nodes,
  Pod,
  pods,
  ReplicaSet,
  replicaSets,
} from './workloads';

jest.setTimeout(30_000);

const name = { namespace: 'default', name: 'parcel-vision' };

function aDeployment(image: string, spec: object = {}) {
  return {
    metadata: name,
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: 'parcel-vision' } },
      template: {
        metadata: { labels: { app: 'parcel-vision' } },
        spec: { containers: [{ name: 'app', image }] },
      },
      ...spec,
    },
  };
}

function complete({ metadata, spec, status }: Deployment): boolean {
  return (
    status?.observedGeneration === metadata.generation &&
    status?.updatedReplicas === spec.replicas &&
    status?.availableReplicas === spec.replicas &&
    status?.replicas === spec.replicas
  );
}

describe('workload controllers', () => {
  let cluster: TestCluster;
  let controllers: RunningController;

  beforeEach(async () => {
    cluster = await aCluster();
    controllers = await runControllers({
      kubeConfig: cluster.kubeConfig,
      controllers: ['deployment', 'replicaset', 'scheduler', 'kubelet', 'node'],
      directory: '/nonexistent',
      podTimes: { start: 20, stop: 10, crash: 10 },
      log: () => undefined,
    });
    for (const [node, arch] of [
      ['one', 'amd64'],
      ['two', 'amd64'],
      ['three', 'arm64'],
    ]) {
      await cluster.client.create(nodes, undefined, {
        metadata: {
          name: node,
          labels: { [simulatedNodeLabel]: 'true', 'kubernetes.io/arch': arch },
        },
      });
    }
  });

  afterEach(async () => {
    await controllers.stop();
    await cluster.stop();
  });

  const patchImage = (image: string) =>
    cluster.client.patch(
      deployments,
      name,
      {
        spec: { template: { spec: { containers: [{ name: 'app', image }] } } },
      },
      { kind: 'strategic' },
    );
  const podsNow = async () =>
    (await cluster.client.list(pods)).items.filter(
      pod => !pod.metadata.deletionTimestamp,
    );

  it('brings a new deployment up, one pod per node, with the digest as imageID', async () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    await cluster.client.create(
      deployments,
      'default',
      aDeployment(`registry.norden.example/parcel-vision:2.7.3@${digest}`),
    );
    const done = await cluster.until(deployments, name, complete);
    expect(done.metadata.annotations).toMatchObject({
      'deployment.kubernetes.io/revision': '1',
    });
    expect(conditionOf(done.status?.conditions, 'Available')).toMatchObject({
      status: 'True',
      reason: 'MinimumReplicasAvailable',
      message: 'Deployment has minimum availability.',
    });
    const running = await podsNow();
    expect(running.map(({ spec }) => spec.nodeName).sort()).toEqual([
      'one',
      'three',
      'two',
    ]);
    expect(
      running.every(
        ({ metadata }) => metadata.ownerReferences?.[0].kind === 'ReplicaSet',
      ),
    ).toBe(true);
    for (const { status } of running) {
      expect(status?.phase).toBe('Running');
      expect(status?.containerStatuses?.[0]).toMatchObject({
        ready: true,
        image: 'registry.norden.example/parcel-vision:2.7.3',
        imageID: `registry.norden.example/parcel-vision@${digest}`,
      });
    }
    const finished = await cluster.until(
      deployments,
      name,
      ({ status }) =>
        conditionOf(status?.conditions, 'Progressing')?.reason ===
        'NewReplicaSetAvailable',
    );
    expect(
      conditionOf(finished.status?.conditions, 'Progressing')?.message,
    ).toMatch(/^ReplicaSet "parcel-vision-\w+" has successfully progressed\.$/);
  });

  it('rolls a new image out within its limits and keeps the old revision for a rollback', async () => {
    await cluster.client.create(deployments, 'default', aDeployment('v1'));
    await cluster.until(deployments, name, complete);
    const seen: { total: number; available: number }[] = [];
    await cluster.record(deployments, ({ status }: Deployment) => {
      seen.push({
        total: status?.replicas ?? 0,
        available: status?.availableReplicas ?? 0,
      });
    });
    const { metadata } = await patchImage('v2');
    const done = await cluster.until(
      deployments,
      name,
      d => d.metadata.generation === metadata.generation && complete(d),
    );
    expect(done.metadata.annotations).toMatchObject({
      'deployment.kubernetes.io/revision': '2',
    });
    expect(Math.max(...seen.map(({ total }) => total))).toBe(4);
    expect(
      Math.min(...seen.map(({ available }) => available)),
    ).toBeGreaterThanOrEqual(3);
    const sets = (await cluster.client.list(replicaSets)).items.map(
      ({ spec }: ReplicaSet) => spec.replicas,
    );
    expect([...sets].sort()).toEqual([0, 3]);

    const back = await patchImage('v1');
    const rolledBack = await cluster.until(
      deployments,
      name,
      d => d.metadata.generation === back.metadata.generation && complete(d),
    );
    expect(rolledBack.metadata.annotations).toMatchObject({
      'deployment.kubernetes.io/revision': '3',
    });
    expect((await cluster.client.list(replicaSets)).items).toHaveLength(2);
  });

  it('stops a rollout of a crashing image at its deadline and keeps the old pods', async () => {
    await cluster.client.create(
      deployments,
      'default',
      aDeployment('app:v1', { progressDeadlineSeconds: 2 }),
    );
    await cluster.until(deployments, name, complete);
    await patchImage('app:v2-bad');
    const failed = await cluster.until(
      deployments,
      name,
      ({ status }) =>
        conditionOf(status?.conditions, 'Progressing')?.reason ===
        'ProgressDeadlineExceeded',
    );
    expect(conditionOf(failed.status?.conditions, 'Progressing')).toMatchObject(
      {
        status: 'False',
        message: expect.stringMatching(
          /^ReplicaSet "parcel-vision-\w+" has timed out progressing\.$/,
        ),
      },
    );
    expect(failed.status).toMatchObject({
      availableReplicas: 3,
      updatedReplicas: 1,
      unavailableReplicas: 1,
    });
    const bad = (await podsNow()).filter(
      (pod: Pod) => pod.spec.containers[0].image === 'app:v2-bad',
    );
    expect(bad[0].status?.containerStatuses?.[0]).toMatchObject({
      ready: false,
      state: { waiting: { reason: 'CrashLoopBackOff' } },
      lastState: { terminated: { exitCode: 1 } },
    });
  });

  it('leaves a pod pending that fits no node, and places it when one comes', async () => {
    await cluster.client.create(pods, 'default', {
      metadata: { name: 'jetson-only' },
      spec: {
        nodeSelector: { hardware: 'jetson' },
        containers: [{ name: 'app', image: 'v1' }],
      },
    });
    const target = { namespace: 'default', name: 'jetson-only' };
    const waiting = await cluster.until(
      pods,
      target,
      ({ status }) =>
        conditionOf(status?.conditions, 'PodScheduled') !== undefined,
    );
    expect(
      conditionOf(waiting.status?.conditions, 'PodScheduled'),
    ).toMatchObject({
      status: 'False',
      reason: 'Unschedulable',
      message: expect.stringContaining(
        "0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector",
      ),
    });
    await cluster.client.create(nodes, undefined, {
      metadata: {
        name: 'jetson',
        labels: { [simulatedNodeLabel]: 'true', hardware: 'jetson' },
      },
    });
    const placed = await cluster.until(
      pods,
      target,
      ({ status }) => status?.phase === 'Running',
    );
    expect(placed.spec.nodeName).toBe('jetson');
  });

  it('scales, pauses, and removes everything with the deployment', async () => {
    await cluster.client.create(
      deployments,
      'default',
      aDeployment('v1', { paused: false }),
    );
    await cluster.until(deployments, name, complete);
    await cluster.client.patch(deployments, name, {
      spec: { paused: true, replicas: 1 },
    });
    await patchImage('v2');
    const paused = await cluster.until(
      deployments,
      name,
      ({ status }) => status?.replicas === 1,
    );
    expect(paused.status?.updatedReplicas).toBeUndefined();
    await cluster.client.patch(deployments, name, { spec: { paused: false } });
    await cluster.until(deployments, name, d => !d.spec.paused && complete(d));
    await cluster.client.delete(deployments, name, {
      propagationPolicy: 'Background',
    });
    const empty = new Promise<void>(resolve => {
      const look = async () => {
        const left = [
          ...(await cluster.client.list(pods)).items,
          ...(await cluster.client.list(replicaSets)).items,
        ];
        if (left.length === 0) resolve();
        else setTimeout(look, 20);
      };
      look();
    });
    await empty;
  });
});
