// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigReader } from '@backstage/config';
import {
  countAxes,
  parseInventory,
  siteColumns,
} from '@causeway/plugin-delivery-common';
import {
  acceleratedScheduler,
  startWorld,
  type World,
} from '@causeway/simulator';
import { silentLogger } from '../testing/silentLogger';
import { prometheusSources } from '../monitoring/createCanaryMetrics';
import { defaultPrometheusLimits } from '../monitoring/PrometheusClient';
import { deviceView } from './deviceViews';
import { FleetTelemetry } from './FleetTelemetry';
import { readDeviceConfig } from './readDeviceConfig';
import { WatchedFleet } from './__testUtils__/WatchedFleet';

/** A whole world, on machines that may be busy. */
jest.setTimeout(900_000);

/** Devices at sites of the edge, and those of the laboratory. */
const production = 8;
const all = production + 3;

/**
 * The demo's world with its devices, as a portal sees them over HTTP: nodes and leases of every edge
 * cluster, their exporters, and KubeEdge's objects. Time runs ten times as fast.
 */
let world: World;
let directory: string;
let watched: WatchedFleet;
let telemetry: FleetTelemetry;
const scheduler = acceleratedScheduler(10);
const edge = ['edge-staging', 'edge-production'] as const;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'causeway-fleet-'));
  world = await startWorld({
    dataDirectory: directory,
    secrets: { clusterToken: 'token-of-a-test', forgePassword: 'password' },
    scheduler,
    only: ['cloud-staging', ...edge],
    devices: production,
    sites: 3,
    deviceManagement: 'kubeedge',
    edgePlatform: 'kubeedge',
    ciDuration: 0,
    podTimes: { start: 200, stop: 100 },
    patience: 600_000,
    log: () => undefined,
  });
  const config = new ConfigReader({
    delivery: {
      prometheus: edge.map(name => ({
        name,
        url: world.clusters[name].metrics,
        clusters: [name],
      })),
    },
  });
  const settings = readDeviceConfig(config, { byUrl: () => undefined });
  watched = WatchedFleet.start(
    Object.values(world.clusters).map(({ name, url, token, caFile }) => ({
      name,
      url,
      token,
      caFile,
    })),
    { clock: scheduler.now, interval: 50, ...settings },
  );
  telemetry = new FleetTelemetry({
    sources: prometheusSources(config, defaultPrometheusLimits),
    fleet: watched.fleet,
    logger: silentLogger,
    interval: 1_000_000,
    nodeLabel: settings.nodeLabel,
  });
});
afterAll(async () => {
  await telemetry?.stop();
  await watched?.stop();
  await world?.stop();
  await rm(directory, { recursive: true, force: true });
});

const find = (name: string) =>
  watched.fleet.find('edge-production', name) ??
  watched.fleet.find('edge-staging', name);
const connectivityOf = (name: string) => find(name)?.axes.connectivity.state;
const allLive = () => {
  const counts = countAxes(watched.fleet.entries());
  return (
    watched.fleet.size === all &&
    counts.connectivity.live === all &&
    counts.applications.healthy > 0
  );
};
const planned = () => world.devices.plan.devicesOf('edge-production');

it('finds every device at its site, and no server of a cloud', async () => {
  await watched.until(allLive);
  const devices = [...watched.fleet.entries()];
  expect(new Set(devices.map(({ cluster }) => cluster))).toEqual(new Set(edge));
  expect(new Set(devices.map(({ platform }) => platform))).toEqual(
    new Set(['kubeedge']),
  );
  const columns = siteColumns(devices);
  expect(columns.id).toHaveLength(4);
  expect(columns.latitude.every(latitude => latitude !== null)).toBe(true);
  expect(columns.devices.reduce((sum, count) => sum + count)).toBe(all);
  const [{ name, site }] = planned();
  expect(find(name)).toMatchObject({
    site: site.name,
    siteName: site.title,
    edgeVersion: 'v1.23.0',
    coordinates: { latitude: site.latitude, longitude: site.longitude },
  });
});

it('measures what exporters report, with who and when, and leaves out what nobody reports', async () => {
  await watched.until(allLive);
  const jetson = planned().find(each => each.hardware === 'jetson-orin-nx');
  const pi = planned().find(each => each.hardware === 'raspberry-pi-4');
  await telemetry.read();
  await watched.until(
    () => find(jetson?.name ?? '')?.telemetry?.readings.power !== undefined,
  );
  const hot = find(jetson?.name ?? '')?.telemetry;
  expect(hot?.readings).toMatchObject({
    temperature: { unit: '°C', source: 'tegrastats' },
    power: { unit: 'W', source: 'jetson_stats' },
    graphics: { unit: '%' },
    memory: { source: 'node_exporter' },
    storage: { source: 'node_exporter' },
    latency: { unit: 'ms', source: 'probe' },
  });
  expect(hot?.throttled).toBeUndefined();
  const small = find(pi?.name ?? '')?.telemetry;
  expect(small?.throttled).toMatchObject({ source: 'vcgencmd' });
  expect(small?.undervoltage).toMatchObject({ source: 'vcgencmd' });
  expect(small?.readings.graphics).toBeUndefined();
  expect(small?.readings.power).toBeUndefined();
  const told = world.devices.telemetryAt(
    world.devices.plan.deviceNamed(jetson?.name ?? '')!,
    new Date(hot?.readings.storage?.at ?? ''),
  );
  expect(hot?.readings.storage?.value).toBeCloseTo(
    (100 * told.storage.used) / told.storage.total,
    0,
  );
});

it('shows the twin that KubeEdge keeps for a board', async () => {
  await watched.until(allLive);
  const [{ name }] = planned();
  const device = find(name);
  const cluster = watched.fleet
    .clusters()
    .find(each => each.name === 'edge-production');
  const view = () =>
    deviceView(device!, {
      revision: '1',
      readAt: scheduler.now().toISOString(),
      cluster: cluster!,
      incidents: [],
      history: { changes: [] },
      twinChanges: [],
      now: scheduler.now(),
    });
  await watched.until(
    () =>
      view().twins[0]?.properties.some(
        ({ name: property, reported }) =>
          property === 'lamp' && reported === 'off',
      ) ?? false,
  );
  expect(view().twins).toEqual([
    expect.objectContaining({
      name,
      model: 'board',
      layout: 'deviceStatus',
      state: expect.stringMatching(/online|ok/),
    }),
  ]);
  expect(view().twins[0].properties).toContainEqual(
    expect.objectContaining({
      name: 'lamp',
      access: 'readWrite',
      desired: 'off',
      drift: 'none',
    }),
  );
});

it('tells a device that falls silent from the others, and knows it again', async () => {
  await watched.until(allLive);
  const before = watched.fleet.revision;
  const [{ name, site }] = planned();
  const neighbours = planned().filter(
    device => device.site.name === site.name && device.name !== name,
  );
  const away = world.devices.effects.begin({
    kind: 'offline',
    devices: [name],
  });
  await watched.until(() => connectivityOf(name) === 'offline');
  expect(find(name)?.axes).toMatchObject({
    connectivity: { reason: { code: 'silent' } },
    health: { state: 'unknown', was: expect.stringMatching(/ok|warning/) },
    applications: { state: 'unknown' },
  });
  expect(neighbours.map(device => connectivityOf(device.name))).toEqual(
    neighbours.map(() => 'live'),
  );
  expect(watched.fleet.incidents).toEqual([]);
  expect(watched.fleet.revision).toBeGreaterThan(before);
  away.end();
  await watched.until(() => connectivityOf(name) === 'live');
  await watched.until(() => find(name)?.axes.health.state !== 'unknown');
});

it('shows a site that is cut off as one incident', async () => {
  await watched.until(allLive);
  const { site } = planned()[0];
  const there = planned().filter(device => device.site.name === site.name);
  const cut = world.devices.effects.begin({
    kind: 'offline',
    devices: there.map(({ name }) => name),
  });
  await watched.until(() =>
    there.every(({ name }) => connectivityOf(name) === 'offline'),
  );
  await watched.until(() => watched.fleet.incidents.length > 0);
  const [incident] = watched.fleet.incidents;
  expect(incident).toMatchObject({
    kind: 'site',
    site: site.name,
    devices: there.length,
  });
  expect(there.map(({ name }) => find(name)?.incident)).toEqual(
    there.map(() => incident.id),
  );
  cut.end();
  await watched.until(() => watched.fleet.incidents.length === 0);
});

it('takes the devices of a cluster that can not be reached for stale, as one incident', async () => {
  await watched.until(allLive);
  await world.clusters['edge-production'].faults.set({ kind: 'refuse' });
  await watched.until(() => watched.fleet.incidents.length > 0);
  expect(watched.fleet.incidents).toEqual([
    expect.objectContaining({
      kind: 'cluster',
      cluster: 'edge-production',
      devices: production,
    }),
  ]);
  const [{ name }] = planned();
  expect(find(name)?.axes.connectivity).toMatchObject({
    state: 'stale',
    reason: { code: 'clusterUnreachable' },
  });
  expect(countAxes(watched.fleet.entries()).connectivity).toMatchObject({
    offline: 0,
    stale: production,
    live: 3,
  });
  await world.clusters['edge-production'].faults.clear();
  await watched.until(() => allLive() && watched.fleet.incidents.length === 0);
});

it('takes what the inventory says for better knowledge, and shows devices that never joined', async () => {
  await watched.until(allLive);
  const [{ name }] = planned();
  const { inventory, problems } = parseInventory(`
sites:
  harbour: { title: Harbour, coordinates: [51.9, 4.5], owner: group:default/harbour }
devices:
  ${name}: { site: harbour, hardware: special }
  spare-01: { cluster: edge-production, site: harbour }
`);
  expect(problems).toEqual([]);
  watched.fleet.setInventory(inventory);
  await watched.until(() => find('spare-01') !== undefined);
  expect(connectivityOf('spare-01')).toBe('never');
  expect(find(name)).toMatchObject({
    site: 'harbour',
    siteName: 'Harbour',
    hardware: 'special',
    owner: 'group:default/harbour',
  });
  watched.fleet.setInventory(parseInventory('').inventory);
  await watched.until(() => find(name)?.site !== 'harbour');
});
