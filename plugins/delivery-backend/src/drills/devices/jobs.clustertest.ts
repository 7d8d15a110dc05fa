// SPDX-License-Identifier: Apache-2.0
import { usualLimits } from '@causeway/plugin-delivery-common';
import { startCluster, type Cluster } from '@causeway/test-cluster';
import { CoreV1Api, KubeConfig, type V1Pod } from '@kubernetes/client-node';
import { WatchedFleet } from '../../fleet/__testUtils__/WatchedFleet';
import type { FaultOrder } from '../DrillExecutor';
import { JobFaults } from './JobFaults';

/** A real control plane, on machines that may be busy. */
jest.setTimeout(600_000);

const name = 'edge-north';
const node = 'bench-1';
const open = 'drills';
const closed = 'restricted';
const { signal } = new AbortController();
let cluster: Cluster;
let core: CoreV1Api;
let watched: WatchedFleet;

beforeAll(async () => {
  cluster = await startCluster({ name, nodes: [{ name: node }] });
  const config = new KubeConfig();
  config.loadFromFile(cluster.kubeconfigFile);
  core = config.makeApiClient(CoreV1Api);
  for (const [namespace, level] of [
    [open, 'privileged'],
    [closed, 'restricted'],
  ]) {
    const labels = { 'pod-security.kubernetes.io/enforce': level };
    await core.createNamespace({
      body: { metadata: { name: namespace, labels } },
    });
  }
  const { url, token, caFile } = cluster;
  watched = WatchedFleet.start([{ name, url, token, caFile }], {
    clock: () => new Date(),
    interval: 100,
    hardware: () => usualLimits,
  });
  await watched.until(() => watched.clusters.list().length > 0);
});
afterAll(async () => {
  await watched?.stop();
  await cluster?.stop();
});

const faultsIn = (namespace: string) =>
  new JobFaults({
    config: {
      clusters: [name],
      namespace,
      image: 'drill:1',
      start: 90,
      lead: 20,
      grace: 120,
    },
    clock: () => new Date(),
    actOn: watched.clusters.actOn.bind(watched.clusters),
  });
const order = (drill: string): FaultOrder => ({
  drill,
  fault: 'storageFull',
  devices: [{ id: `${name}/${node}`, cluster: name, name: node }],
  targets: [],
  duration: 60_000,
  requestedAt: new Date().toISOString(),
});
const podsIn = async (namespace: string): Promise<readonly V1Pod[]> =>
  (await core.listNamespacedPod({ namespace })).items;

it('begins and ends a fault by Jobs that a real API server and its controllers take', async () => {
  const faults = faultsIn(open);
  await watched.until(() =>
    faults.begin(order('one'), signal).then(
      () => true,
      () => false,
    ),
  );
  const [pod] = await podsIn(open);
  // Of a system pod, which a kubelet takes while its storage is full.
  expect(pod.spec).toMatchObject({
    nodeName: node,
    priority: 2_000_001_000,
    hostPID: true,
    hostNetwork: true,
    containers: [{ securityContext: { privileged: true } }],
  });
  expect(pod.spec?.containers[0].env).toContainEqual({
    name: 'HOLD',
    value: '180',
  });
  await watched.until(() =>
    faults.end(order('one'), signal).then(
      ({ at }) => at !== undefined,
      () => false,
    ),
  );
  expect(await podsIn(open)).toHaveLength(2);
});

it('says when a namespace admits no privileged pods', async () => {
  const faults = faultsIn(closed);
  await watched.until(async () => {
    const told = await faults.begin(order('two'), signal).catch(String);
    return String(told).includes('its namespace must allow privileged ones');
  });
  expect(await podsIn(closed)).toEqual([]);
});
