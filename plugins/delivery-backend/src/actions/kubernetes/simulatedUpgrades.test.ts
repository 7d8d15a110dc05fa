// SPDX-License-Identifier: Apache-2.0
import type { DeviceActionExecutor } from '@causeway/plugin-delivery-node';
import {
  acceleratedScheduler,
  EdgeConsole,
  kubeEdgeDefinitions,
  planDefinitions,
} from '@causeway/simulator';
import { listIn, recordIn, textIn } from '../../clusters/fields';
import { beginAction, until } from './__testUtils__/beginAction';
import {
  startSimulatedEdge,
  type SimulatedEdge,
} from './__testUtils__/simulatedEdge';
import { nodePath, readNode } from './nodes';
import { upgradeEdgeCore } from './upgradeEdgeCore';
import { upgradeK3s } from './upgradeK3s';

/** A real server and controllers, on machines that may be busy. */
jest.setTimeout(240_000);

const agent = 'oslo-pi-01';
const twin = 'oslo-pi-02';
const edgeNode = 'bergen-pi-01';
const busy = 'bergen-pi-02';
const hostname = (name: string) => ({ 'kubernetes.io/hostname': name });
const edgeLabels = {
  'node-role.kubernetes.io/edge': '',
  'node-role.kubernetes.io/agent': '',
};
const older = 'v1.35.4+k3s1';
const console = new EdgeConsole();
/** Upgrades take their time; it goes faster here. */
const scheduler = acceleratedScheduler(20);
let edge: SimulatedEdge;

const plans = '/apis/upgrade.cattle.io/v1/namespaces/default/plans';
const jobs = '/apis/operations.kubeedge.io/v1alpha2/nodeupgradejobs';
const at = (node: string) => readNode({ cluster: edge.cluster(), node });

/** Where Plans and NodeUpgradeJobs are carried out, and a Plan of somebody else is. */
beforeAll(async () => {
  edge = await startSimulatedEdge({
    definitions: [...planDefinitions, ...kubeEdgeDefinitions('deviceStatus')],
    nodes: [
      { name: agent, labels: hostname(agent), kubeletVersion: older },
      { name: twin, labels: hostname('pi'), kubeletVersion: older },
      { name: 'oslo-pi-03', labels: hostname('pi'), kubeletVersion: older },
      { name: busy, labels: hostname(busy), kubeletVersion: older },
      {
        name: edgeNode,
        labels: { ...edgeLabels, ...hostname(edgeNode) },
        kubeletVersion: 'v1.32.10-kubeedge-v1.22.2',
      },
    ],
    controllers: {
      controllers: ['job', 'scheduler', 'kubelet', 'node'],
      additional: ['systemupgrade', 'kubeedge'],
      kubeEdge: { console },
      scheduler,
      podTimes: { start: 20, stop: 20, crash: 20, complete: 50 },
    },
  });
  // Its image never starts, so it works on that device for as long as the test takes.
  await edge.cluster().create(plans, {
    apiVersion: 'upgrade.cattle.io/v1',
    kind: 'Plan',
    metadata: { name: 'somebodys', namespace: 'default' },
    spec: {
      concurrency: 1,
      version: 'v9',
      nodeSelector: { matchLabels: hostname(busy) },
      upgrade: { image: 'somebodys/tool:1-bad' },
    },
  });
  await until(async () => {
    const all = [agent, twin, busy, edgeNode];
    const ready = await Promise.all(
      all.map(async name => (await at(name))?.ready),
    );
    const [plan] = await edge.cluster().list(plans);
    const works = listIn(recordIn(plan, 'status'), 'applying').length > 0;
    return works && ready.every(Boolean);
  });
});
afterAll(async () => {
  await edge?.stop();
  scheduler.stop();
});

const namesIn = async (path: string) =>
  (await edge.cluster().list(path)).map(object =>
    textIn(recordIn(object, 'metadata'), 'name'),
  );
const begin = (executor: DeviceActionExecutor, node: string, version: string) =>
  beginAction(executor, {
    cluster: edge.cluster,
    node,
    parameters: { version },
  });

const k3s = (change: Partial<Parameters<typeof upgradeK3s>[0]> = {}) =>
  upgradeK3s({
    namespace: 'default',
    serviceAccount: 'system-upgrade',
    image: 'rancher/k3s-upgrade',
    servers: false,
    timeoutSeconds: 1_800,
    ...change,
  });
const edgeCore = upgradeEdgeCore({
  image: 'kubeedge/installation-package',
  checks: ['disk'],
  requireConfirmation: true,
  timeoutSeconds: 600,
});

/** What a Plan would leave behind on a node. */
const marksOf = async (node: string) =>
  Object.keys((await at(node))?.labels ?? {}).filter(label =>
    label.startsWith('plan.upgrade.cattle.io/'),
  );

describe('an upgrade of K3s', () => {
  it('makes one Plan however often the process dies, and has worked when the node says so', async () => {
    const wanted = 'v1.36.3+k3s1';
    const upgrading = await begin(k3s(), agent, wanted);
    // The process dies after the Plan was made and before that was recorded, twice.
    await upgrading.unrecorded();
    await upgrading.unrecorded();
    const [plan] = await edge.cluster().list(plans, {
      labels: `causeway.dev/action=${upgrading.id}`,
    });
    expect(recordIn(plan, 'spec')).toMatchObject({
      concurrency: 1,
      version: wanted,
      nodeSelector: { matchExpressions: [{ values: [agent] }] },
    });
    await expect(upgrading.end()).resolves.toMatchObject({
      state: 'succeeded',
      receipt: {
        evidence: [
          { object: `Node ${agent}`, seen: expect.stringContaining(wanted) },
          { object: expect.stringMatching(/^Plan default\/causeway-action-/) },
        ],
      },
    });
    expect(await at(agent)).toMatchObject({
      version: wanted,
      unschedulable: false,
    });
    // Nothing that could fire again, and nothing of somebody else was touched.
    expect(await namesIn(plans)).toEqual(['somebodys']);
    expect(await marksOf(agent)).toEqual([]);
    // And again, after the end was not recorded either.
    await expect(upgrading.turn()).resolves.toMatchObject({
      state: 'succeeded',
    });
  });

  it('fails with its Job, leaves no Plan behind, and says that the device is cordoned', async () => {
    const broken = k3s({ image: 'ex/k3s-upgrade:1-bad', timeoutSeconds: 2 });
    await edge
      .cluster()
      .patch(nodePath(agent), { spec: { unschedulable: null } });
    const upgrading = await begin(broken, agent, 'v1.36.3+k3s2');
    await expect(upgrading.end()).resolves.toMatchObject({
      state: 'failed',
      message: expect.stringMatching(
        /The upgrade failed.*The device runs v1\.36\.3\+k3s1\. The device is cordoned still/,
      ),
      retry: false,
    });
    expect(await namesIn(plans)).toEqual(['somebodys']);
    expect(await marksOf(agent)).toEqual([]);
  });

  it('takes its Plan away when its time is over', async () => {
    const upgrading = await begin(k3s(), agent, 'v1.36.3+k3s3');
    await upgrading.turn();
    await upgrading.withdraw();
    await upgrading.withdraw();
    expect(await namesIn(plans)).toEqual(['somebodys']);
  });

  it.each([
    ['newer than the API server', agent, 'v1.36.4+k3s1', /upgrade the servers/],
    ['of two with one hostname', twin, 'v1.36.3+k3s1', /another one has the/],
    ['that is older', busy, 'v1.35.3+k3s9', /never goes back/],
    ['beside another Plan', busy, 'v1.36.3+k3s1', /somebodys works on the/],
  ])('is refused: %s', async (_case, node, version, words) => {
    await expect(
      (await begin(k3s(), node, version)).turn(),
    ).resolves.toMatchObject({
      state: 'failed',
      message: expect.stringMatching(words),
      retry: false,
    });
    expect(await namesIn(plans)).toEqual(['somebodys']);
  });
});

describe('an upgrade of EdgeCore', () => {
  it('makes one job, waits for the people at the device, and has worked when the node says so', async () => {
    const wanted = 'v1.23.1';
    const upgrading = await begin(edgeCore, edgeNode, wanted);
    await upgrading.unrecorded();
    await upgrading.unrecorded();
    const [job, ...more] = await edge.cluster().list(jobs);
    expect(more).toEqual([]);
    expect(recordIn(job, 'spec')).toMatchObject({
      version: wanted,
      nodeNames: [edgeNode],
      failureTolerate: '0',
    });
    const said: string[] = [];
    await until(async () => {
      const told = await upgrading.turn();
      if (told.state === 'running') said.push(told.progress.message);
      return said.some(text => text.includes('confirmation on the device'));
    });
    const uid = textIn(recordIn(job, 'metadata'), 'uid') ?? '';
    console.confirmUpgrade(uid, edgeNode);
    await expect(upgrading.end()).resolves.toMatchObject({
      state: 'succeeded',
      receipt: {
        evidence: [
          { seen: expect.stringContaining(`-kubeedge-${wanted}`) },
          { object: expect.stringMatching(/^NodeUpgradeJob /) },
        ],
      },
    });
  });

  it('tells that KubeEdge went back, and takes away only what nobody has begun', async () => {
    const failing = upgradeEdgeCore({
      image: 'kubeedge/installation-package',
      checks: [],
      requireConfirmation: false,
      timeoutSeconds: 600,
    });
    // No person can ask for such a version.
    const upgrading = await begin(failing, edgeNode, 'v1.24.0-bad');
    await expect(upgrading.end()).resolves.toMatchObject({
      state: 'failed',
      message: expect.stringContaining('gone back to the version before'),
    });
    const before = await namesIn(jobs);
    await upgrading.withdraw();
    expect(await namesIn(jobs)).toEqual(before);
    const unbegun = await begin(edgeCore, edgeNode, 'v1.24.0');
    await unbegun.unrecorded();
    await unbegun.withdraw();
    expect(await namesIn(jobs)).toEqual(before);
  });

  it.each([
    ['of a node of another sort', agent, 'v1.23.1', /no empty label/],
    ['to an older version', edgeNode, 'v1.22.2', /never goes back/],
  ])('is refused: %s', async (_case, node, version, words) => {
    await expect(
      (await begin(edgeCore, node, version)).turn(),
    ).resolves.toMatchObject({
      state: 'failed',
      message: expect.stringMatching(words),
    });
  });
});

it('leaves a device alone that was pinned while the upgrade waited for it', async () => {
  const pinned = async (node: string, hold: string | null) =>
    edge.cluster().patch(nodePath(node), {
      metadata: { annotations: { 'causeway.dev/hold': hold } },
    });
  for (const [executor, node, version] of [
    [k3s(), agent, 'v1.36.3+k3s9'],
    [edgeCore, edgeNode, 'v1.29.0'],
  ] as const) {
    await pinned(node, 'stock-taking');
    await expect(
      (await begin(executor, node, version)).turn(),
    ).resolves.toMatchObject({
      state: 'failed',
      message: expect.stringMatching(/stock-taking.*Nothing was done\.$/),
    });
    await pinned(node, null);
  }
});

it('says what is not installed in a cluster', async () => {
  const bare = await startSimulatedEdge({
    nodes: [
      {
        name: agent,
        labels: { ...edgeLabels, ...hostname(agent) },
        kubeletVersion: 'v1.32.10-kubeedge-v1.22.2',
      },
    ],
    controllers: { controllers: ['node'] },
  });
  const on = { cluster: bare.cluster, node: agent };
  await until(
    async () =>
      (await readNode({ ...on, cluster: bare.cluster() }))?.ready === true,
  );
  const ends = [k3s(), edgeCore].map(async executor => {
    const parameters = { version: 'v1.23.1' };
    return (await beginAction(executor, { ...on, parameters })).turn();
  });
  const [plan, job] = await Promise.all(ends);
  await bare.stop();
  expect(plan).toMatchObject({ message: expect.stringContaining('no Plans') });
  expect(job).toMatchObject({
    message: expect.stringContaining('no NodeUpgradeJobs'),
  });
});
