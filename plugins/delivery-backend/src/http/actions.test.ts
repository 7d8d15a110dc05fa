// SPDX-License-Identifier: Apache-2.0
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import type { PermissionPolicy } from '@backstage/plugin-permission-node';
import { fleetDeviceActPermission } from '@causeway/plugin-delivery-common';
import {
  createDeviceConditionalDecision,
  deviceConditions,
} from '@causeway/plugin-delivery-node';
import { openPortal, problemOf, until } from './__testUtils__/portal';
import { ScriptedFleet } from './__testUtils__/scriptedFleet';

/** Real servers, on machines that may be busy. */
jest.setTimeout(180_000);

const device = (name: string, site: string) => ({
  cluster: 'edge-north',
  name,
  site,
  hardware: 'raspberry-pi-5',
});
const oslo = 'edge-north/oslo-pi-01';
const bergen = 'edge-north/bergen-pi-01';
const away = 'edge-north/oslo-pi-02';

/** Ines and Omar may act everywhere, Jonas at one site, Lena nowhere; all may read. */
const policy: PermissionPolicy = {
  async handle({ permission }, user) {
    const who = user?.info.userEntityRef;
    const isAct = permission.name === fleetDeviceActPermission.name;
    if (isAct && who === 'user:default/jonas') {
      return createDeviceConditionalDecision(
        fleetDeviceActPermission,
        deviceConditions.isAtSite({ sites: ['bergen'] }),
      );
    }
    return {
      result:
        isAct && who === 'user:default/lena'
          ? AuthorizeResult.DENY
          : AuthorizeResult.ALLOW,
    };
  },
};

let fleet: ScriptedFleet;
let portal: Awaited<ReturnType<typeof openPortal>>;
const ask = (who: string, body: object, headers?: Record<string, string>) =>
  portal.as(who).post('/fleet/actions', body, headers);
const wish = { kind: 'logs', devices: [oslo], reason: 'It hangs.' };

beforeAll(async () => {
  fleet = await ScriptedFleet.start([
    device('oslo-pi-01', 'oslo'),
    { ...device('oslo-pi-02', 'oslo'), silent: 3_600 },
    device('bergen-pi-01', 'bergen'),
  ]);
  // No cluster can be acted on here, so that what was asked for stays in the queue.
  portal = await openPortal({
    devices: fleet.watched.fleet,
    policy,
    actions: {
      upgrades: {
        k3s: {},
        edgeCore: {},
        os: {
          debian: {
            title: 'Debian',
            image: 'registry.example/os/upgrade',
            versions: [{ version: '13.1' }, { version: '13.2' }],
            hardware: ['raspberry-pi-5'],
          },
          jetpack: {
            image: 'registry.example/os/jetpack',
            versions: [{ version: '6.2' }],
            hardware: ['jetson-orin-nx'],
          },
        },
      },
    },
  });
  await until(async () => {
    const { body } = await portal.as('ines').get('/fleet/devices');
    const [{ unserved }] = fleet.watched.fleet.clusters();
    return body.total === 3 && unserved.length === 2;
  });
});
afterAll(() => fleet?.stop());

it('says what may be done to a device and why not', async () => {
  const { body } = await portal
    .as('ines')
    .get(`/fleet/action-kinds?device=${encodeURIComponent(away)}`);
  const verdicts = body.items.map(
    (kind: {
      name: string;
      verdict: { verdict: string; reason?: { code: string } };
    }) => [kind.name, kind.verdict.verdict, kind.verdict.reason?.code],
  );
  expect(verdicts).toEqual([
    ['cordon', 'now', undefined],
    ['uncordon', 'refused', 'alreadySo'],
    ['drain', 'refused', 'deviceAway'],
    ['restart', 'queued', 'deviceAway'],
    ['pin', 'now', undefined],
    ['unpin', 'refused', 'alreadySo'],
    ['logs', 'queued', 'deviceAway'],
    ['quarantine', 'now', undefined],
    ['release', 'refused', 'alreadySo'],
    ['upgradeK3s', 'refused', 'notInstalled'],
    ['upgradeOs', 'refused', 'notInstalled'],
  ]);
});

it('offers a device the upgrades of its system that suit it, and takes no others', async () => {
  const { body } = await portal
    .as('ines')
    .get(`/fleet/action-kinds?device=${encodeURIComponent(oslo)}`);
  const kind = body.items.find(
    ({ name }: { name: string }) => name === 'upgradeOs',
  );
  expect(kind.parameters).toEqual([
    {
      name: 'upgrade',
      title: 'Upgrade',
      required: true,
      type: 'choice',
      choices: [
        { value: 'debian@13.1', title: 'Debian 13.1' },
        { value: 'debian@13.2', title: 'Debian 13.2' },
      ],
    },
  ]);
  const answers = ['debian@13.3', 'debian@13.1', 'jetpack@6.2'].map(upgrade =>
    ask('ines', {
      ...wish,
      kind: 'upgradeOs',
      parameters: { upgrade },
      dryRun: true,
    }),
  );
  const [unknown, planned, forOthers] = await Promise.all(answers);
  expect(problemOf(unknown)).toBe('400 badParameters');
  expect(planned.body.verdicts[0].reason.message).toBe(
    'The cluster knows no Plans: system-upgrade-controller is not installed there.',
  );
  expect(forOthers.body.verdicts[0].verdict).toBe('refused');
});

it('plans for many unless one means it, and only for devices that one may act on', async () => {
  const many = { ...wish, devices: [oslo, bergen, 'edge-north/none'] };
  const plan = await ask('jonas', many);
  expect(plan.status).toBe(200);
  expect(
    plan.body.verdicts.map(
      ({ reason }: { reason?: { code: string } }) => reason?.code,
    ),
  ).toEqual(['notPermitted', undefined, 'unknownDevice']);
  const { body } = await portal.as('ines').get('/fleet/actions');
  expect(body.items).toEqual([]);
  expect(problemOf(await ask('lena', wish))).toBe('403 notPermitted');
  expect(portal.world.audited).toContain(
    'device-action-request failed notPermitted',
  );
});

it('takes a request once for a key, and a second person decides about many', async () => {
  const key = { 'Idempotency-Key': 'k-1' };
  const first = await ask('ines', wish, key);
  expect(first.status).toBe(202);
  expect((await ask('ines', wish, key)).body).toEqual(first.body);
  const { body: drains } = await ask('ines', {
    ...wish,
    kind: 'drain',
    devices: [oslo, bergen],
    dryRun: false,
  });
  expect(drains.approval).toContain('2 devices');
  const [{ id }] = drains.items;
  const approve = (who: string) =>
    portal.as(who).post(`/fleet/actions/${id}/approve`, { wholeBatch: true });
  expect(problemOf(await approve('ines'))).toBe('403 ownAction');
  expect((await approve('omar')).body.items).toHaveLength(2);
  expect(problemOf(await approve('omar'))).toBe('409 notWaiting');
  const { body: page } = await portal
    .as('lena')
    .get('/fleet/actions?phase=queued&kind=drain&limit=1');
  expect(page.items[0].can.cancel).toMatchObject({ allowed: false });
  const { body: rest } = await portal
    .as('lena')
    .get(
      `/fleet/actions?phase=queued&kind=drain&cursor=${encodeURIComponent(
        page.nextCursor,
      )}`,
    );
  expect(rest.items).toHaveLength(1);
  const cancelled = await portal
    .as('ines')
    .post(`/fleet/actions/${id}/cancel`, { reason: 'Not now.' });
  expect(cancelled.body).toMatchObject({ phase: 'cancelled' });
  const { body: detail } = await portal.as('ines').get(`/fleet/actions/${id}`);
  expect(
    detail.events.map(({ type, actor }: { type: string; actor: string }) => [
      type,
      actor,
    ]),
  ).toEqual([
    ['requested', 'user:default/ines'],
    ['approved', 'user:default/omar'],
    ['cancelled', 'user:default/ines'],
  ]);
});

it.each<[string, object, string]>([
  ['an unknown kind', { kind: 'wipe' }, '400 unknownKind'],
  ['a kind from the prototype', { kind: 'constructor' }, '400 unknownKind'],
  ['an image', { parameters: { image: 'evil' } }, '400 badParameters'],
  ['a command', { parameters: { lines: '1; reboot' } }, '400 badParameters'],
  [
    'a path',
    { kind: 'restart', parameters: { workload: '../../nodes/x' } },
    '400 badParameters',
  ],
  ['fields of its own', { image: 'evil' }, '400 badRequest'],
  ['no reason', { reason: '' }, '400 badRequest'],
  ['a zero character', { reason: 'It\0hangs.' }, '400 badRequest'],
  ['too many devices', { devices: Array(501).fill(oslo) }, '400 badRequest'],
])('refuses %s', async (_, change, problem) => {
  expect(problemOf(await ask('ines', { ...wish, ...change }))).toBe(problem);
});

it('takes no more than so much from one person in a minute', async () => {
  const answers: number[] = [];
  while (answers.length < 70 && !answers.includes(429)) {
    answers.push((await ask('omar', { ...wish, dryRun: true })).status);
  }
  expect(answers).toContain(429);
});
