// SPDX-License-Identifier: Apache-2.0
import { aCluster, TestCluster } from '../../testing/aCluster';
import { SwitchableMachines } from '../../testing/SwitchableMachines';
import { acceleratedScheduler, Scheduler } from '../../time/Scheduler';
import { RunningController } from '../runtime/Cluster';
import { Condition, conditionOf, KubernetesObject } from '../runtime/resources';
import { runControllers } from '../runControllers';
import { simulatedNodeLabel } from '../workloads/simulatedNodes';
import {
  DaemonSet,
  daemonSets,
  deployments,
  Node,
  nodes,
  Pod,
  pods,
  readyCondition,
} from '../workloads/workloads';
import { leaseNamespace, leases } from './leases';

jest.setTimeout(300_000);

const inDefault = (name: string) => ({ namespace: 'default', name });

function aWorkload(name: string, spec: object = {}) {
  return {
    metadata: { name },
    spec: {
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: 'app', image: `${name}:1.0.0` }] },
      },
      ...spec,
    },
  };
}

const ready = ({ status }: Node): Condition | undefined =>
  conditionOf(status?.conditions, 'Ready');
const taintsOf = ({ spec }: Node) =>
  (spec?.taints ?? []).map(({ key, effect }) => `${key}:${effect}`).sort();

describe('nodes', () => {
  let cluster: TestCluster;
  let scheduler: Scheduler;
  let machines: SwitchableMachines;
  let controllers: RunningController;

  beforeEach(async () => {
    scheduler = acceleratedScheduler(150);
    cluster = await aCluster(scheduler.now);
    machines = new SwitchableMachines();
    for (const name of ['one', 'two', 'three'])
      await cluster.client.create(nodes, undefined, {
        metadata: { name, labels: { [simulatedNodeLabel]: '' } },
      });
    controllers = await runControllers({
      kubeConfig: cluster.kubeConfig,
      controllers: [
        'deployment',
        'replicaset',
        'daemonset',
        'scheduler',
        'kubelet',
        'node',
        'nodelifecycle',
      ],
      scheduler,
      machines,
      directory: '/nonexistent',
      log: () => undefined,
    });
  });

  afterEach(async () => {
    await controllers.stop();
    scheduler.stop();
    await cluster.stop();
  });

  const node = (name: string, check: (object: Node) => boolean) =>
    cluster.until(nodes, { name }, check);
  const podsNow = async (app: string) =>
    (await cluster.client.list(pods)).items.filter(
      ({ metadata }) => metadata.labels?.app === app,
    );
  const podOn = async (name: string, app: string) =>
    (await podsNow(app)).find(({ spec }) => spec.nodeName === name) as Pod;
  const agentsReady = (count: number) =>
    cluster.until(
      daemonSets,
      inDefault('agent'),
      ({ status }: DaemonSet) => status?.numberReady === count,
    );
  const events = async (name: string) => {
    const { items } = await cluster.client.list<
      KubernetesObject & { involvedObject: { name: string }; reason: string }
    >({ apiVersion: 'v1', kind: 'Event', plural: 'events', namespaced: true });
    return items
      .filter(({ involvedObject }) => involvedObject.name === name)
      .map(({ reason }) => reason);
  };

  it('an unreachable node becomes unknown and loses its pods but for daemons; back again, it catches up', async () => {
    await cluster.client.create(daemonSets, 'default', aWorkload('agent'));
    await agentsReady(3);
    await cluster.client.create(
      deployments,
      'default',
      aWorkload('shop', { replicas: 3 }),
    );
    await cluster.until(
      deployments,
      inDefault('shop'),
      ({ status }) => status?.availableReplicas === 3,
    );
    const stranded = await podOn('two', 'shop');
    const agent = await podOn('two', 'agent');

    const silentSince = scheduler.now().getTime();
    machines.trouble('two', { connected: false });
    const lost = await node('two', one => ready(one)?.status === 'Unknown');
    const silence = scheduler.now().getTime() - silentSince;
    expect(silence).toBeGreaterThan(40_000);
    expect(silence).toBeLessThan(65_000);
    expect(ready(lost)).toMatchObject({
      reason: 'NodeStatusUnknown',
      message: 'Kubelet stopped posting node status.',
    });
    const tainted = await node('two', one => taintsOf(one).length === 2);
    expect(taintsOf(tainted)).toEqual([
      'node.kubernetes.io/unreachable:NoExecute',
      'node.kubernetes.io/unreachable:NoSchedule',
    ]);
    for (const { metadata } of [stranded, agent])
      await cluster.until(
        pods,
        inDefault(metadata.name),
        pod => readyCondition(pod)?.status === 'False',
      );
    await agentsReady(2);
    expect(await events('two')).toContain('NodeNotReady');

    const toleratedSince = scheduler.now().getTime();
    const leaving = await cluster.until(
      pods,
      inDefault(stranded.metadata.name),
      ({ metadata }) => metadata.deletionTimestamp !== undefined,
    );
    const tolerated = scheduler.now().getTime() - toleratedSince;
    expect(tolerated).toBeGreaterThan(280_000);
    expect(tolerated).toBeLessThan(330_000);
    expect(
      conditionOf(leaving.status?.conditions, 'DisruptionTarget'),
    ).toMatchObject({ status: 'True', reason: 'DeletionByTaintManager' });
    await cluster.until(
      deployments,
      inDefault('shop'),
      ({ status }) => status?.availableReplicas === 3,
    );
    // Nobody is there to acknowledge the deletion, and the daemon stays.
    expect(await podOn('two', 'shop')).toMatchObject({
      metadata: { uid: stranded.metadata.uid },
    });
    expect((await podOn('two', 'agent')).metadata.deletionTimestamp).toBe(
      undefined,
    );

    machines.trouble('two', { connected: true });
    await node('two', one => ready(one)?.status === 'True');
    await node('two', one => taintsOf(one).length === 0);
    await agentsReady(3);
    expect((await podOn('two', 'agent')).metadata.uid).toBe(agent.metadata.uid);
    await cluster.until(
      deployments,
      inDefault('shop'),
      ({ status }) => status?.replicas === 3,
    );
    const left = await podsNow('shop');
    expect(left.map(({ metadata }) => metadata.uid)).not.toContain(
      stranded.metadata.uid,
    );
    expect(await events(agent.metadata.name)).toContain('NodeNotReady');
  });

  it('a machine that boots again has another boot id and starts its pods again', async () => {
    await cluster.client.create(daemonSets, 'default', aWorkload('agent'));
    await agentsReady(3);
    const before = await cluster.client.get(nodes, { name: 'one' });
    const agent = await podOn('one', 'agent');
    machines.trouble('one', { running: false });
    await scheduler.sleep(5_000);
    machines.trouble('one', { running: true, bootedAt: scheduler.now() });
    const restarted = await cluster.until(
      pods,
      inDefault(agent.metadata.name),
      pod =>
        readyCondition(pod)?.status === 'True' &&
        pod.status?.containerStatuses?.[0].restartCount === 1,
    );
    expect(restarted.status?.containerStatuses?.[0].lastState).toMatchObject({
      terminated: { exitCode: 255, reason: 'Unknown' },
    });
    const after = await cluster.client.get(nodes, { name: 'one' });
    expect(after?.status?.nodeInfo?.bootID).not.toBe(
      before?.status?.nodeInfo?.bootID,
    );
    await controllers.stop();
    expect(await events('one')).toContain('Rebooted');
  });

  it('containers that are killed start again in their pods, at once and then held back', async () => {
    await cluster.client.create(daemonSets, 'default', aWorkload('agent'));
    await agentsReady(3);
    const agent = await podOn('one', 'agent');
    const kill = () =>
      machines.trouble('one', { killedAt: scheduler.now().getTime() });
    const restarted = (count: number) =>
      cluster.until(
        pods,
        inDefault(agent.metadata.name),
        pod =>
          readyCondition(pod)?.status === 'True' &&
          pod.status?.containerStatuses?.[0].restartCount === count,
      );
    kill();
    const first = await restarted(1);
    expect(first.metadata.uid).toBe(agent.metadata.uid);
    expect(first.status?.containerStatuses?.[0].lastState).toMatchObject({
      terminated: { exitCode: 137, reason: 'Error' },
    });
    kill();
    const held = await cluster.until(
      pods,
      inDefault(agent.metadata.name),
      ({ status }) =>
        JSON.stringify(status?.containerStatuses).includes('CrashLoopBackOff'),
    );
    expect(held.status?.containerStatuses?.[0]).toMatchObject({
      ready: false,
      restartCount: 1,
      lastState: { terminated: { exitCode: 137 } },
    });
    await restarted(2);
    expect(
      (await podOn('two', 'agent')).status?.containerStatuses?.[0].restartCount,
    ).toBe(0);
    await controllers.stop();
    expect(await events(agent.metadata.name)).toContain('BackOff');
  });

  it('troubles of a machine show as conditions, taints and resources, and go again', async () => {
    await node('three', one => ready(one)?.status === 'True');
    machines.trouble('three', {
      pressure: { disk: true },
      graphicsProcessors: 1,
    });
    const pressed = await node(
      'three',
      one => taintsOf(one).length === 1 && one.status?.capacity !== undefined,
    );
    expect(taintsOf(pressed)).toEqual([
      'node.kubernetes.io/disk-pressure:NoSchedule',
    ]);
    expect(
      conditionOf(pressed.status?.conditions, 'DiskPressure'),
    ).toMatchObject({ status: 'True', reason: 'KubeletHasDiskPressure' });
    expect(pressed.status?.allocatable).toEqual({ 'nvidia.com/gpu': '1' });
    machines.trouble('three', {
      pressure: { disk: false },
      graphicsProcessors: 0,
    });
    const relieved = await node(
      'three',
      one =>
        taintsOf(one).length === 0 &&
        one.status?.capacity?.['nvidia.com/gpu'] === '0',
    );
    expect(
      conditionOf(relieved.status?.conditions, 'DiskPressure')?.status,
    ).toBe('False');
  });

  it('a clock that is set back renews nothing, so its node counts as silent', async () => {
    await node('one', one => ready(one)?.status === 'True');
    await scheduler.sleep(25_000);
    machines.trouble('one', { clockSkew: -600_000 });
    await node('one', one => ready(one)?.status === 'Unknown');
    const lease = await cluster.client.get(leases, {
      namespace: leaseNamespace,
      name: 'one',
    });
    const renewed = Date.parse(lease?.spec?.renewTime ?? '');
    expect(scheduler.now().getTime() - renewed).toBeGreaterThan(500_000);
  });

  it('a node that is taken away takes its pods with it, when it does not come back', async () => {
    await cluster.client.create(pods, 'default', {
      metadata: { name: 'alone' },
      spec: {
        nodeName: 'three',
        containers: [{ name: 'app', image: 'vision:2.0.0' }],
      },
    });
    const alone = (check: (pod: Pod) => boolean) =>
      cluster.until(pods, inDefault('alone'), check);
    await alone(({ status }) => status?.phase === 'Running');
    const takenAt = scheduler.now().getTime();
    await cluster.client.delete(nodes, { name: 'three' });
    const removed = await alone(({ status }) => status?.phase === 'Failed');
    expect(scheduler.now().getTime() - takenAt).toBeGreaterThan(40_000);
    expect(
      conditionOf(removed.status?.conditions, 'DisruptionTarget'),
    ).toMatchObject({ status: 'True', reason: 'DeletionByPodGC' });
    while (await cluster.client.get(pods, inDefault('alone')))
      await scheduler.sleep(1_000);
  });

  it('an image takes its time to be pulled, once per machine', async () => {
    machines.trouble('one', { pullDuration: 90_000 });
    const pinned = (name: string) => ({
      metadata: { name },
      spec: {
        nodeName: 'one',
        containers: [{ name: 'app', image: 'vision:2.0.0' }],
      },
    });
    const durationOf = async (name: string) => {
      const start = scheduler.now().getTime();
      await cluster.client.create(pods, 'default', pinned(name));
      await cluster.until(
        pods,
        inDefault(name),
        ({ status }) => status?.phase === 'Running',
      );
      return scheduler.now().getTime() - start;
    };
    expect(await durationOf('first')).toBeGreaterThan(90_000);
    expect(await durationOf('second')).toBeLessThan(45_000);
  });
});
