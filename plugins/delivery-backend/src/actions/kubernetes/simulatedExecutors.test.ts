// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ActionParameters } from '@causeway/plugin-delivery-common';
import type { DeviceActionExecutor } from '@causeway/plugin-delivery-node';
import {
  runControllers,
  simulatedNodeLabel,
  startApiServer,
  type ApiServer,
} from '@causeway/simulator';
import { KubeConfig, KubernetesObjectApi } from '@kubernetes/client-node';
import { generate } from 'selfsigned';
import { ActingCluster } from '../../clusters/ActingCluster';
import { recordIn } from '../../clusters/fields';
import { HttpClusterTransport } from '../../clusters/HttpClusterTransport';
import { beginAction, until } from './__testUtils__/beginAction';
import { collectLogs } from './collectLogs';
import { cordon, uncordon } from './cordon';
import { drain } from './drain';
import { readNode } from './nodes';
import { oneShotJob } from './oneShotJob';
import { podsOn } from './pods';
import { quarantine, release } from './quarantine';
import { redactSecrets } from './redactSecrets';
import { restart } from './restart';

/** A real server and controllers, on machines that may be busy. */
jest.setTimeout(240_000);

const token = 'a-long-and-random-token-of-a-test';
const pi = 'oslo-pi-01';
const other = 'oslo-pi-02';
let api: ApiServer;
let admin: KubernetesObjectApi;
let controllers: Awaited<ReturnType<typeof runControllers>>;
let transport: HttpClusterTransport;
let directory: string;

/** The executors over real HTTP, on a simulated API server with the controllers of workloads and nodes. */
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'causeway-actions-'));
  const { cert, private: key } = await generate(
    [{ name: 'commonName', value: 'cluster' }],
    {
      keyType: 'ec',
      extensions: [
        { name: 'basicConstraints', cA: true },
        { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
      ],
    },
  );
  const caFile = join(directory, 'ca.crt');
  await writeFile(caFile, cert);
  api = await startApiServer({
    name: 'edge',
    port: 0,
    tls: { key, cert },
    tokens: [{ token, user: 'portal', groups: ['system:masters'] }],
    clock: () => new Date(),
    podLogs: (_namespace, pod) =>
      `${pod} is ready\nlogin password=hunter2 of shop\n`,
  });
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromClusterAndUser(
    { name: 'edge', server: api.url, caFile, skipTLSVerify: false },
    { name: 'portal', token },
  );
  admin = KubernetesObjectApi.makeApiClient(kubeConfig);
  transport = new HttpClusterTransport(async () => ({
    server: api.url,
    agent: new https.Agent({ keepAlive: true, ca: cert }),
    headers: { Authorization: `Bearer ${token}` },
  }));
  for (const name of [pi, other]) {
    await admin.create({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name, labels: { [simulatedNodeLabel]: 'true', name } },
    });
  }
  controllers = await runControllers({
    kubeConfig,
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
    directory,
    log: () => undefined,
  });
  for (const [kind, name, spec] of [
    ['Deployment', 'belt', { replicas: 2 }],
    ['DaemonSet', 'agent', {}],
  ] as const) {
    await admin.create({
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
    } as object as Parameters<typeof admin.create>[0]);
  }
  await until(async () => (await running(pi)) + (await running(other)) === 4);
});
afterAll(async () => {
  await controllers?.stop();
  transport?.close();
  await api?.stop();
  await rm(directory, { recursive: true, force: true });
});

const cluster = () =>
  new ActingCluster('edge', transport, undefined, new AbortController().signal);
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
  await admin.create(alone);
  await expect((await begin(drain)).end()).resolves.toMatchObject({
    state: 'failed',
    message: expect.stringContaining('default/alone'),
  });
  expect((await readNode(at(pi)))?.unschedulable).toBe(false);
  await admin.delete(alone);
  await until(async () =>
    (await podsOn(at(pi))).every(({ name }) => name !== 'alone'),
  );
  await admin.create(budget);
  const draining = await begin(drain);
  const said: string[] = [];
  await until(async () => {
    const told = await draining.turn();
    if (told.state === 'running') said.push(told.progress.message);
    return said.some(text => text.includes('disruption budgets'));
  });
  expect((await readNode(at(pi)))?.unschedulable).toBe(true);
  await admin.delete(budget);
  await expect(draining.end()).resolves.toMatchObject({
    state: 'succeeded',
    receipt: { message: expect.stringContaining('1 pod of DaemonSets') },
  });
  await until(async () => (await running(other)) === 3);
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
  expect(told).toMatchObject({ state: 'succeeded' });
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
  const [policy, ...none] = await policies();
  expect(none).toEqual([]);
  expect(recordIn(policy, 'spec')).toMatchObject({
    policyTypes: ['Ingress', 'Egress'],
  });
  const marked = (await podsOn(at(other))).filter(
    ({ labels }) => labels['causeway.dev/quarantine'] !== undefined,
  );
  expect(marked).toHaveLength(3);
  // Again, as after a crash.
  await (await begin(quarantine, { node: other })).end();
  expect(await policies()).toHaveLength(1);
  await (await begin(release, { node: other })).end();
  expect(await policies()).toEqual([]);
  expect(await readNode(at(other))).toMatchObject({ unschedulable: false });
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
  expect(text.match(/^== /gm)).toHaveLength(3);
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
