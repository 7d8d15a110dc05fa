// SPDX-License-Identifier: Apache-2.0
import type { ActionParameters } from '@causeway/plugin-delivery-common';
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
} from '../../clusters/__testUtils__/simulatedEdge';
import { nodePath, readNode } from './nodes';
import { upgradeEdgeCore } from './upgradeEdgeCore';
import { upgradeK3s } from './upgradeK3s';
import { upgradeOs } from './upgradeOs';

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
const beginWith = (
  executor: DeviceActionExecutor,
  node: string,
  parameters: ActionParameters,
) => beginAction(executor, { cluster: edge.cluster, node, parameters });
const begin = (executor: DeviceActionExecutor, node: string, version: string) =>
  beginWith(executor, node, { version });

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
        /The upgrade failed.*The device tells v1\.36\.3\+k3s1\. The device is cordoned still/,
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

describe('an upgrade of an operating system', () => {
  const common = {
    name: 'norden',
    title: 'Norden OS',
    servers: false,
    namespace: 'default',
    serviceAccount: 'system-upgrade',
    timeoutSeconds: 1_800,
  };
  const tells = (version: string) => ({
    osImage: `/Simulated .*${version}/`,
    reboot: false,
  });
  const image = 'registry.example/os-upgrade';
  const [first, second, third, fourth, fifth] = [1, 2, 3, 4, 5].map(
    version => ({
      ...common,
      version: `26.${version}`,
      upgrade: { image, command: ['chroot', '/host'], args: ['upgrade'] },
    }),
  );
  const executor = upgradeOs([
    { ...first, expect: tells('26.1') },
    second,
    { ...third, expect: { ...tells('26.3'), kernelVersion: '7.0' } },
    { ...fourth, expect: { reboot: true } },
    { ...fifth, timeoutSeconds: 2, upgrade: { image: 'ex/os-upgrade:1-bad' } },
  ]);
  const beginOs = (version: string) =>
    beginWith(executor, agent, { upgrade: `norden@${version}` });

  /** Nothing that could fire again, and nothing of somebody else was touched. */
  const expectNothingLeft = async () => {
    expect(await namesIn(plans)).toEqual(['somebodys']);
    expect(await marksOf(agent)).toEqual([]);
  };

  beforeAll(() =>
    edge.cluster().patch(nodePath(agent), { spec: { unschedulable: null } }),
  );

  it('runs what was set up, and has worked when the node tells the system', async () => {
    const upgrading = await beginOs('26.1');
    await upgrading.unrecorded();
    await upgrading.unrecorded();
    const [plan, ...more] = await edge.cluster().list(plans, {
      labels: `causeway.dev/action=${upgrading.id}`,
    });
    expect(more).toEqual([]);
    expect(recordIn(plan, 'spec')).toMatchObject({
      version: '26.1',
      upgrade: { image, command: ['chroot', '/host'], args: ['upgrade'] },
      cordon: true,
    });
    await expect(upgrading.end()).resolves.toMatchObject({
      state: 'succeeded',
      receipt: {
        message: expect.stringContaining('Simulated OS 26.1, kernel 6.18.0'),
        evidence: [
          {
            object: `Node ${agent}`,
            seen: expect.stringMatching(
              /^It tells Simulated OS 26\.1.*, before no operating.*Boot id/,
            ),
          },
          {
            object: expect.stringMatching(/^Plan default\/causeway-action-/),
            seen: expect.stringMatching(/latest hash, [0-9a-f]{56}\.$/),
          },
        ],
      },
    });
    expect(await at(agent)).toMatchObject({ unschedulable: false });
    await expectNothingLeft();
    // And again, after the end was not recorded either.
    await expect(upgrading.turn()).resolves.toMatchObject({
      state: 'succeeded',
    });
    await expect((await beginOs('26.1')).turn()).resolves.toMatchObject({
      state: 'failed',
      message: expect.stringMatching(/26\.1.* already.*Nothing was done\.$/),
    });
  });

  it('says of one without expectations that its Job ran to its end, whenever the process dies', async () => {
    const upgrading = await beginOs('26.2');
    await until(async () => {
      const told = await upgrading.turn();
      return (
        told.state === 'running' && told.progress.message.includes('is through')
      );
    });
    await expect(upgrading.unrecorded()).resolves.toMatchObject({
      state: 'succeeded',
      receipt: { message: expect.stringContaining('no more is known') },
    });
    await expectNothingLeft();
    await expect(upgrading.turn()).resolves.toMatchObject({
      state: 'succeeded',
    });
  });

  it.each([
    ['another kernel', '26.3', /Simulated OS 26\.3.* has to be 7\.0/],
    ['a boot', '26.4', /It has not booted anew/],
  ])(
    'waits for %s, and takes its Plan away when time is over',
    async (_what, version, words) => {
      const upgrading = await beginOs(version);
      await until(async () => {
        const told = await upgrading.turn();
        return (
          told.state === 'running' && told.progress.message.includes('has run')
        );
      });
      await expect(upgrading.turn()).resolves.toMatchObject({
        progress: { message: expect.stringMatching(words) },
      });
      await upgrading.withdraw();
      await expectNothingLeft();
    },
  );

  it('fails with its Job, in the words of the controller', async () => {
    const upgrading = await beginOs('26.5');
    await expect(upgrading.end()).resolves.toMatchObject({
      state: 'failed',
      message: expect.stringMatching(
        /The upgrade failed on the device: Job .*The device tells Simulated OS 26\.4.*cordoned still/,
      ),
      retry: false,
    });
    await expectNothingLeft();
  });

  it('does nothing when the portal is not set up for it any more', async () => {
    const upgrading = await beginOs('26.6');
    await expect(upgrading.turn()).resolves.toMatchObject({
      state: 'failed',
      message: expect.stringMatching(/not set up.*Nothing was done\.$/),
    });
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
