// SPDX-License-Identifier: Apache-2.0
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import type { PermissionPolicy } from '@backstage/plugin-permission-node';
import {
  fleetDeviceReadPermission,
  type FleetDeviceRow,
} from '@causeway/plugin-delivery-common';
import {
  createDeviceConditionalDecision,
  deviceConditions,
} from '@causeway/plugin-delivery-node';
import { openPortal, problemOf, until } from './__testUtils__/portal';
import { ScriptedFleet, type ToldDevice } from './__testUtils__/scriptedFleet';

/** Real servers, on machines that may be busy. */
jest.setTimeout(120_000);

/** Texts that are code for somebody: for a browser, a shell, YAML, a file system, a data base. */
const hostile = {
  name: '../../etc/passwd;$(reboot)',
  site: '<img src=x onerror=alert(1)>',
  title: '{{constructor}} ${7*7} `id`',
  version: 'v1.36.3+k3s1"; drop table fleet_history; --',
  label: '&exec !!js/function >',
  twin: '</script><script>alert(1)</script>\n- key: [',
};

const told: readonly ToldDevice[] = [
  {
    cluster: 'edge-north',
    name: 'oslo-pi-01',
    site: 'oslo',
    title: 'Oslo',
    hardware: 'raspberry-pi-5',
    labels: { rack: 'a' },
    temperature: 51,
    belt: '2',
  },
  {
    cluster: 'edge-north',
    name: 'oslo-pi-02',
    site: 'oslo',
    title: 'Oslo',
    hardware: 'raspberry-pi-5',
    labels: { rack: 'b' },
    temperature: 82,
    cordoned: true,
    belt: '1',
  },
  {
    cluster: 'edge-north',
    name: 'oslo-jetson-01',
    site: 'oslo',
    title: 'Oslo',
    hardware: 'jetson-orin-nx',
    version: 'v1.35.0+k3s1',
    troubles: { DiskPressure: 'no space left' },
    temperature: 64,
  },
  {
    cluster: 'edge-north',
    name: 'bergen-pi-01',
    site: 'bergen',
    hardware: 'raspberry-pi-4',
    silent: 3_600,
    belt: '1',
  },
  {
    cluster: 'edge-north',
    name: 'bergen-pi-02',
    site: 'bergen',
    hardware: 'raspberry-pi-4',
    silent: 60,
    quarantine: 'smells of smoke',
  },
  {
    cluster: 'edge-south',
    name: 'oslo-pi-01',
    site: 'oslo',
    hardware: 'raspberry-pi-5',
    annotations: { 'causeway.dev/hold': 'stock-taking' },
  },
  {
    cluster: 'edge-south',
    name: 'spare-01',
    hardware: 'raspberry-pi-4',
    silent: 'never',
  },
  {
    cluster: 'edge-south',
    name: hostile.name,
    site: hostile.site,
    title: hostile.title,
    version: hostile.version,
    labels: { trap: hostile.label },
    twin: hostile.twin,
  },
];

/** May see everything but for two: one may see one site, the other nothing. */
const policy: PermissionPolicy = {
  async handle({ permission }, user) {
    const who = user?.info.userEntityRef;
    if (permission.name !== fleetDeviceReadPermission.name) {
      return { result: AuthorizeResult.ALLOW };
    }
    if (who === 'user:default/jonas') {
      return createDeviceConditionalDecision(
        fleetDeviceReadPermission,
        deviceConditions.isAtSite({ sites: ['bergen'] }),
      );
    }
    return {
      result:
        who === 'user:default/lena'
          ? AuthorizeResult.DENY
          : AuthorizeResult.ALLOW,
    };
  },
};

const belt = `apiVersion: causeway.dev/v1
kind: Pipeline
images: [registry.norden.example/belt]
namespace: sorting
stages:
  - { name: edge, kind: edge, targets: [edge-north] }
`;

let fleet: ScriptedFleet;
let portal: Awaited<ReturnType<typeof openPortal>>;

const get = (path: string, headers?: Record<string, string>, who = 'ines') =>
  portal.as(who).get(path, headers);

beforeAll(async () => {
  fleet = await ScriptedFleet.start(told);
  portal = await openPortal({
    devices: fleet.watched.fleet,
    services: { belt },
    policy,
  });
  await until(async () => {
    const { body } = await get('/fleet/devices?health=unknown');
    const { body: served } = await get(
      '/fleet/services/default/component/belt',
    );
    return body.total === 3 && served.devices === 3;
  });
});
afterAll(() => fleet?.stop());

const idOf = ({ cluster, name }: FleetDeviceRow) => {
  if (name === hostile.name) return 'hostile';
  return cluster === 'edge-south' ? `south ${name}` : name;
};

async function found(query: string): Promise<readonly string[]> {
  const { status, body } = await get(`/fleet/devices?${query}`);
  expect(status).toBe(200);
  return body.items.map(idOf);
}

describe('a list of devices', () => {
  const text = encodeURIComponent;
  it.each<[string, readonly string[]]>([
    ['site=bergen', ['bergen-pi-01', 'bergen-pi-02']],
    ['site=edge-south/oslo', ['south oslo-pi-01']],
    [
      'site=oslo&cluster=edge-north',
      ['oslo-jetson-01', 'oslo-pi-01', 'oslo-pi-02'],
    ],
    ['hardware=jetson-orin-nx', ['oslo-jetson-01']],
    [
      'hardware=jetson-orin-nx&hardware=raspberry-pi-4',
      ['bergen-pi-01', 'bergen-pi-02', 'oslo-jetson-01', 'south spare-01'],
    ],
    ['connectivity=offline', ['bergen-pi-01']],
    [
      'connectivity=stale&connectivity=never',
      ['bergen-pi-02', 'south spare-01'],
    ],
    ['health=critical', ['oslo-jetson-01']],
    ['health=warning', ['oslo-pi-02']],
    ['update=upToDate', ['oslo-pi-01']],
    ['update=outOfDate', ['bergen-pi-01', 'oslo-pi-02']],
    ['applications=healthy', ['oslo-pi-01', 'oslo-pi-02']],
    ['hold=operator', ['south oslo-pi-01']],
    ['isolation=cordoned', ['oslo-pi-02']],
    ['isolation=quarantined', ['bergen-pi-02']],
    [`version=${text('v1.35.0+k3s1')}`, ['oslo-jetson-01']],
    ['label=rack', ['oslo-pi-01', 'oslo-pi-02']],
    ['label=rack%3Db', ['oslo-pi-02']],
    ['text=OSLO%20jetson', ['oslo-jetson-01']],
    ['text=no%20space%20left', ['oslo-jetson-01']],
    ['text=stock-taking', ['south oslo-pi-01']],
    [
      'service=component:default/belt',
      ['bergen-pi-01', 'oslo-pi-01', 'oslo-pi-02'],
    ],
    ['service=component:default/parcel-vision', []],
    ['site=oslo&health=warning&isolation=cordoned', ['oslo-pi-02']],
    ['site=nowhere', []],
  ])('holds what %s lets through', async (query, expected) => {
    expect(await found(query)).toEqual(expected);
  });

  it.each<[string, readonly string[]]>([
    [
      'name',
      ['oslo-jetson-01', 'oslo-pi-01', 'south oslo-pi-01', 'oslo-pi-02'],
    ],
    [
      '-name',
      ['oslo-pi-02', 'oslo-pi-01', 'south oslo-pi-01', 'oslo-jetson-01'],
    ],
    [
      'health',
      ['oslo-jetson-01', 'oslo-pi-02', 'oslo-pi-01', 'south oslo-pi-01'],
    ],
    [
      '-temperature',
      ['oslo-pi-02', 'oslo-jetson-01', 'oslo-pi-01', 'south oslo-pi-01'],
    ],
    [
      'temperature',
      ['oslo-pi-01', 'oslo-jetson-01', 'oslo-pi-02', 'south oslo-pi-01'],
    ],
    [
      'version',
      ['oslo-jetson-01', 'oslo-pi-01', 'oslo-pi-02', 'south oslo-pi-01'],
    ],
  ])('is sorted by %s', async (sort, expected) => {
    expect(await found(`site=oslo&sort=${sort}`)).toEqual(expected);
  });

  it('is sorted by what is heard least, and by site', async () => {
    const worst = await found('sort=connectivity');
    expect(worst.slice(0, 3)).toEqual([
      'south spare-01',
      'bergen-pi-01',
      'bergen-pi-02',
    ]);
    const silent = await found('sort=lastSeen&site=bergen');
    expect(silent).toEqual(['bergen-pi-01', 'bergen-pi-02']);
    expect((await found('sort=-site')).at(-1)).toBe('south spare-01');
  });

  it('comes in pages that hold every device once', async () => {
    const ids: string[] = [];
    let cursor = '';
    do {
      const { body } = await get(
        `/fleet/devices?sort=-health&limit=3${cursor && `&cursor=${cursor}`}`,
      );
      expect(body.total).toBe(told.length);
      ids.push(...body.items.map((row: FleetDeviceRow) => row.id));
      cursor = body.nextCursor ? encodeURIComponent(body.nextCursor) : '';
    } while (cursor);
    expect(new Set(ids).size).toBe(told.length);
    expect(ids).toHaveLength(told.length);
  });

  it.each([
    ['sort=price', '400 badRequest'],
    ['limit=0', '400 badRequest'],
    ['limit=501', '400 badRequest'],
    ['limit=many', '400 badRequest'],
    ['health=happy', '400 badRequest'],
    ['connectivity=live&connectivity=gone', '400 badRequest'],
    [`text=${'x'.repeat(201)}`, '400 badRequest'],
    [`site=${'x'.repeat(318)}`, '400 badRequest'],
    ['cursor=%25', '400 badCursor'],
    ['cursor=nonsense', '400 badCursor'],
    [`cursor=${text(text('["-name","a/b","b"]'))}`, '400 badCursor'],
    [`cursor=${text(text('["name",{"$gt":""}]'))}`, '400 badCursor'],
  ])('is refused for %s', async (query, problem) => {
    expect(problemOf(await get(`/fleet/devices?${query}`))).toBe(problem);
  });
});

describe('the other views', () => {
  it('count what there is, each axis for itself', async () => {
    const { body } = await get('/fleet/summary');
    expect(body).toMatchObject({
      devices: 8,
      axes: {
        connectivity: { live: 5, stale: 1, offline: 1, never: 1 },
        health: { critical: 1, warning: 1, unknown: 3 },
        hold: { operator: 1 },
        isolation: { cordoned: 1, quarantined: 1 },
      },
      clusters: [
        { name: 'edge-north', devices: 5 },
        { name: 'edge-south', devices: 3 },
      ],
    });
  });

  it('give the map columns that belong together, filtered as the list is', async () => {
    const { body } = await get('/fleet/sites?health=critical&health=warning');
    expect(body.columns).toMatchObject({
      id: ['edge-north/oslo'],
      name: ['Oslo'],
      cluster: ['edge-north'],
      devices: [2],
      worst: ['critical'],
      latitude: [null],
    });
  });

  it('tell two sites of the same name apart, and together where nobody asks', async () => {
    const one = await get('/fleet/sites/oslo?cluster=edge-south');
    expect(one.body).toMatchObject({ devices: 1, clusters: ['edge-south'] });
    const both = await get('/fleet/sites/oslo');
    expect(both.body).toMatchObject({
      devices: 4,
      clusters: ['edge-north', 'edge-south'],
    });
  });

  it('show a device with everything that is known of it', async () => {
    const { body } = await get('/fleet/devices/edge-north/oslo-pi-02');
    expect(body).toMatchObject({
      id: 'edge-north/oslo-pi-02',
      siteName: 'Oslo',
      isolation: { state: 'cordoned' },
      readings: { temperature: { value: 82, unit: '°C', source: 'test' } },
      workloads: [{ name: 'belt', version: '1', wanted: '2' }],
      labels: { rack: 'b' },
    });
    const other = await get('/fleet/devices/edge-south/oslo-pi-01');
    expect(other.body).toMatchObject({
      id: 'edge-south/oslo-pi-01',
      hold: { state: 'operator', reason: { message: 'stock-taking' } },
    });
  });

  it('show where a service runs, in which versions, and who is away', async () => {
    const { body } = await get('/fleet/services/default/component/belt');
    expect(body).toMatchObject({ devices: 3, away: 1 });
    expect(
      body.versions.map((each: { version: string; devices: number }) => [
        each.version,
        each.devices,
      ]),
    ).toEqual([
      ['1', 2],
      ['2', 1],
    ]);
  });

  it.each([
    '/fleet/devices/edge-north/nobody',
    '/fleet/devices/elsewhere/oslo-pi-01',
    '/fleet/sites/nowhere',
    '/fleet/sites/bergen?cluster=edge-south',
  ])('say that there is nothing at %s', async path => {
    expect(problemOf(await get(path))).toBe('404 notFound');
  });
});

const paths = [
  '/fleet/summary',
  '/fleet/sites',
  '/fleet/sites/bergen',
  '/fleet/devices',
  '/fleet/devices/edge-north/bergen-pi-01',
  '/fleet/services/default/component/belt',
];

describe('whoever asks again', () => {
  it.each(paths)('hears only news of %s', async path => {
    const { status, headers } = await get(path);
    expect(status).toBe(200);
    expect(headers['cache-control']).toContain('private');
    const known = { 'If-None-Match': headers.etag };
    expect((await get(path, known)).status).toBe(304);
    const weak = { 'If-None-Match': `"other", W/${headers.etag}` };
    expect((await get(path, weak)).status).toBe(304);
  });

  it('hears of a device whose state has changed', async () => {
    const path = '/fleet/devices?isolation=cordoned';
    const { headers } = await get(path);
    const [first] = told;
    fleet.tell({ ...first, cordoned: true });
    await until(async () => {
      const { status } = await get(path, { 'If-None-Match': headers.etag });
      return status === 200;
    });
    expect(await found('isolation=cordoned')).toEqual([
      'oslo-pi-01',
      'oslo-pi-02',
    ]);
    fleet.tell(first);
    await until(async () => (await found('isolation=cordoned')).length === 1);
  });
});

describe('rights', () => {
  it.each(paths)('keep whoever lacks them from %s', async path => {
    expect(problemOf(await get(path, {}, 'lena'))).toBe('403 notPermitted');
    expect((await portal.anonymously(path)).status).toBe(401);
    expect(portal.world.audited).toContain('read failed notPermitted');
  });

  it('limit every view to what somebody may see, and never share an answer', async () => {
    const { body } = await get('/fleet/summary', {}, 'jonas');
    expect(body).toMatchObject({ devices: 2, sites: 1 });
    const list = await get('/fleet/devices', {}, 'jonas');
    expect(list.body.items.map(idOf)).toEqual(['bergen-pi-01', 'bergen-pi-02']);
    const sites = await get('/fleet/sites', {}, 'jonas');
    expect(sites.body.columns.id).toEqual(['edge-north/bergen']);
    const served = await get(
      '/fleet/services/default/component/belt',
      {},
      'jonas',
    );
    expect(served.body.devices).toBe(1);
    const hidden = '/fleet/devices/edge-north/oslo-pi-01';
    expect(problemOf(await get(hidden, {}, 'jonas'))).toBe('404 notFound');
    expect(problemOf(await get('/fleet/sites/oslo', {}, 'jonas'))).toBe(
      '404 notFound',
    );
    const { headers } = await get('/fleet/summary');
    const known = { 'If-None-Match': headers.etag };
    expect((await get('/fleet/summary', known, 'jonas')).status).toBe(200);
  });
});

describe('hostile text', () => {
  const path = `/fleet/devices/edge-south/${encodeURIComponent(hostile.name)}`;

  it('is text in a JSON answer, as it came, and nothing else', async () => {
    const { status, headers, body } = await get(path);
    expect(status).toBe(200);
    expect(headers['content-type']).toMatch(/^application\/json/);
    expect(body).toMatchObject({
      name: hostile.name,
      site: hostile.site,
      siteName: hostile.title,
      version: hostile.version,
      labels: { trap: hostile.label },
      twins: [{ properties: [{ name: 'lamp', reported: hostile.twin }] }],
    });
  });

  it.each<[string, string]>([
    ['text', hostile.name],
    ['site', hostile.site],
    ['version', hostile.version],
    ['label', `trap=${hostile.label}`],
  ])('finds its device and no other as a filter by %s', async (key, value) => {
    const query = `${key}=${encodeURIComponent(value)}`;
    expect(await found(query)).toEqual(['hostile']);
  });

  it.each(['.*', '%', "' or 1=1 --", '__proto__', 'constructor', '*'])(
    'finds nobody by %s',
    async value => {
      const each = encodeURIComponent(value);
      expect(await found(`site=${each}`)).toEqual([]);
      expect(await found(`label=${each}`)).toEqual([]);
    },
  );

  it.each([
    '/fleet/actions?site=%00',
    '/fleet/devices?text=%00',
    '/fleet/devices/edge-south/%00',
  ])('is asked of no database with a zero character: %s', async address => {
    expect(problemOf(await get(address))).toBe('400 badRequest');
  });

  it('opens the page of its site, and of nothing in the file system', async () => {
    const site = await get(`/fleet/sites/${encodeURIComponent(hostile.site)}`);
    expect(site.body).toMatchObject({ name: hostile.title, devices: 1 });
    const out = await get('/fleet/devices/edge-south/..%2f..%2fetc%2fpasswd');
    expect(problemOf(out)).toBe('404 notFound');
  });
});
