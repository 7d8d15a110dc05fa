// SPDX-License-Identifier: Apache-2.0
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import type { PermissionPolicy } from '@backstage/plugin-permission-node';
import {
  fleetDeviceActPermission,
  usualLimits,
  type FleetTwin,
  type FleetTwinEdit,
} from '@causeway/plugin-delivery-common';
import {
  createDeviceConditionalDecision,
  deviceConditions,
} from '@causeway/plugin-delivery-node';
import { WatchedFleet } from '../fleet/__testUtils__/WatchedFleet';
import { TwinCluster } from '../fleet/__testUtils__/TwinCluster';
import { openPortal, problemOf, until } from './__testUtils__/portal';

/** Real servers, on machines that may be busy. */
jest.setTimeout(60_000);

/** Ines may act, Omar only at another site, all others look. */
const policy: PermissionPolicy = {
  async handle({ permission }, user) {
    if (permission.name !== fleetDeviceActPermission.name) {
      return { result: AuthorizeResult.ALLOW };
    }
    switch (user?.info.userEntityRef) {
      case 'user:default/ines':
        return { result: AuthorizeResult.ALLOW };
      case 'user:default/omar':
        return createDeviceConditionalDecision(
          fleetDeviceActPermission,
          deviceConditions.isAtSite({ sites: ['bergen'] }),
        );
      default:
        return { result: AuthorizeResult.DENY };
    }
  },
};

const layouts = ['device', 'deviceStatus'] as const;
type Layout = (typeof layouts)[number];
const clusters = new Map<Layout, TwinCluster>();
let watched: WatchedFleet;
let portal: Awaited<ReturnType<typeof openPortal>>;

beforeAll(async () => {
  for (const layout of layouts) {
    clusters.set(layout, await TwinCluster.start(layout));
  }
  watched = WatchedFleet.start(
    [...clusters].map(([name, cluster]) => ({ name, ...cluster.access })),
    { clock: () => new Date(), interval: 20, hardware: () => usualLimits },
  );
  await watched.until(() => watched.fleet.size === layouts.length);
  portal = await openPortal({
    devices: watched.fleet,
    actOn: watched.clusters.actOn.bind(watched.clusters),
    policy,
  });
});
afterAll(async () => {
  await watched?.stop();
  await Promise.all([...clusters.values()].map(cluster => cluster.stop()));
});

const pathOf = (layout: Layout, device = 'lamp-1') =>
  `/fleet/devices/${layout}/pi-1/twins/boards/${device}`;

async function twinIn(layout: Layout): Promise<FleetTwin> {
  const { body } = await portal.as('lena').get(`/fleet/devices/${layout}/pi-1`);
  return body.twins[0];
}

async function propertyIn(layout: Layout, name: string) {
  const { properties } = await twinIn(layout);
  return properties.find(property => property.name === name);
}

const edit = (
  changes: FleetTwinEdit['changes'],
  more: Partial<FleetTwinEdit> = {},
): FleetTwinEdit => ({ changes, reason: 'Too bright', ...more });

describe.each(layouts)('a twin that KubeEdge keeps as %s', layout => {
  const cluster = () => clusters.get(layout)!;

  it('shows three values of each property, with the limits of its model', async () => {
    await cluster().report({ brightness: { observed: '50', reported: '50' } });
    await until(async () => {
      const property = await propertyIn(layout, 'brightness');
      return property?.drift === 'none';
    });
    const twin = await twinIn(layout);
    expect(twin).toMatchObject({ layout, model: 'lamp', state: 'online' });
    expect(await propertyIn(layout, 'brightness')).toMatchObject({
      type: 'INT',
      access: 'readWrite',
      minimum: '0',
      maximum: '100',
      desired: '50',
      observedDesired: '50',
      reported: '50',
      reportedAt: expect.any(String),
    });
  });

  it('says beforehand what would be done, and does nothing', async () => {
    const before = await cluster().device();
    const { status, body } = await portal.as('ines').patch(
      pathOf(layout),
      edit([{ property: 'brightness', value: '20', was: '50' }], {
        dryRun: true,
      }),
    );
    expect(status).toBe(200);
    expect(body).toEqual({
      dryRun: true,
      changes: [{ property: 'brightness', value: '20', before: '50' }],
    });
    expect(await cluster().device()).toEqual(before);
  });

  it.each<[string, FleetTwinEdit['changes'], string]>([
    [
      'beyond the range',
      [{ property: 'brightness', value: '101', was: '50' }],
      '400 outOfRange',
    ],
    [
      'of another type',
      [{ property: 'brightness', value: '$(reboot)', was: '50' }],
      '400 wrongType',
    ],
    [
      'of what is only read',
      [{ property: 'heat', value: '20' }],
      '400 readOnly',
    ],
    [
      'of what is not there',
      [{ property: '../spec', value: 'x' }],
      '400 unknownProperty',
    ],
    [
      'of what another has set',
      [{ property: 'brightness', value: '20', was: '70' }],
      '409 changedMeanwhile',
    ],
    [
      'of one good and one bad value',
      [
        { property: 'brightness', value: '20', was: '50' },
        { property: 'heat', value: '20' },
      ],
      '400 readOnly',
    ],
    [
      'of one property twice',
      [
        { property: 'brightness', value: '20', was: '50' },
        { property: 'brightness', value: '30', was: '50' },
      ],
      '400 badRequest',
    ],
    ['of nothing', [], '400 badRequest'],
  ])(
    'refuses an edit %s, and changes nothing',
    async (_what, changes, problem) => {
      const answer = await portal
        .as('ines')
        .patch(pathOf(layout), edit(changes));
      expect(problemOf(answer)).toBe(problem);
      expect(await cluster().desired('brightness')).toBe('50');
    },
  );

  it.each([
    ['without the right', 'lena', '403 notPermitted'],
    ['with it at another site', 'omar', '404 notFound'],
  ])('refuses somebody %s', async (_what, who, problem) => {
    const wish = edit([{ property: 'brightness', value: '20', was: '50' }]);
    const answer = await portal.as(who).patch(pathOf(layout), wish);
    expect(problemOf(answer)).toBe(problem);
    expect(portal.world.audited).toContain(
      `twin-edit failed ${problem.split(' ')[1]}`,
    );
    expect(await cluster().desired('brightness')).toBe('50');
  });

  it('reaches no device of another node, and none that is not there', async () => {
    const wish = edit([{ property: 'brightness', value: '20', was: '50' }]);
    for (const device of ['lamp-of-another', 'nobody', '../lamp-1']) {
      const path = pathOf(layout, encodeURIComponent(device));
      expect(problemOf(await portal.as('ines').patch(path, wish))).toBe(
        '404 notFound',
      );
    }
  });

  it('is set while the device reports, and tells the two kinds of drift apart', async () => {
    const reporting = cluster().keepReporting();
    const { status } = await portal
      .as('ines')
      .patch(
        pathOf(layout),
        edit([{ property: 'brightness', value: '20', was: '50' }]),
      );
    await reporting.stop();
    expect(status).toBe(200);
    expect(await cluster().desired('brightness')).toBe('20');
    expect((await cluster().device()).spec).toMatchObject({
      properties: expect.arrayContaining([
        expect.objectContaining({ name: 'heat', visitors: { kept: 'whole' } }),
      ]),
    });
    const drift = async () => (await propertyIn(layout, 'brightness'))?.drift;
    await until(async () => (await drift()) === 'notDelivered');
    await cluster().report({ brightness: { observed: '20', reported: '50' } });
    await until(async () => (await drift()) === 'notApplied');
    await cluster().report({ brightness: { observed: '20', reported: '20' } });
    await until(async () => (await drift()) === 'none');
    expect(portal.world.audited).toContain('twin-edit succeeded');
  });

  it('remembers who has set what and why, and how the device followed', async () => {
    const changes = async () => (await twinIn(layout)).history ?? [];
    await until(async () => (await changes()).length >= 2);
    const [followed, set] = (await changes()).filter(
      ({ property }) => property === 'brightness',
    );
    expect(followed).toMatchObject({
      kind: 'reported',
      value: '20',
      before: '50',
    });
    expect(set).toMatchObject({
      kind: 'desired',
      value: '20',
      before: '50',
      actor: 'user:default/ines',
      reason: 'Too bright',
    });
    expect((await changes()).some(({ property }) => property === 'heat')).toBe(
      false,
    );
  });
});
