// SPDX-License-Identifier: Apache-2.0
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import type { PermissionPolicy } from '@backstage/plugin-permission-node';
import {
  fleetDrillRunPermission,
  fleetDrillSignPermission,
} from '@causeway/plugin-delivery-common';
import {
  createDeviceConditionalDecision,
  deviceConditions,
} from '@causeway/plugin-delivery-node';
import { MemoryFaults } from '../drills/__testUtils__/MemoryFaults';
import { aReport, openPortal, problemOf, until } from './__testUtils__/portal';
import { ScriptedFleet } from './__testUtils__/scriptedFleet';

/** Real servers, on machines that may be busy. */
jest.setTimeout(180_000);

const belt = 'component:default/belt';
const digest = `sha256:${'b'.repeat(64)}`;
const document = `apiVersion: causeway.dev/v1
kind: Pipeline
images: [registry.norden.example/belt]
namespace: sorting
stages:
  - name: bench
    kind: edge
    targets: [edge-north]
    strategy: { wave: {} }
    drills: { sitePercent: 50 }
  - name: field
    kind: edge
    targets: [edge-north]
    strategy: { wave: {} }
    gates:
      - drill: { stage: bench, passed: [offline-1m] }
`;

const device = (name: string, site: string) => ({
  cluster: 'edge-north',
  name,
  site,
  hardware: 'raspberry-pi-5',
  belt: `2@${digest}`,
});
const oslo = 'edge-north/oslo-pi-01';
const other = 'edge-north/oslo-pi-02';
const away = 'edge-north/bergen-pi-01';

/** Ines may run and Omar sign everywhere, Jonas may run at one site; all may read. */
const policy: PermissionPolicy = {
  async handle({ permission }, user) {
    const who = user?.info.userEntityRef;
    const isRun = permission.name === fleetDrillRunPermission.name;
    const isSign = permission.name === fleetDrillSignPermission.name;
    if (isRun && who === 'user:default/jonas') {
      return createDeviceConditionalDecision(
        fleetDrillRunPermission,
        deviceConditions.isAtSite({ sites: ['bergen'] }),
      );
    }
    const isRefused =
      (isRun && who !== 'user:default/ines') ||
      (isSign && who !== 'user:default/omar');
    return {
      result: isRefused ? AuthorizeResult.DENY : AuthorizeResult.ALLOW,
    };
  },
};

const faults = new MemoryFaults();
let fleet: ScriptedFleet;
let portal: Awaited<ReturnType<typeof openPortal>>;
const wish = {
  service: belt,
  stage: 'bench',
  kind: 'offline-1m',
  devices: [oslo],
  reason: 'Before the field.',
};
const start = (
  who: string,
  change: object = {},
  headers?: Record<string, string>,
) => portal.as(who).post('/fleet/drills', { ...wish, ...change }, headers);
const read = async (id: string) =>
  (await portal.as('lena').get(`/fleet/drills/${id}`)).body;
const abort = (who: string, id: string) =>
  portal.as(who).post(`/fleet/drills/${id}/abort`, { reason: 'Enough.' });
const sign = (who: string, id: string) =>
  portal
    .as(who)
    .post(`/fleet/drills/${id}/signature`, { decision: 'signedOff' });
const candidates = (who: string, kind = wish.kind) =>
  portal
    .as(who)
    .get(
      `/fleet/drill-candidates?service=${encodeURIComponent(
        belt,
      )}&stage=bench&kind=${kind}`,
    );

beforeAll(async () => {
  fleet = await ScriptedFleet.start([
    device('oslo-pi-01', 'oslo'),
    device('oslo-pi-02', 'oslo'),
    device('oslo-pi-03', 'oslo'),
    { ...device('bergen-pi-01', 'bergen'), silent: 3_600 },
  ]);
  portal = await openPortal({
    devices: fleet.watched.fleet,
    drillExecutors: [faults],
    policy,
    services: { belt: document },
  });
  await portal.report(
    aReport('2.0.0', {
      service: belt,
      repository: 'http://forge.example/norden/belt',
      images: [{ name: 'registry.norden.example/belt', tag: '2', digest }],
    }),
  );
  await until(async () => {
    const { body } = await portal.as('ines').get('/fleet/drill-options');
    return body.stages.length === 1;
  });
});
afterAll(() => fleet?.stop());

it('offers every kind, the stages that allow drills, and says of devices why not', async () => {
  const { body } = await portal.as('lena').get('/fleet/drill-options');
  expect(body.stages).toEqual([
    { service: belt, stage: 'bench', title: 'Bench' },
  ]);
  expect(body.kinds[0]).toMatchObject({
    name: 'offline-1m',
    durationSeconds: 60,
  });
  const found = (await candidates('ines')).body;
  expect(
    found.devices.map(
      ({
        name,
        version,
        refusal,
      }: {
        name: string;
        version?: string;
        refusal?: { code: string };
      }) => [name, version, refusal?.code],
    ),
  ).toEqual([
    ['bergen-pi-01', '2.0.0', 'deviceAway'],
    ['oslo-pi-01', '2.0.0', undefined],
    ['oslo-pi-02', '2.0.0', undefined],
    ['oslo-pi-03', '2.0.0', undefined],
  ]);
  expect(found.sites).toContainEqual({
    siteKey: 'edge-north/oslo',
    devices: 3,
    atMost: 1,
  });
  const { devices } = (await candidates('jonas')).body;
  expect(devices[1].refusal.code).toBe('notPermitted');
});

it.each<[string, string, object, string]>([
  ['somebody without the right', 'lena', {}, '403 notPermitted'],
  ['somebody for another site', 'jonas', {}, '403 notPermitted'],
  ['a device that is away', 'ines', { devices: [away] }, '409 deviceAway'],
  ['too many of a site', 'ines', { devices: [oslo, other] }, '409 siteShare'],
  [
    'an unknown device',
    'ines',
    { devices: ['edge-north/none'] },
    '400 unknownDevice',
  ],
  ['an unknown kind', 'ines', { kind: 'constructor' }, '400 unknownKind'],
  ['a stage without drills', 'ines', { stage: 'field' }, '404 noDrills'],
  ['no reason', 'ines', { reason: '' }, '400 badRequest'],
  ['no device', 'ines', { devices: [] }, '400 badRequest'],
  ['a command', 'ines', { command: 'rm' }, '400 badRequest'],
])('refuses %s', async (_, who, change, problem) => {
  expect(problemOf(await start(who, change))).toBe(problem);
  expect(faults.holding.size).toBe(0);
});

it('begins once for a key, at a site one at a time, and ends its fault when a person wants it', async () => {
  const key = { 'Idempotency-Key': 'drill-1' };
  const first = await start('ines', {}, key);
  expect(first.status).toBe(202);
  const { id } = first.body.drill;
  expect((await start('ines', {}, key)).body.drill.id).toBe(id);
  await until(async () => (await read(id)).drill.phase === 'fault');
  expect(faults.holding.get(id)).toEqual(['oslo-pi-01']);
  expect(problemOf(await start('ines', { devices: [other] }))).toBe(
    '409 siteBusy',
  );
  expect(problemOf(await sign('omar', id))).toBe('409 notOver');
  expect(problemOf(await abort('lena', id))).toBe('403 notPermitted');
  expect(problemOf(await abort('ines', 'none'))).toBe('404 unknownDrill');

  faults.isAway = true;
  expect((await abort('ines', id)).status).toBe(202);
  await until(async () => (await read(id)).problem === 'Nobody answers.');
  expect((await read(id)).drill.phase).toBe('ending');
  faults.isAway = false;
  await until(async () => (await read(id)).drill.phase === 'over');
  expect(faults.holding.size).toBe(0);
  const over = await read(id);
  expect(over.drill.verdict).toBe('aborted');
  expect(over.events.map(({ type }: { type: string }) => type)).toEqual([
    'drillRequested',
    'faultBegun',
    'drillAborted',
    'faultEnding',
    'faultEnded',
    'drillOver',
  ]);
  expect(problemOf(await abort('ines', id))).toBe('409 isOver');
  expect(problemOf(await sign('omar', id))).toBe('409 notPassed');
  expect(problemOf(await sign('ines', id))).toBe('403 notPermitted');
  expect(portal.world.audited).toEqual(
    expect.arrayContaining([
      'drill-start failed notPermitted',
      'drill-start succeeded',
      'drill-abort succeeded',
      'drill-sign failed notPassed',
    ]),
  );

  const list = await portal.as('lena').get('/fleet/drills');
  expect(list.body.items.map((each: { id: string }) => each.id)).toEqual([id]);
  const again = await portal
    .as('lena')
    .get('/fleet/drills', { 'If-None-Match': list.headers.etag });
  expect(again.status).toBe(304);
  const client = portal.clientOf('lena');
  const one = await client.getDrill(id);
  expect(one).toMatchObject({ view: { can: { sign: { allowed: false } } } });
});
