// SPDX-License-Identifier: Apache-2.0
import {
  usualLimits,
  type Promotion,
  type Release,
} from '@causeway/plugin-delivery-common';
import { kubeEdgeDefinitions } from '@causeway/simulator';
import {
  startSimulatedEdge,
  type SimulatedEdge,
} from '../clusters/__testUtils__/simulatedEdge';
import type { ObservedPull, PullKind } from '../fleet/trimPulls';
import { WatchedFleet } from '../fleet/__testUtils__/WatchedFleet';
import { aRelease, aTarget } from '../promotions/__fixtures__/parcelVision';
import { silentLogger } from '../testing/silentLogger';
import { ImagePulls } from './ImagePulls';

/** A real server and controllers, on machines that may be busy. */
jest.setTimeout(240_000);

const pi = 'oslo-pi-01';
const jetson = 'oslo-jetson-01';
const target = {
  ...aTarget('edge'),
  workload: { kind: 'DaemonSet', namespace: 'default', name: 'belt' } as const,
};
const good = aRelease(1);
const [image] = good.images;

/** The same with a tag that no registry has. */
const missing: Release = {
  ...good,
  images: [{ ...image, tag: `${image.tag}-missing` }],
};

let edge: SimulatedEdge;
let watched: WatchedFleet;

const create = (object: object) =>
  edge.admin.create(object as Parameters<typeof edge.admin.create>[0]);

/** The DaemonSet that brings a release; no node runs it here. */
function daemonSet({ images }: Release) {
  const [{ name, tag, digest }] = images;
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { namespace: 'default', name: 'belt' },
    spec: {
      selector: { matchLabels: { app: 'belt' } },
      template: {
        metadata: { labels: { app: 'belt' } },
        spec: {
          nodeSelector: { runs: 'belt' },
          containers: [{ name: 'belt', image: `${name}:${tag}@${digest}` }],
        },
      },
    },
  };
}

beforeAll(async () => {
  edge = await startSimulatedEdge({
    definitions: kubeEdgeDefinitions('deviceStatus'),
    nodes: [pi, jetson].map(name => ({
      name,
      labels: { 'node-role.kubernetes.io/edge': '' },
    })),
    controllers: {
      controllers: ['daemonset', 'kubelet', 'node'],
      additional: ['kubeedge'],
      podTimes: { start: 20, stop: 20, complete: 50 },
    },
    podAnswers: (_, __, { path }) =>
      path === '/busy' ? { code: 503, text: 'busy' } : undefined,
  });
  await create(daemonSet(good));
  watched = WatchedFleet.start([edge.configured], {
    clock: () => new Date(),
    interval: 100,
    hardware: () => usualLimits,
  });
  await watched.until(
    () =>
      watched.fleet.clusters()[0]?.takesPullJobs && watched.fleet.size === 2,
  );
});
afterAll(async () => {
  await watched?.stop();
  await edge?.stop();
});

/** A pull of a release to a node, as far as it gets. */
async function pull(release: Release, node: string, by: PullKind) {
  const [cluster] = watched.fleet.clusters();
  const promotion = {
    id: 'promotion-1',
    release,
    declaration: { targets: [target], images: [image.name] },
  } as object as Promotion;
  const pulls = new ImagePulls({
    actOn: (...call) => watched.clusters.actOn(...call),
    logger: silentLogger,
  });
  const settle = (wanted: Partial<Parameters<ImagePulls['settle']>[0]>) =>
    pulls.settle(
      { make: [], remove: [], ...wanted },
      promotion,
      new AbortController().signal,
    );
  const make = [
    { device: `edge/${node}`, target, node, by, name: `causeway-pull-${node}` },
  ];
  await settle({ make });
  await settle({ make });
  const states = new Set<ObservedPull['state']>();
  await watched.until(() => {
    const found = cluster.pullsOn(node);
    for (const { state } of found) states.add(state);
    return found.some(({ state }) => state === 'present' || state === 'failed');
  });
  const found = cluster.pullsOn(node);
  expect(found).toHaveLength(1);
  expect(cluster.podsOn(node)).toEqual([]);
  await settle({
    remove: found.map(each => ({ cluster: 'edge', pull: each })),
  });
  await watched.until(() => cluster.pullsOn(node).length === 0);
  return found[0];
}

it('brings an image by a pod, which is no pod of the device', async () => {
  await expect(pull(good, pi, 'Pod')).resolves.toMatchObject({
    kind: 'Pod',
    promotion: 'promotion-1',
    state: 'present',
  });
});

it('brings an image by a job of KubeEdge, and says why another does not come', async () => {
  await expect(pull(good, jetson, 'ImagePrePullJob')).resolves.toMatchObject({
    kind: 'ImagePrePullJob',
    state: 'present',
  });
  await edge.admin.replace({
    ...(await edge.admin.read(daemonSet(good))),
    ...daemonSet(missing),
  });
  await expect(pull(missing, jetson, 'ImagePrePullJob')).resolves.toMatchObject(
    {
      state: 'failed',
      reason: expect.stringContaining('not found'),
    },
  );
});

it('asks a pod by the API server, and takes only what the pod says for an answer', async () => {
  const place = '/api/v1/namespaces/default/pods';
  await create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'default', name: 'belt-x2x4z' },
    spec: { nodeName: pi, containers: [{ name: 'belt', image: 'belt:1' }] },
  });
  const cluster = watched.clusters.actOn(
    'edge',
    { actor: 'user:default/ines' },
    new AbortController().signal,
  )!;
  const ask = (pod: string, path: string, within = 10_000) =>
    cluster.status(`${place}/http:${pod}:8080/proxy${path}`, within);
  await watched.until(
    async () => (await ask('belt-x2x4z', '/').catch(() => 0)) === 200,
  );
  await expect(ask('belt-x2x4z', '/busy')).resolves.toBe(503);
  await expect(ask('belt-none', '/')).rejects.toThrow('not found');
  await create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'default', name: 'belt-unbound' },
    spec: { containers: [{ name: 'belt', image: 'belt:1' }] },
  });
  await expect(ask('belt-unbound', '/')).rejects.toThrow('trying to reach');
  const { id } = await edge.faults.add({ kind: 'hang', verbs: ['get'] });
  await expect(ask('belt-x2x4z', '/', 200)).rejects.toThrow('did not answer');
  await edge.faults.remove(id);
});
