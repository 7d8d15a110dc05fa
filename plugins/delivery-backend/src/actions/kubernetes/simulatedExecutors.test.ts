// SPDX-License-Identifier: Apache-2.0
import type { ActionParameters } from '@causeway/plugin-delivery-common';
import type { DeviceActionExecutor } from '@causeway/plugin-delivery-node';
import { recordIn } from '../../clusters/fields';
import {
  quarantineAnnotation,
  quarantineReason,
} from '../../fleet/quarantineReason';
import { beginAction, until } from './__testUtils__/beginAction';
import {
  startSimulatedEdge,
  type SimulatedEdge,
} from '../../clusters/__testUtils__/simulatedEdge';
import { collectLogs } from './collectLogs';
import { cordon, uncordon } from './cordon';
import { drain } from './drain';
import { nodePath, readNode } from './nodes';
import { oneShotJob } from './oneShotJob';
import { pin, unpin } from './pin';
import { podsOn } from './pods';
import { quarantine, release } from './quarantine';
import { redactSecrets } from './redactSecrets';
import { restart } from './restart';

/** A real server and controllers, on machines that may be busy. */
jest.setTimeout(240_000);

const pi = 'oslo-pi-01';
const other = 'oslo-pi-02';
let edge: SimulatedEdge;

/** The executors over real HTTP, on a simulated API server with the controllers of workloads and nodes. */
beforeAll(async () => {
  edge = await startSimulatedEdge({
    nodes: [{ name: pi }, { name: other }],
    controllers: {
      controllers: [
        'deployment',
        'replicaset',
        'daemonset',
        'job',
        'disruption',
        'scheduler',
        'kubelet',
        'node',
      ],
      podTimes: { start: 20, stop: 20, complete: 50 },
    },
  });
  for (const [kind, name, spec] of [
    ['Deployment', 'belt', { replicas: 2 }],
    ['DaemonSet', 'agent', {}],
    ['DaemonSet', 'vision', { updateStrategy: { type: 'OnDelete' } }],
  ] as const) {
    await edge.admin.create({
      apiVersion: 'apps/v1',
      kind,
      metadata: { name, namespace: 'default' },
      spec: {
        ...spec,
        selector: { matchLabels: { app: name } },
        template: {
          metadata: { labels: { app: name } },
          spec: { containers: [{ name, image: `${name}:1.0.0` }] },
        },
      },
    } as object as Parameters<typeof edge.admin.create>[0]);
  }
  await until(async () => (await running(pi)) + (await running(other)) === 6);
});
afterAll(() => edge?.stop());

const cluster = () => edge.cluster();
const at = (node: string) => ({ cluster: cluster(), node });

async function running(node: string): Promise<number> {
  return (await podsOn(at(node))).filter(({ state }) => state === 'running')
    .length;
}

const begin = (
  executor: DeviceActionExecutor,
  change: {
    readonly node?: string;
    readonly parameters?: ActionParameters;
  } = {},
) => beginAction(executor, { cluster, node: pi, ...change });

it('cordons and uncordons, with the node as evidence', async () => {
  const told = await (await begin(cordon)).end();
  expect(told).toMatchObject({
    state: 'succeeded',
    receipt: { evidence: [{ object: `Node ${pi}` }] },
  });
  expect((await readNode(at(pi)))?.unschedulable).toBe(true);
  await (await begin(uncordon)).end();
  expect((await readNode(at(pi)))?.unschedulable).toBe(false);
  await expect(
    (await begin(cordon, { node: 'gone' })).end(),
  ).resolves.toMatchObject({ state: 'failed', retry: false });
});

it('drains as far as disruption budgets allow, leaves DaemonSets, and never takes what nobody makes again', async () => {
  const budget = {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'belt', namespace: 'default' },
    spec: { minAvailable: 2, selector: { matchLabels: { app: 'belt' } } },
  };
  const alone = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'alone', namespace: 'default' },
    spec: { nodeName: pi, containers: [{ name: 'one', image: 'one:1' }] },
  };
  await edge.admin.create(alone);
  await expect((await begin(drain)).end()).resolves.toMatchObject({
    state: 'failed',
    message: expect.stringContaining('default/alone'),
  });
  expect((await readNode(at(pi)))?.unschedulable).toBe(false);
  await edge.admin.delete(alone);
  await until(async () =>
    (await podsOn(at(pi))).every(({ name }) => name !== 'alone'),
  );
  await edge.admin.create(budget);
  const draining = await begin(drain);
  const said: string[] = [];
  await until(async () => {
    const told = await draining.turn();
    if (told.state === 'running') said.push(told.progress.message);
    return said.some(text => text.includes('disruption budgets'));
  });
  expect((await readNode(at(pi)))?.unschedulable).toBe(true);
  await edge.admin.delete(budget);
  await expect(draining.end()).resolves.toMatchObject({
    state: 'succeeded',
    receipt: { message: expect.stringContaining('2 pods of DaemonSets') },
  });
  await until(async () => (await running(other)) === 4);
  await (await begin(uncordon)).end();
});

it('restarts the pods of one workload that were there, and no others', async () => {
  const before = await podsOn(at(other));
  const told = await (
    await begin(restart, {
      node: other,
      parameters: { workload: 'default/agent' },
    })
  ).end();
  // The pods of the same workload on other devices prove nothing.
  expect(told).toMatchObject({
    state: 'succeeded',
    receipt: {
      message:
        '1 pod of default/agent ended; 1 pod of it is ready again, 1 here.',
      evidence: [{ seen: `It is ready on ${other}.` }],
    },
  });
  const after = await podsOn(at(other));
  const uids = (pods: typeof after, workload: string) =>
    pods
      .filter(pod => pod.workload.name === workload)
      .map(({ uid }) => uid)
      .sort();
  expect(uids(after, 'agent')).not.toEqual(uids(before, 'agent'));
  expect(uids(after, 'belt')).toEqual(uids(before, 'belt'));
  await expect(
    (await begin(restart, { parameters: { workload: 'default/none' } })).end(),
  ).resolves.toMatchObject({ state: 'failed' });
});

it('pins with the names of what obeys, and unpins what it has pinned', async () => {
  const pinning = await begin(pin, { node: other });
  // The process dies after the Node was written and before that was recorded.
  await pinning.turn();
  const told = await pinning.end();
  const message = 'receipt' in told ? told.receipt.message : '';
  expect(message).toMatch(/Waves alone change default\/vision \(DaemonSet\)/);
  expect(message).toMatch(
    /Not kept: default\/agent \(DaemonSet\), default\/belt \(Deployment\)\./,
  );
  await expect(
    (await begin(pin, { node: other })).end(),
  ).resolves.toMatchObject({ state: 'succeeded' });
  await (await begin(unpin, { node: other })).end();
  expect((await readNode(at(other)))?.annotations).not.toHaveProperty([
    'causeway.dev/hold',
  ]);
});

it('leaves the hold of somebody else alone until its text is said', async () => {
  const hold = 'calibration until noon';
  await cluster().patch(`/api/v1/nodes/${other}`, {
    metadata: { annotations: { 'causeway.dev/hold': hold } },
  });
  for (const executor of [pin, unpin]) {
    await expect(
      (await begin(executor, { node: other })).end(),
    ).resolves.toMatchObject({
      state: 'failed',
      message: expect.stringContaining(hold),
      retry: false,
    });
  }
  await expect(
    (await begin(unpin, { node: other, parameters: { held: hold } })).end(),
  ).resolves.toMatchObject({ state: 'succeeded' });
});

it('quarantines by taint, cordon and network policies, and takes all of it away again', async () => {
  const policies = () =>
    cluster().list('/apis/networking.k8s.io/v1/networkpolicies');
  const told = await (await begin(quarantine, { node: other })).end();
  expect(told).toMatchObject({
    state: 'succeeded',
    receipt: {
      evidence: [
        { object: `Node ${other}` },
        { object: expect.stringMatching(/^NetworkPolicy default\//) },
      ],
    },
  });
  const node = await readNode(at(other));
  expect(node).toMatchObject({
    unschedulable: true,
    taints: expect.arrayContaining([
      {
        key: 'causeway.dev/quarantine',
        value: 'It-smells-of-smoke-fire',
        effect: 'NoSchedule',
      },
    ]),
  });
  // A taint can not say it as it was said.
  expect(quarantineReason(await cluster().get(nodePath(other)))).toBe(
    'It smells; of <smoke> & "fire"!',
  );
  const [policy, ...none] = await policies();
  expect(none).toEqual([]);
  expect(recordIn(policy, 'spec')).toMatchObject({
    policyTypes: ['Ingress', 'Egress'],
  });
  const marked = (await podsOn(at(other))).filter(
    ({ labels }) => labels['causeway.dev/quarantine'] !== undefined,
  );
  expect(marked).toHaveLength(4);
  // Again, as after a crash.
  await (await begin(quarantine, { node: other })).end();
  expect(await policies()).toHaveLength(1);
  await (await begin(release, { node: other })).end();
  expect(await policies()).toEqual([]);
  const released = await readNode(at(other));
  expect(released).toMatchObject({ unschedulable: false });
  expect(released?.annotations).not.toHaveProperty([quarantineAnnotation]);
  expect(
    (await podsOn(at(other))).every(
      ({ labels }) => labels['causeway.dev/quarantine'] === undefined,
    ),
  ).toBe(true);
});

it('collects logs of every container, without secrets', async () => {
  const told = await (
    await begin(collectLogs, { node: other, parameters: { lines: 100 } })
  ).end();
  expect(told).toMatchObject({ state: 'succeeded' });
  const text = 'output' in told ? told.output ?? '' : '';
  expect(text).toContain('is ready');
  expect(text).toContain('password=[secret]');
  expect(text).not.toContain('hunter2');
  expect(text.match(/^== /gm)).toHaveLength(4);
});

it('makes one job for an attempt, whatever happens between, and keeps what it printed', async () => {
  const check = oneShotJob({
    kind: { ...collectLogs.kind, name: 'healthCheck', timeout: 60_000 },
    namespace: 'default',
    image: 'check:1',
    command: ['check'],
    args: [],
    privileged: false,
    reboots: false,
  });
  const checking = await begin(check, { node: pi });
  await expect(checking.turn()).resolves.toMatchObject({ state: 'running' });
  const again = await checking.end();
  expect(again).toMatchObject({
    state: 'succeeded',
    output: expect.stringContaining('is ready'),
  });
  const jobs = await cluster().list('/apis/batch/v1/jobs', {
    labels: `causeway.dev/action=${checking.id}`,
  });
  expect(jobs).toHaveLength(1);
});

it('takes no pod for new that was on another device before', async () => {
  await (await begin(uncordon)).end();
  await edge.admin.create({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'spread', namespace: 'default' },
    spec: {
      replicas: 4,
      selector: { matchLabels: { app: 'spread' } },
      template: {
        metadata: { labels: { app: 'spread' } },
        spec: { containers: [{ name: 'one', image: 'one:1' }] },
      },
    },
  } as object as Parameters<typeof edge.admin.create>[0]);
  const spreadOn = async (node: string) =>
    (await podsOn(at(node))).filter(
      ({ workload, state }) =>
        workload.name === 'spread' && state === 'running',
    ).length;
  await until(async () => (await spreadOn(pi)) + (await spreadOn(other)) === 4);
  const here = await spreadOn(pi);
  expect([1, 2, 3]).toContain(here);
  const told = await (
    await begin(restart, { parameters: { workload: 'default/spread' } })
  ).end();
  const [ended, ready] =
    ('receipt' in told ? told.receipt.message : '').match(
      /\d+(?= pods? of)/g,
    ) ?? [];
  expect(Number(ended)).toBe(here);
  expect(Number(ready)).toBeLessThanOrEqual(here);
});

it.each([
  ['Authorization: Bearer abcdef123456', 'Authorization: '],
  ['{"apiKey": "k-123456", "a": 1}', '{"apiKey": "[secret]", "a": 1}'],
  ['https://ivan:geheim@host/x', 'https://ivan:[secret]@host/x'],
  ['AKIAABCDEFGHIJKLMNOP used', '[secret] used'],
  ['\u001b[31mred\u001b[0m \u202etxt', 'red \ufffdtxt'],
])('blacks out %j', (text, expected) => {
  const told = redactSecrets(text);
  expect(told.startsWith(expected)).toBe(true);
  expect(told).not.toMatch(/abcdef123456|k-123456|geheim/);
});
