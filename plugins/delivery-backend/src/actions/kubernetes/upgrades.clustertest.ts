// SPDX-License-Identifier: Apache-2.0
import https from 'node:https';
import { tmpdir } from 'node:os';
import { EdgeConsole, runControllers } from '@causeway/simulator';
import { startCluster, type Cluster } from '@causeway/test-cluster';
import { KubeConfig } from '@kubernetes/client-node';
import { ActingCluster } from '../../clusters/ActingCluster';
import { recordIn, textIn } from '../../clusters/fields';
import { HttpClusterTransport } from '../../clusters/HttpClusterTransport';
import { beginAction, until } from './__testUtils__/beginAction';
import { nodePath, readNode } from './nodes';
import { pin, unpin } from './pin';
import { upgradeEdgeCore } from './upgradeEdgeCore';
import { upgradeOs } from './upgradeOs';

/** A real control plane, on machines that may be busy. */
jest.setTimeout(600_000);

const device = 'pi-1';
const agent = 'pi-2';
const jobs = '/apis/operations.kubeedge.io/v1alpha2/nodeupgradejobs';
const requests = new AbortController();
let real: Cluster;
let transport: HttpClusterTransport;
let controllers: Awaited<ReturnType<typeof runControllers>>;
const edgeConsole = new EdgeConsole();

const cluster = () =>
  new ActingCluster('edge', transport, undefined, requests.signal);

/**
 * A real API server with the own definitions of KubeEdge and system-upgrade-controller. The simulator plays
 * cloudcore, the device and the controller, Kubernetes runs the Jobs.
 */
beforeAll(async () => {
  real = await startCluster({
    name: 'edge',
    kubeEdge: true,
    plans: true,
    nodes: [
      {
        name: device,
        labels: {
          'node-role.kubernetes.io/edge': '',
          'node-role.kubernetes.io/agent': '',
        },
      },
      { name: agent },
    ],
  });
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromFile(real.kubeconfigFile);
  const tls: https.AgentOptions = { keepAlive: true };
  await kubeConfig.applyToHTTPSOptions(tls);
  const { token } = kubeConfig.getCurrentUser() ?? {};
  transport = new HttpClusterTransport(async () => ({
    server: kubeConfig.getCurrentCluster()?.server ?? '',
    agent: new https.Agent(tls),
    headers: { Authorization: `Bearer ${token}` },
  }));
  controllers = await runControllers({
    kubeConfig,
    directory: tmpdir(),
    controllers: [],
    additional: ['kubeedge', 'systemupgrade'],
    kubeEdge: { console: edgeConsole },
    log: () => undefined,
  });
  await until(
    async () =>
      (await readNode({ cluster: cluster(), node: device }))?.ready === true,
  );
  const kubeletVersion = 'v1.32.10-kubeedge-v1.22.2';
  await cluster().patch(`${nodePath(device)}/status`, {
    status: { nodeInfo: { kubeletVersion } },
  });
});
afterAll(async () => {
  requests.abort();
  await controllers?.stop();
  transport?.close();
  await real?.stop();
});

it('upgrades EdgeCore by a job that the real definitions take, word for word', async () => {
  const executor = upgradeEdgeCore({
    image: 'kubeedge/installation-package',
    digests: { arm64: `sha256:${'0'.repeat(64)}` },
    checks: ['disk'],
    requireConfirmation: true,
    timeoutSeconds: 600,
  });
  const upgrading = await beginAction(executor, {
    cluster,
    node: device,
    parameters: { version: 'v1.23.1' },
  });
  await upgrading.unrecorded();
  const [job, ...more] = await cluster().list(jobs);
  expect(more).toEqual([]);
  // What a definition does not know would be gone.
  expect(recordIn(job, 'spec')).toEqual({
    version: 'v1.23.1',
    image: 'kubeedge/installation-package',
    imageDigestGatter: { arm64: `sha256:${'0'.repeat(64)}` },
    nodeNames: [device],
    concurrency: 1,
    failureTolerate: '0',
    timeoutSeconds: 600,
    checkItems: ['disk'],
    requireConfirmation: true,
  });
  edgeConsole.confirmUpgrade(
    textIn(recordIn(job, 'metadata'), 'uid') ?? '',
    device,
  );
  await expect(upgrading.end()).resolves.toMatchObject({
    state: 'succeeded',
    receipt: {
      evidence: [
        { seen: expect.stringContaining('-kubeedge-v1.23.1') },
        { object: expect.stringMatching(/^NodeUpgradeJob /) },
      ],
    },
  });
});

it('upgrades an operating system by a Plan that the real definition takes, word for word', async () => {
  const plans = '/apis/upgrade.cattle.io/v1/namespaces/default/plans';
  const upgrade = {
    image: 'registry.example/os-upgrade:1.4',
    command: ['chroot', '/host'],
    args: ['/usr/local/sbin/upgrade-os'],
  };
  const executor = upgradeOs([
    {
      name: 'norden',
      title: 'Norden OS',
      version: '26.11',
      expect: { osImage: 'Simulated OS 26.11', reboot: false },
      servers: false,
      namespace: 'default',
      serviceAccount: 'default',
      timeoutSeconds: 600,
      upgrade,
    },
  ]);
  const upgrading = await beginAction(executor, {
    cluster,
    node: agent,
    parameters: { upgrade: 'norden@26.11' },
  });
  await upgrading.unrecorded();
  const [plan, ...more] = await cluster().list(plans);
  expect(more).toEqual([]);
  expect(recordIn(plan, 'spec')).toEqual({
    concurrency: 1,
    nodeSelector: {
      matchExpressions: [
        { key: 'kubernetes.io/hostname', operator: 'In', values: [agent] },
      ],
    },
    version: '26.11',
    upgrade,
    serviceAccountName: 'default',
    tolerations: [{ operator: 'Exists' }],
    jobActiveDeadlineSecs: 600,
    cordon: true,
  });
  await expect(upgrading.end()).resolves.toMatchObject({
    state: 'succeeded',
    receipt: {
      evidence: [
        { seen: expect.stringContaining('before Debian GNU/Linux 12') },
        { object: expect.stringMatching(/^Plan default\//) },
      ],
    },
  });
  expect(await cluster().list(plans)).toEqual([]);
});

it('pins and unpins a real node', async () => {
  const holdOf = async () =>
    textIn(
      (await readNode({ cluster: cluster(), node: device }))?.annotations,
      'causeway.dev/hold',
    );
  const on = { cluster, node: device };
  await expect((await beginAction(pin, on)).end()).resolves.toMatchObject({
    state: 'succeeded',
  });
  expect(await holdOf()).toBeDefined();
  await (await beginAction(unpin, on)).end();
  expect(await holdOf()).toBeUndefined();
});
