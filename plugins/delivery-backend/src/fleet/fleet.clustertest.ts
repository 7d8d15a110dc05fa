// SPDX-License-Identifier: Apache-2.0
import {
  usualLimits,
  type DeviceRecord,
} from '@causeway/plugin-delivery-common';
import { startCluster, type Cluster } from '@causeway/test-cluster';
import {
  CoordinationV1Api,
  CoreV1Api,
  KubeConfig,
  setHeaderOptions,
  V1MicroTime,
} from '@kubernetes/client-node';
import { deviceView } from './deviceViews';
import { TwinCluster } from './__testUtils__/TwinCluster';
import { editTwin } from './TwinEditor';
import { WatchedFleet } from './__testUtils__/WatchedFleet';

/** Real control planes, on machines that may be busy. */
jest.setTimeout(600_000);

/** A real cluster waits so many seconds for a node; kwok gives its leases the same duration. */
const grace = 8;
const device = {
  'node-role.kubernetes.io/edge': '',
  'node-role.kubernetes.io/agent': '',
};
const at = (site: string) => ({ ...device, 'causeway.dev/site': site });
/** Those at Tromsø stay as they are, so that never half of the cluster is away. */
const nodes = [
  'oslo',
  'oslo',
  'bergen',
  'bergen',
  'tromso',
  'tromso',
  'tromso',
].map((site, index) => ({ name: `pi-0${index + 1}`, labels: at(site) }));

/** One test for each line of the matrix that concerns what the fleet tells, on real control planes. */
describe('the fleet on real control planes', () => {
  const clusters: Record<string, Cluster> = {};
  let watched: WatchedFleet;

  /** How the stories ended that take their time. */
  const told = new Map<string, Promise<void>>();

  const find = (cluster: string, name: string) =>
    watched.fleet.find(cluster, name);
  const stateOf = (entry: DeviceRecord | undefined) =>
    entry?.axes.connectivity.state;

  function configOf(cluster: string): KubeConfig {
    const config = new KubeConfig();
    config.loadFromFile(clusters[cluster].kubeconfigFile);
    return config;
  }

  const core = (cluster: string) => configOf(cluster).makeApiClient(CoreV1Api);

  function patchNode(cluster: string, name: string, body: object) {
    return core(cluster).patchNode(
      { name, body },
      setHeaderOptions('Content-Type', 'application/merge-patch+json'),
    );
  }

  /** kwok lets go of a node without the label: its lease is renewed no more. */
  const silence = (cluster: string, name: string, type: string | null) =>
    patchNode(cluster, name, { metadata: { labels: { type } } });

  async function goesOffline(): Promise<void> {
    await silence('north', 'pi-01', null);
    const seen: string[] = [];
    await watched.until(() => {
      const state = stateOf(find('north', 'pi-01')) ?? 'gone';
      if (seen.at(-1) !== state) seen.push(state);
      return state === 'offline';
    });
    expect(seen.filter(state => state !== 'live')).toEqual([
      'stale',
      'offline',
    ]);
    const entry = find('north', 'pi-01');
    const { since } = entry?.axes.connectivity ?? {};
    expect(Date.parse(since ?? '')).toBe(entry?.lastSeen);
    expect(Date.now() - (entry?.lastSeen ?? 0)).toBeGreaterThan(
      3 * grace * 1000,
    );
    expect(stateOf(find('south', 'pi-01'))).toBe('live');
    const { spec, status } = await core('north').readNode({ name: 'pi-01' });
    expect(spec?.taints?.map(({ key }) => key)).toContain(
      'node.kubernetes.io/unreachable',
    );
    expect(
      status?.conditions?.find(({ type }) => type === 'Ready')?.status,
    ).toBe('Unknown');
    await silence('north', 'pi-01', 'kwok');
    await watched.until(() => stateOf(find('north', 'pi-01')) === 'live');
  }

  async function losesHalfASite(): Promise<void> {
    const lost = ['pi-03', 'pi-04'];
    await Promise.all(lost.map(name => silence('north', name, null)));
    await watched.until(() => watched.fleet.incidents.length > 0);
    await watched.until(() =>
      lost.every(name => find('north', name)?.incident !== undefined),
    );
    expect(watched.fleet.incidents).toEqual([
      expect.objectContaining({ cluster: 'north', devices: 2 }),
    ]);
    await Promise.all(lost.map(name => silence('north', name, 'kwok')));
    await watched.until(
      () =>
        watched.fleet.incidents.length === 0 &&
        lost.every(name => stateOf(find('north', name)) === 'live'),
    );
  }

  async function hasAWrongClock(seconds: number): Promise<void> {
    const name = seconds < 0 ? 'slow' : 'fast';
    await core('south').createNode({
      body: { metadata: { name, labels: at(name) } },
    });
    const leases = configOf('south').makeApiClient(CoordinationV1Api);
    const place = { name, namespace: 'kube-node-lease' };
    const renewTime = () =>
      new V1MicroTime(new Date(Date.now() + seconds * 1000));
    await leases.createNamespacedLease({
      namespace: place.namespace,
      body: {
        metadata: place,
        spec: { leaseDurationSeconds: 5, renewTime: renewTime() },
      },
    });
    const begun = Date.now();
    await watched.until(async () => {
      const lease = await leases.readNamespacedLease(place);
      await leases.replaceNamespacedLease({
        ...place,
        body: { ...lease, spec: { ...lease.spec, renewTime: renewTime() } },
      });
      return stateOf(find('south', name)) === 'live';
    });
    await watched.until(() => stateOf(find('south', name)) === 'stale');
    const { lastSeen = 0 } = find('south', name) ?? {};
    expect(lastSeen).toBeGreaterThanOrEqual(begun);
    expect(lastSeen).toBeLessThanOrEqual(Date.now());
    await core('south').deleteNode({ name });
    await watched.until(() => find('south', name) === undefined);
  }

  const stories = {
    'offline: a lease that stops makes stale, then offline, since it was heard last':
      goesOffline,
    'half a site lost (zone rule): it is one incident of the site, and ends':
      losesHalfASite,
    'clock skew ±10 min: a device whose clock is -600 s wrong is heard by ours':
      () => hasAWrongClock(-600),
    'clock skew ±10 min: a device whose clock is 600 s wrong is heard by ours':
      () => hasAWrongClock(600),
  };

  beforeAll(async () => {
    await Promise.all(
      ['north', 'south'].map(async name => {
        clusters[name] = await startCluster({
          name,
          nodes: name === 'north' ? nodes : nodes.slice(0, 1),
          nodeMonitorGracePeriod: grace,
          kubeEdge: name === 'north',
        });
      }),
    );
    watched = WatchedFleet.start(
      Object.values(clusters).map(({ name, url, token, caFile }) => ({
        name,
        url,
        token,
        caFile,
      })),
      { clock: () => new Date(), interval: 100, hardware: () => usualLimits },
    );
    const known = () => [...watched.fleet.entries()];
    await watched.until(
      () =>
        known().length === nodes.length + 1 &&
        known().every(entry => stateOf(entry) === 'live'),
    );
    // Each is about devices of its own, so none has to wait for another.
    for (const [name, tell] of Object.entries(stories)) {
      const story = tell();
      // Its own test says how it failed.
      story.catch(() => undefined);
      told.set(name, story);
    }
  });
  afterAll(async () => {
    await watched?.stop();
    await Promise.all(Object.values(clusters).map(cluster => cluster.stop()));
  });

  it.each(Object.keys(stories))('%s', async name => {
    expect(await told.get(name)).toBeUndefined();
  });

  it('duplicate site: nodes and sites of the same name in two clusters are two', () => {
    expect(find('north', 'pi-01')?.id).toBe('north/pi-01');
    expect(find('south', 'pi-01')?.id).toBe('south/pi-01');
    expect(find('north', 'pi-01')?.site).toBe(find('south', 'pi-01')?.site);
  });

  it('pinned and held device: a cordon, a quarantine and a hold are three facts', async () => {
    await patchNode('north', 'pi-02', {
      metadata: { annotations: { 'causeway.dev/hold': 'stock-taking' } },
      spec: { unschedulable: true },
    });
    await watched.until(
      () => find('north', 'pi-02')?.axes.isolation.state === 'cordoned',
    );
    expect(find('north', 'pi-02')?.axes).toMatchObject({
      hold: { state: 'operator', reason: { message: 'stock-taking' } },
      connectivity: { state: 'live' },
    });
    const { spec } = await core('north').readNode({ name: 'pi-02' });
    const quarantine = {
      key: 'causeway.dev/quarantine',
      value: 'smoke',
      effect: 'NoExecute',
    };
    await patchNode('north', 'pi-02', {
      spec: { taints: [...(spec?.taints ?? []), quarantine] },
    });
    await watched.until(
      () => find('north', 'pi-02')?.axes.isolation.state === 'quarantined',
    );
  });

  it('node deleted and back: it goes at once, and is found again', async () => {
    const before = await core('south').readNode({ name: 'pi-01' });
    await core('south').deleteNode({ name: 'pi-01' });
    await watched.until(() => find('south', 'pi-01') === undefined);
    expect(find('north', 'pi-01')).toBeDefined();
    await core('south').createNode({
      body: {
        metadata: { name: 'pi-01', labels: before.metadata?.labels },
      },
    });
    await watched.until(() => stateOf(find('south', 'pi-01')) === 'live');
  });

  it('1.23 twins: they are read and set by the real definitions of KubeEdge', async () => {
    const { url, token, caFile } = clusters.north;
    const lamp = await TwinCluster.fill(
      'deviceStatus',
      { url, token, caFile },
      async () => undefined,
      [],
    );
    const twin = () => {
      const cluster = watched.fleet
        .clusters()
        .find(({ name }) => name === 'north');
      const entry = find('north', 'pi-1');
      if (!cluster || !entry) return undefined;
      return deviceView(entry, {
        revision: '1',
        readAt: new Date().toISOString(),
        cluster,
        incidents: [],
        history: { changes: [] },
        twinChanges: [],
        now: new Date(),
      }).twins.find(({ name }) => name === 'lamp-1');
    };
    const brightness = () =>
      twin()?.properties.find(({ name }) => name === 'brightness');
    await lamp.report({ brightness: { observed: '50', reported: '50' } });
    await watched.until(() => brightness()?.drift === 'none');
    expect(brightness()).toMatchObject({ minimum: '0', maximum: '100' });
    const acting = watched.clusters.actOn(
      'north',
      { actor: 'user:default/ines' },
      new AbortController().signal,
    );
    if (!acting) throw new Error('There is no such cluster.');
    const edit = (value: string) =>
      editTwin(
        {
          cluster: 'north',
          node: 'pi-1',
          namespace: 'boards',
          device: 'lamp-1',
          wishes: [{ property: 'brightness', value, was: '50' }],
          dryRun: false,
          actor: 'user:default/ines',
          reason: 'Too bright',
        },
        acting,
        () => new Date(),
      );
    expect(await edit('101')).toMatchObject({ kind: 'refused' });
    expect(await edit('20')).toMatchObject({ kind: 'done' });
    await watched.until(() => brightness()?.drift === 'notDelivered');
    expect(await lamp.desired('brightness')).toBe('20');
    expect(await edit('30')).toMatchObject({
      kind: 'refused',
      refusals: [{ code: 'changedMeanwhile' }],
    });
    await lamp.stop();
  });
});
