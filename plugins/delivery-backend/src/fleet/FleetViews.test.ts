// SPDX-License-Identifier: Apache-2.0
import {
  usualLimits,
  type FleetDevicePage,
  type Pipeline,
} from '@causeway/plugin-delivery-common';
import { ApiDocument } from '../http/ApiDocument';
import { DeviceFleet } from './DeviceFleet';
import { FleetViews, type Answer, type DeviceRights } from './FleetViews';
import { GeneratedCluster } from './testing/GeneratedCluster';

jest.setTimeout(60_000);

const size = { devices: 40, clusters: 2, sites: 4 };
const everything: DeviceRights = { key: 'all', allows: () => true };
const service = 'component:default/belt';
const document = ApiDocument.load();
const stop = new AbortController();
let now = Date.parse('2026-07-01T12:00:00.000Z');
let fleet: DeviceFleet;
let clusters: readonly GeneratedCluster[];
let views: FleetViews;

const pipeline: Pipeline = {
  service,
  images: ['registry.example/service-1'],
  fleet: { repository: 'http://forge.example/fleet', branch: 'main' },
  stages: [
    {
      name: 'edge',
      title: 'Edge',
      kind: 'edge',
      after: [],
      promotion: 'manual',
      gates: [],
      targets: [
        {
          cluster: 'edge-0',
          path: 'services/belt',
          kustomization: { namespace: 'flux-system', name: 'belt' },
          workload: {
            kind: 'Deployment',
            namespace: 'edge',
            name: 'service-1',
          },
        },
      ],
    },
  ],
};

beforeAll(async () => {
  const clock = () => new Date(now);
  fleet = new DeviceFleet({
    clock,
    hardware: () => usualLimits,
    looksUntilSearch: 1,
  });
  clusters = Array.from(
    { length: size.clusters },
    (_, index) => new GeneratedCluster(size, index, clock),
  );
  for (const cluster of clusters) {
    for (const kind of fleet.join(cluster.host()).kinds) {
      void kind.follow(stop.signal);
    }
  }
  views = new FleetViews({
    fleet,
    pipelines: { list: () => [pipeline] },
    clock,
    run: 'test',
  });
  while (
    ![...fleet.entries()].some(({ lastSeen }) => lastSeen) ||
    fleet.size < 40
  ) {
    await look();
  }
});
afterAll(() => stop.abort());

async function look() {
  await new Promise(resolve => {
    setTimeout(resolve, 5);
  });
  await fleet.look();
}

/** What a reader gets, held against the OpenAPI document. */
async function read<View>(schema: string, asked: Answer<View>): Promise<View> {
  const answer = await asked;
  if (!answer) throw new Error('There is no such thing.');
  const sent: View = JSON.parse(JSON.stringify(answer.view));
  expect(document.validate(schema, sent)).toEqual([]);
  return sent;
}

it('is the same fleet in every view', async () => {
  const summary = await read('FleetSummary', views.summary(everything));
  expect(summary).toMatchObject({
    devices: 40,
    sites: 4,
    axes: { connectivity: { live: 40 }, update: { upToDate: 40 } },
    incidents: [],
  });
  const { columns } = await read('FleetSites', views.sites({}, everything));
  expect(columns.devices).toEqual([10, 10, 10, 10]);
  const [site] = columns.id;
  const [cluster, name] = site.split('/');
  const page = await read(
    'FleetDevicePage',
    views.devices({ site: [site] }, { sort: 'name', limit: 7 }, everything),
  );
  expect(page).toMatchObject({ total: 10, nextCursor: expect.any(String) });
  const told = await read('FleetSite', views.site(name, cluster, everything));
  expect(told).toMatchObject({ devices: 10, clusters: [cluster] });
  const device = await read(
    'FleetDevice',
    views.device(cluster, page.items[0].name, everything),
  );
  expect(device.workloads).toHaveLength(4);
  expect(device.workloads[0]).toMatchObject({
    state: 'running',
    kind: 'DaemonSet',
  });
});

it('tells where a service runs, by the edge stages of its pipeline', async () => {
  const view = await read('FleetService', views.service(service, everything));
  expect(view).toMatchObject({
    devices: 20,
    away: 0,
    versions: [{ version: '1.0.1', devices: 20 }],
  });
  expect(view.sites.map(({ cluster }) => cluster)).toEqual([
    'edge-0',
    'edge-0',
  ]);
  const other = await read(
    'FleetService',
    views.service('component:default/other', everything),
  );
  expect(other.devices).toBe(0);
});

it('shows only what somebody may see, counts and sites included', async () => {
  const some: DeviceRights = {
    key: 'edge-0',
    allows: ({ cluster }) => cluster === 'edge-0',
  };
  const summary = await read('FleetSummary', views.summary(some));
  expect(summary).toMatchObject({ devices: 20, sites: 2 });
  expect(summary.clusters.map(({ name }) => name)).toEqual(['edge-0']);
  const hidden = views.device('edge-1', 'device-1-0', some);
  await expect(hidden).resolves.toBeUndefined();
  await expect(views.site('site-2', undefined, some)).resolves.toBeUndefined();
});

it('has nothing new to tell for heartbeats, however long they go on', async () => {
  const question = { sort: 'name' as const, limit: 15 };
  const tags = async () => {
    const answers = [
      views.summary(everything),
      views.sites({}, everything),
      views.devices({}, question, everything),
      views.device('edge-0', 'device-0-0', everything),
      views.site('site-0', undefined, everything),
      views.service(service, everything),
    ];
    return Promise.all(answers.map(async asked => (await asked)?.etag));
  };
  const before = await tags();
  for (const _ of Array.from({ length: 12 })) {
    now += 10_000;
    clusters.forEach(cluster => cluster.beat(1));
    await look();
  }
  const later = views.device('edge-0', 'device-0-0', everything);
  const { lastSeen, readAt } = await read('FleetDevice', later);
  expect(Date.parse(readAt) - Date.parse(lastSeen ?? '')).toBeLessThan(30_000);
  expect(await tags()).toEqual(before);

  fleet.report(
    'edge-0',
    new Map([
      [
        'device-0-0',
        {
          readings: {
            temperature: {
              value: 55,
              unit: '°C',
              at: new Date(now).toISOString(),
              source: 'test',
            },
          },
        },
      ],
    ]),
  );
  now += 16_000;
  clusters.forEach(cluster => cluster.beat(1));
  await look();
  const after = await tags();
  expect(after.map((tag, index) => tag === before[index])).toEqual([
    true,
    true,
    false,
    false,
    true,
    true,
  ]);
});

it('lets pages go on while devices change', async () => {
  const question = { sort: 'name' as const, limit: 15 };
  const begun = await read(
    'FleetDevicePage',
    views.devices({}, question, everything),
  );
  now += 41_000;
  clusters[0].beat(1);
  await look();
  while (
    [...fleet.entries()].filter(({ connectivity }) => connectivity === 'stale')
      .length < 20
  ) {
    await look();
  }
  const ids = begun.items.map(({ id }) => id);
  let cursor = begun.nextCursor;
  while (cursor !== undefined) {
    const page: FleetDevicePage = await read(
      'FleetDevicePage',
      views.devices({}, { ...question, cursor }, everything),
    );
    ids.push(...page.items.map(({ id }) => id));
    cursor = page.nextCursor;
  }
  expect(new Set(ids).size).toBe(40);
  expect(ids).toHaveLength(40);
  const { incidents, axes } = await read(
    'FleetSummary',
    views.summary(everything),
  );
  expect(axes.connectivity).toMatchObject({ live: 20, stale: 20 });
  expect(incidents).toEqual([
    expect.objectContaining({
      kind: 'devices',
      cluster: 'edge-1',
      devices: 20,
    }),
  ]);
});
