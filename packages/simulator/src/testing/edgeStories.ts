// SPDX-License-Identifier: Apache-2.0
import {
  deviceModels,
  devices,
  deviceStatuses,
} from '../controllers/kubeedge/deviceObjects';
import { kubeletVersionOf } from '../controllers/kubeedge/edgeNodes';
import { edgeApplications } from '../controllers/kubeedge/edgeApplicationObjects';
import {
  EdgeJobStatus,
  imagePrePullJobs,
  nodeUpgradeJobs,
} from '../controllers/kubeedge/jobObjects';
import {
  belongingLabel,
  nodeGroups,
  zoneLabel,
} from '../controllers/kubeedge/nodeGroupObjects';
import { conditionOf } from '../controllers/runtime/resources';
import { planLabel, plans } from '../controllers/systemUpgrade/planObjects';
import { deployments, nodes, pods } from '../controllers/workloads/workloads';
import { edgeNodes, EdgeStage } from './EdgeStage';

const [first, second] = edgeNodes;
const namespace = 'default';

const phasesOf = (status: EdgeJobStatus | undefined) =>
  status?.nodeStatus?.map(({ nodeName, phase }) => `${nodeName} ${phase}`);

async function nodeGroup({ cluster }: EdgeStage): Promise<void> {
  const { client, until } = cluster;
  await client.create(nodeGroups, undefined, {
    metadata: { name: 'malmo' },
    spec: { matchLabels: { site: 'malmo' }, topologyEnabled: true },
  });
  const { status } = await until(nodeGroups, { name: 'malmo' }, group =>
    Boolean(
      group.status?.nodeStatuses?.length === 2 &&
        group.status.nodeStatuses.every(one => one.readyStatus === 'Ready'),
    ),
  );
  expect(status?.nodeStatuses?.map(one => one.selectionStatus)).toEqual([
    'Succeeded',
    'Succeeded',
  ]);
  const labelled = await until(nodes, { name: first }, ({ metadata }) =>
    Boolean(metadata.labels?.[belongingLabel]),
  );
  expect(labelled.metadata.labels).toMatchObject({
    [belongingLabel]: 'malmo',
    [zoneLabel]: 'malmo',
  });
  await client.delete(nodeGroups, { name: 'malmo' });
  const freed = await until(
    nodes,
    { name: first },
    ({ metadata }) => metadata.labels?.[belongingLabel] === undefined,
  );
  expect(freed.metadata.labels?.[zoneLabel]).toBeUndefined();
}

async function twins({ cluster }: EdgeStage): Promise<void> {
  const { client, until } = cluster;
  const name = { namespace, name: 'belt' };
  const wish = (value: string) => ({
    properties: [{ name: 'speed', reportCycle: 5_000, desired: { value } }],
  });
  const reported = (value: string) =>
    until(
      deviceStatuses,
      name,
      ({ status }) => status?.twins?.[0].reported?.value === value,
    );
  await client.create(deviceModels, namespace, {
    metadata: { name: 'belt' },
    spec: {
      properties: [{ name: 'speed', type: 'INT', accessMode: 'ReadWrite' }],
    },
  });
  const device = await client.create(devices, namespace, {
    metadata: name,
    spec: {
      deviceModelRef: { name: 'belt' },
      nodeName: first,
      ...wish('3'),
    },
  });
  const { metadata, status } = await reported('3');
  expect(status?.state).toBe('online');
  expect(metadata.ownerReferences?.[0].uid).toBe(device.metadata.uid);
  await client.patch(devices, name, { spec: wish('5') });
  const later = await reported('5');
  expect(later.status?.twins?.[0].observedDesired?.value).toBe('5');
}

async function upgrade({ cluster, console }: EdgeStage): Promise<void> {
  const { client, until } = cluster;
  const name = { name: 'upgrade' };
  const { metadata } = await client.create(nodeUpgradeJobs, undefined, {
    metadata: name,
    spec: {
      version: 'v1.23.1',
      nodeNames: [...edgeNodes],
      checkItems: ['disk'],
      timeoutSeconds: 300,
      requireConfirmation: true,
    },
  });
  const started = await until(nodeUpgradeJobs, name, ({ status }) =>
    Boolean(status?.nodeStatus?.[0].actionFlow),
  );
  expect(phasesOf(started.status)).toEqual([
    `${first} InProgress`,
    `${second} Pending`,
  ]);
  for (const node of edgeNodes) console.confirmUpgrade(metadata.uid, node);
  const { status } = await until(
    nodeUpgradeJobs,
    name,
    job => job.status?.phase === 'Completed',
  );
  expect(
    status?.nodeStatus?.map(({ currentVersion, actionFlow }) => [
      currentVersion,
      actionFlow?.map(({ action }) => action).join(),
    ]),
  ).toEqual(
    edgeNodes.map(() => [
      'v1.23.1',
      'Check,WaitingConfirmation,BackUp,Upgrade',
    ]),
  );
  const node = await client.get(nodes, { name: second });
  expect(kubeletVersionOf(node)).toMatch(/-kubeedge-v1\.23\.1$/);
}

async function prePull({ cluster }: EdgeStage): Promise<void> {
  const { client, until } = cluster;
  const pull = async (name: string, image: string) => {
    await client.create(imagePrePullJobs, undefined, {
      metadata: { name },
      spec: {
        imagePrePullTemplate: {
          images: [image],
          labelSelector: { matchLabels: { site: 'malmo' } },
          concurrency: 2,
          timeoutSeconds: 300,
        },
      },
    });
    const { status } = await until(imagePrePullJobs, { name }, job =>
      ['Completed', 'Failure'].includes(job.status?.phase ?? ''),
    );
    return status;
  };
  const good = await pull('good', 'ex/vision:1.2.0');
  expect(good?.phase).toBe('Completed');
  expect(good?.nodeStatus?.[1].imageStatus).toEqual([
    { image: 'ex/vision:1.2.0', status: 'True' },
  ]);
  const bad = await pull('bad', 'ex/vision:1.2.0-missing');
  expect(bad?.phase).toBe('Failure');
  expect(bad?.nodeStatus?.[0].imageStatus?.[0].status).toBe('False');
}

async function systemUpgrade({ cluster }: EdgeStage): Promise<void> {
  const { client, until } = cluster;
  const labels = { app: 'vision' };
  await client.create(deployments, namespace, {
    metadata: { name: 'vision' },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: 'c', image: 'ex/vision:1' }] },
      },
    },
  });
  await until(
    deployments,
    { namespace, name: 'vision' },
    ({ status }) => status?.availableReplicas === 2,
  );
  const closed: string[] = [];
  await cluster.record(nodes, ({ metadata, spec }) => {
    if (spec?.unschedulable && closed.at(-1) !== metadata.name)
      closed.push(metadata.name);
  });
  const moved: string[] = [];
  await cluster.record(pods, ({ metadata, spec }) => {
    if (metadata.labels?.app && metadata.deletionTimestamp && spec.nodeName)
      moved.push(spec.nodeName);
  });
  const name = { namespace, name: 'os' };
  await client.create(plans, namespace, {
    metadata: name,
    spec: {
      concurrency: 1,
      nodeSelector: { matchLabels: { site: 'malmo' } },
      version: 'v2',
      upgrade: { image: 'ex/os' },
      drain: { ignoreDaemonSets: true, gracePeriod: 1 },
    },
  });
  const { status } = await until(
    plans,
    name,
    plan => conditionOf(plan.status?.conditions, 'Complete')?.status === 'True',
  );
  expect(status?.latestVersion).toBe('v2');
  expect(status?.applying ?? []).toEqual([]);
  // One after the other, and each emptied before.
  expect([...closed].sort()).toEqual([first, second]);
  expect(moved).toContain(closed[1]);
  for (const node of edgeNodes) {
    const { metadata, spec } = await until(
      nodes,
      { name: node },
      one => one.spec?.unschedulable !== true,
    );
    expect(metadata.labels?.[planLabel('os')]).toBe(status?.latestHash);
    expect(spec?.unschedulable ?? false).toBe(false);
  }
}

async function edgeApplication({ cluster }: EdgeStage): Promise<void> {
  const { client, until } = cluster;
  const image = 'ex/belt';
  const digest = `sha256:${'b'.repeat(64)}`;
  await client.create(nodeGroups, undefined, {
    metadata: { name: 'first' },
    spec: { nodes: [first] },
  });
  const labels = { app: 'belt' };
  const scope = (value: string) => ({
    targetNodeGroups: [
      {
        name: 'first',
        overriders: {
          imageOverriders: [{ component: 'Tag', operator: 'replace', value }],
        },
      },
    ],
  });
  const name = { namespace, name: 'belts' };
  await client.create(edgeApplications, namespace, {
    metadata: name,
    spec: {
      workloadTemplate: {
        manifests: [
          {
            apiVersion: 'apps/v1',
            kind: 'Deployment',
            metadata: { namespace, name: 'belt' },
            spec: {
              selector: { matchLabels: labels },
              template: {
                metadata: { labels },
                spec: { containers: [{ name: 'main', image: `${image}:1` }] },
              },
            },
          },
        ],
      },
      workloadScope: scope('2'),
    },
  });
  const runs = (wanted: string) =>
    until(deployments, { namespace, name: 'belt-first' }, ({ spec, status }) =>
      Boolean(
        spec.template.spec.containers[0].image === wanted &&
          status?.readyReplicas === 1,
      ),
    );
  const { spec } = await runs(`${image}:2`);
  expect(spec.template.spec.nodeSelector).toEqual({
    [belongingLabel]: 'first',
  });
  await client.patch(edgeApplications, name, {
    spec: { workloadScope: scope(digest) },
  });
  await runs(`${image}@${digest}`);
  const { status } = await until(edgeApplications, name, one =>
    Boolean(one.status?.workloadStatus?.[0]?.conditions === 'Available'),
  );
  expect(status?.workloadStatus?.map(each => each.identifier.name)).toEqual([
    'belt-first',
  ]);
  await client.delete(edgeApplications, name);
  await client.delete(nodeGroups, { name: 'first' });
}

/** What KubeEdge and system-upgrade-controller are seen to do, on any cluster with the edge nodes of a stage. */
export const edgeStories = {
  'labels the members of a node group, and lets them go': nodeGroup,
  'runs in a node group exactly the digest that its override says':
    edgeApplication,
  'hands wishes to devices and reports what they say': twins,
  'upgrades one node after the other, as people agree there': upgrade,
  'fetches images ahead, and says which are missing': prePull,
  'empties and upgrades one node after the other by a plan': systemUpgrade,
} as const;
