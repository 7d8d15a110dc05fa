// SPDX-License-Identifier: Apache-2.0
import type { Target } from '@causeway/plugin-delivery-common';
import type { DeviceActionExecutor } from '@causeway/plugin-delivery-node';
import { startCluster, type Cluster } from '@causeway/test-cluster';
import { beginAction } from '../actions/kubernetes/__testUtils__/beginAction';
import { cordon, uncordon } from '../actions/kubernetes/cordon';
import { drain } from '../actions/kubernetes/drain';
import { quarantine, release } from '../actions/kubernetes/quarantine';
import { restart } from '../actions/kubernetes/restart';
import { EmptyDatabases } from '../database/__testUtils__/EmptyDatabases';
import { aRelease, aTarget } from '../promotions/__fixtures__/parcelVision';
import { RealEdge } from './__testUtils__/RealEdge';
import { probe, WaveStage } from './__testUtils__/WaveStage';
import type { StoredWave } from './WaveStore';

/** A real control plane, on machines that may be busy. */
jest.setTimeout(600_000);

const name = 'edge-north';
const nodes = ['oslo', 'bergen'].flatMap(site =>
  [1, 2, 3, 4].map(number => ({
    name: `${site}-${number}`,
    labels: {
      'node-role.kubernetes.io/edge': '',
      'causeway.dev/site': site,
      'causeway.dev/hardware': 'pi',
    },
  })),
);
const [old, fresh] = [aRelease(0), aRelease(1)];
const target: Target = {
  ...aTarget(name),
  workload: { ...aTarget(name).workload, kind: 'DaemonSet' },
};
const { namespace } = target.workload;
const bad = 'oslo-2';
const away = 'bergen-4';

const databases = EmptyDatabases.create(['SQLITE_3']);
let cluster: Cluster;
let edge: RealEdge;
let stage: WaveStage<RealEdge>;

const liveNow = (node: string) =>
  edge.watched.fleet.find(name, node)?.connectivity === 'live';

/** The version on each device, by its pod. */
async function versions(): Promise<ReadonlyMap<string, string>> {
  const pods = await edge.pods(target);
  return new Map(
    [...pods].map(([node, { spec }]) => [
      node,
      /:([^:@]+)@/.exec(spec?.containers[0].image ?? '')?.[1] ?? '',
    ]),
  );
}

/** Names of the devices in a phase. */
function inPhase({ state }: StoredWave, phase: string): readonly string[] {
  return (state?.devices ?? [])
    .filter(({ progress }) => progress.phase === phase)
    .map(({ device }) => device.id.replace(`${name}/`, ''))
    .sort();
}

/** So many pods of a workload must stay. */
async function setBudget(app: string, minAvailable: number): Promise<void> {
  const metadata = { name: app, namespace };
  await dropBudget(app);
  await edge.policy.createNamespacedPodDisruptionBudget({
    namespace,
    body: {
      metadata,
      spec: { minAvailable, selector: { matchLabels: { app } } },
    },
  });
  await edge.watched.until(async () => {
    const { metadata: seen, status } =
      await edge.policy.readNamespacedPodDisruptionBudget(metadata);
    return status?.observedGeneration === seen?.generation;
  });
}

/** Nothing happens when there is none. */
async function dropBudget(app: string): Promise<void> {
  const { items } = await edge.policy.listNamespacedPodDisruptionBudget({
    namespace,
    fieldSelector: `metadata.name=${app}`,
  });
  if (items.length > 0)
    await edge.policy.deleteNamespacedPodDisruptionBudget({
      namespace,
      name: app,
    });
}

beforeAll(async () => {
  cluster = await startCluster({
    name,
    nodes,
    nodeMonitorGracePeriod: 8,
    flux: true,
  });
  edge = new RealEdge(cluster);
  await edge.core.createNamespace({ body: { metadata: { name: namespace } } });
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  await edge.core.createNamespace({
    body: { metadata: { name: probe.namespace, labels } },
  });
  await edge.apply(target, old.images);
  await edge.watched.until(
    () =>
      [...edge.watched.fleet.entries()].length === nodes.length &&
      nodes.every(node => liveNow(node.name)),
  );
  await edge.watched.until(async () => (await versions()).size === 8);
});
afterAll(async () => {
  await stage?.stop();
  await edge?.watched.stop();
  await cluster?.stop();
});

it('brings a release to the pods of a real DaemonSet: within its disruption budget, tested by a Job on each, back where it fails, later where nobody is heard', async () => {
  edge.bad.set(bad, `:${fresh.version}@`);
  await edge.setHeard(away, false);
  await edge.watched.until(() => !liveNow(away));
  await setBudget(target.workload.name, nodes.length);
  stage = await WaveStage.startOver(
    await databases.take('SQLITE_3'),
    [name],
    world => {
      edge.git = world.fleet;
      return edge;
    },
    undefined,
    { health: { '*': { job: { probe: probe.name, every: 60_000 } } } },
  );
  await edge.apply(target, fresh.images);
  const runner = stage.runner();

  // The budget keeps the first device, however often it is asked.
  await stage.untilWave(runner, () => edge.refused.size > 0);
  const kept = await versions();
  expect([...kept.values()].every(version => version === old.version)).toBe(
    true,
  );
  await setBudget(target.workload.name, 4);

  await stage.untilWave(runner, wave => wave.report?.state === 'arrived');
  const wave = await stage.wave();
  const good = nodes
    .map(node => node.name)
    .filter(node => node !== bad && node !== away)
    .sort();
  expect(wave && inPhase(wave, 'proven')).toEqual(good);
  expect(wave && inPhase(wave, 'takenBack')).toEqual([bad]);
  expect(stage.commits()).toEqual([': 2.8.1', '.1: 2.8.0', '.2: 2.8.1']);
  const arrived = await versions();
  expect(arrived.get(bad)).toBe(old.version);
  expect(arrived.get(away)).toBe(old.version);
  for (const node of good)
    expect([node, arrived.get(node)]).toEqual([node, fresh.version]);

  expect([...edge.probed]).toEqual(expect.arrayContaining(good));

  await edge.setHeard(away, true);
  await stage.untilWave(runner, seen => inPhase(seen, 'proven').includes(away));
  expect((await versions()).get(away)).toBe(fresh.version);
  await stage.untilWave(runner, ({ active }) => !active);
  await edge.watched.until(async () => {
    const { items } = await edge.core.listNamespacedPod(probe);
    return items.length === 0;
  });
  await expect(stage.engine.log.verify()).resolves.toMatchObject({
    intact: true,
  });
});

describe('actions on devices', () => {
  const spare = { workload: { ...target.workload, name: 'spare' } };
  const one = 'oslo-1';

  const begin = (executor: DeviceActionExecutor, node: string, workload = '') =>
    beginAction(executor, {
      node,
      parameters: workload ? { workload: `${namespace}/${workload}` } : {},
      cluster: () => {
        const there = edge.watched.clusters.actOn(
          name,
          { actor: 'user:default/ivan' },
          new AbortController().signal,
        );
        if (!there) throw new Error(`There is no cluster ${name}.`);
        return there;
      },
    });
  const done = { state: 'succeeded' };
  const specOf = async (node: string) =>
    (await edge.core.readNode({ name: node })).spec;
  const areReady = async (count: number) => {
    const pods = [...(await edge.pods(spare)).values()];
    return (
      pods.length === count &&
      pods.every(({ status }) => status?.phase === 'Running')
    );
  };
  const uids = async (of: Pick<Target, 'workload'>) =>
    new Map(
      [...(await edge.pods(of))].map(([node, { metadata }]) => [
        node,
        metadata?.uid,
      ]),
    );

  beforeAll(async () => {
    const labels = { app: 'spare' };
    // At most one on a node, so that each is found by its node.
    const podAntiAffinity = {
      requiredDuringSchedulingIgnoredDuringExecution: [
        {
          labelSelector: { matchLabels: labels },
          topologyKey: 'kubernetes.io/hostname',
        },
      ],
    };
    await edge.apps.createNamespacedDeployment({
      namespace,
      body: {
        metadata: { name: 'spare' },
        spec: {
          replicas: 2,
          selector: { matchLabels: labels },
          template: {
            metadata: { labels },
            spec: {
              affinity: { podAntiAffinity },
              containers: [{ name: 'spare', image: 'spare:1' }],
            },
          },
        },
      },
    });
    await edge.watched.until(() => areReady(2));
    await dropBudget(target.workload.name);
  });

  it('cordons and uncordons', async () => {
    await expect((await begin(cordon, one)).end()).resolves.toMatchObject(done);
    expect((await specOf(one))?.unschedulable).toBe(true);
    await expect((await begin(uncordon, one)).end()).resolves.toMatchObject(
      done,
    );
    expect((await specOf(one))?.unschedulable).toBeFalsy();
  });

  it('drains by eviction as a disruption budget allows, and leaves the DaemonSet', async () => {
    const [node] = (await edge.pods(spare)).keys();
    const before = await uids(target);
    await setBudget('spare', 2);
    const draining = await begin(drain, node);
    const said: string[] = [];
    await edge.watched.until(async () => {
      const told = await draining.turn();
      if (told.state === 'running') said.push(told.progress.message);
      return said.some(text => text.includes('disruption budgets'));
    });
    expect((await edge.pods(spare)).has(node)).toBe(true);
    await dropBudget('spare');
    await expect(draining.end()).resolves.toMatchObject(done);
    await edge.watched.until(() => areReady(2));
    expect((await edge.pods(spare)).has(node)).toBe(false);
    expect(await uids(target)).toEqual(before);
    await (await begin(uncordon, node)).end();
  });

  it('restarts the pod of a DaemonSet, and no other', async () => {
    const before = await uids(target);
    const restarting = await begin(restart, one, target.workload.name);
    await expect(restarting.end()).resolves.toMatchObject(done);
    const after = await uids(target);
    const changed = [...after]
      .filter(([node, uid]) => before.get(node) !== uid)
      .map(([node]) => node);
    expect(changed).toEqual([one]);
  });

  it('quarantines by taint and network policy, and releases', async () => {
    const taintOf = async () =>
      (await specOf(one))?.taints?.find(
        ({ key }) => key === 'causeway.dev/quarantine',
      );
    await expect((await begin(quarantine, one)).end()).resolves.toMatchObject({
      ...done,
      receipt: {
        evidence: [
          { object: `Node ${one}` },
          { object: expect.stringMatching(`^NetworkPolicy ${namespace}/`) },
        ],
      },
    });
    expect(await taintOf()).toMatchObject({ effect: 'NoSchedule' });
    const marks = async () =>
      [...(await edge.pods(target))]
        .filter(
          ([, { metadata }]) => metadata?.labels?.['causeway.dev/quarantine'],
        )
        .map(([node]) => node);
    expect(await marks()).toEqual([one]);
    await edge.watched.until(
      () =>
        edge.watched.fleet.find(name, one)?.axes.isolation.state ===
        'quarantined',
    );
    await expect((await begin(release, one)).end()).resolves.toMatchObject(
      done,
    );
    expect(await taintOf()).toBeUndefined();
    expect(await marks()).toEqual([]);
  });
});
