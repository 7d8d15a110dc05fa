// SPDX-License-Identifier: Apache-2.0
import { edgeNodes, EdgeStage } from '../../testing/EdgeStage';
import { edgeStories } from '../../testing/edgeStories';
import { healthyMachines } from '../nodes/healthyMachines';
import { conditionOf } from '../runtime/resources';
import { plans } from '../systemUpgrade/planObjects';
import { pods } from '../workloads/workloads';
import { devices, deviceStatuses } from './deviceObjects';
import { holdUpgradeAnnotation } from './heldPods';
import { nodeUpgradeJobs } from './jobObjects';

jest.setTimeout(120_000);

const [first, second] = edgeNodes;

describe('the edge on a simulated cluster', () => {
  let stage: EdgeStage;
  const away = new Set<string>();
  const listeners = new Set<(node: string) => void>();

  beforeAll(async () => {
    stage = await EdgeStage.start({
      machines: {
        ...healthyMachines,
        isConnected: node => !away.has(node),
        onChange(listener) {
          listeners.add(listener);
          return () => listeners.delete(listener);
        },
      },
    });
  });

  afterAll(() => stage?.stop());

  it.each(Object.entries(edgeStories))('%s', async (_name, story) => {
    expect.hasAssertions();
    await story(stage);
  });

  it('holds a pod until it is released at its device', async () => {
    const { client, until } = stage.cluster;
    const name = { namespace: 'default', name: 'held' };
    await client.create(pods, 'default', {
      metadata: { ...name, annotations: { [holdUpgradeAnnotation]: 'true' } },
      spec: { containers: [{ name: 'c', image: 'ex/vision:2' }] },
    });
    const { status } = await until(pods, name, pod =>
      Boolean(conditionOf(pod.status?.conditions, 'HeldUpgrade')),
    );
    expect(status?.phase).toBe('Pending');
    expect(conditionOf(status?.conditions, 'HeldUpgrade')).toMatchObject({
      status: 'True',
      reason: 'HoldUpgradeEnabled',
    });
    await client.patch(pods, name, {
      metadata: { annotations: { [holdUpgradeAnnotation]: null } },
    });
    const started = await until(
      pods,
      name,
      pod => pod.status?.phase === 'Running',
    );
    expect(
      conditionOf(started.status?.conditions, 'HeldUpgrade'),
    ).toBeUndefined();
  });

  it('gives an unreachable node up after its time, and rolls a bad version back', async () => {
    const { client, until } = stage.cluster;
    away.add(first);
    await client.create(nodeUpgradeJobs, undefined, {
      metadata: { name: 'hard' },
      spec: {
        version: 'v1.24.0-bad',
        nodeNames: [...edgeNodes, 'nobody'],
        concurrency: 3,
        timeoutSeconds: 60,
        failureTolerate: '1',
      },
    });
    const { status } = await until(
      nodeUpgradeJobs,
      { name: 'hard' },
      job => job.status?.phase === 'Completed',
    );
    away.delete(first);
    expect(
      status?.nodeStatus?.map(({ nodeName, phase }) => [nodeName, phase]),
    ).toEqual([
      [first, 'Unknown'],
      [second, 'Failure'],
      ['nobody', 'Failure'],
    ]);
    expect(status?.nodeStatus?.[1].actionFlow?.at(-1)?.action).toBe('RollBack');
  });

  it('says nothing of devices behind an unreachable node, and catches up', async () => {
    const { client, until } = stage.cluster;
    const name = { namespace: 'default', name: 'far' };
    const twin = (value: string) =>
      until(
        deviceStatuses,
        name,
        ({ status }) => status?.twins?.[0].observedDesired?.value === value,
      );
    const wish = (value: string) => ({
      properties: [{ name: 'speed', reportCycle: 1_000, desired: { value } }],
    });
    await client.create(devices, 'default', {
      metadata: name,
      spec: {
        nodeName: second,
        deviceModelRef: { name: 'belt' },
        ...wish('1'),
      },
    });
    await twin('1');
    away.add(second);
    await client.patch(devices, name, { spec: wish('2') });
    await stage.scheduler.sleep(20_000);
    const silent = await client.get(deviceStatuses, name);
    expect(silent?.status?.twins?.[0].observedDesired?.value).toBe('1');
    away.delete(second);
    const { status } = await twin('2');
    expect(status?.twins?.[0].reported?.value).toBe('2');
  });

  it('lets an unreachable node hold its place in a plan, and upgrades it when it is back', async () => {
    const { client, until } = stage.cluster;
    const name = { namespace: 'default', name: 'k3s' };
    for (const node of edgeNodes) away.add(node);
    await client.create(plans, 'default', {
      metadata: name,
      spec: {
        concurrency: 1,
        nodeSelector: { matchLabels: { site: 'malmo' } },
        version: 'v1.33.1+k3s1',
        upgrade: { image: 'ex/k3s-upgrade' },
      },
    });
    const started = await until(plans, name, ({ status }) =>
      Boolean(status?.applying),
    );
    await stage.scheduler.sleep(60_000);
    const waiting = await client.get(plans, name);
    expect(waiting?.status).toEqual(started.status);
    expect(waiting?.status?.applying).toHaveLength(1);
    away.clear();
    for (const listener of listeners) edgeNodes.forEach(listener);
    const { status } = await until(
      plans,
      name,
      plan =>
        conditionOf(plan.status?.conditions, 'Complete')?.status === 'True',
    );
    expect(status?.applying).toBeUndefined();
  });
});

describe('the edge of KubeEdge up to 1.22', () => {
  it('keeps twins in the device itself', async () => {
    const stage = await EdgeStage.start({
      controllers: [],
      twinLayout: 'device',
    });
    const { client, until } = stage.cluster;
    const name = { namespace: 'default', name: 'old' };
    await client.create(devices, 'default', {
      metadata: name,
      spec: {
        nodeName: first,
        properties: [{ name: 'speed', desired: { value: '3' } }],
      },
    });
    const { status } = await until(devices, name, device =>
      Boolean(device.status?.twins),
    );
    expect(status?.twins?.[0].observedDesired?.value).toBe('3');
    expect(status?.state).toBe('online');
    expect(
      await client.resource('devices.kubeedge.io/v1beta1', 'DeviceStatus'),
    ).toBeUndefined();
    await stage.stop();
  });
});
