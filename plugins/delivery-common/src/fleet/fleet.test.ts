// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import type { FleetFilter, FleetSort } from '../api/views';
import {
  aNode,
  aRecord,
  axesWith,
  instant,
  now,
} from './__fixtures__/builders';
import { connectivities, healths } from './device';
import { devicePage, UnknownCursor } from './devicePage';
import { deviceTest } from './deviceFilter';
import type { DeviceRecord } from './deviceRecord';
import { describeTwin, driftOf } from './describeTwin';
import { identifyDevice, isDevice, parseCoordinates } from './identifyDevice';
import { emptyInventory } from './inventory';
import { parseInventory } from './parseInventory';
import { countAxes, siteColumns } from './summarise';

describe('what is a device', () => {
  const k3s = { 'node.kubernetes.io/instance-type': 'k3s' };
  const edge = { 'node-role.kubernetes.io/edge': '' };
  it.each<
    [string, Record<string, string>, string | undefined, string | undefined]
  >([
    ['a server', { 'kubernetes.io/arch': 'amd64' }, 'v1.36.3', undefined],
    ['K3s by its label', k3s, 'v1.36.3+k3s1', 'k3s'],
    ['K3s by its version', {}, 'v1.36.3+k3s1', 'k3s'],
    [
      'KubeEdge by its roles',
      { ...edge, 'node-role.kubernetes.io/agent': '' },
      'v1.32.10',
      'kubeedge',
    ],
    ['KubeEdge by its version', {}, 'v1.32.10-kubeedge-v1.23.1', 'kubeedge'],
    ['a node that only has the role', edge, 'v1.36.3', 'kubernetes'],
    [
      'K3s that is no device',
      { ...k3s, 'causeway.dev/device': 'false' },
      'v1.36.3+k3s1',
      undefined,
    ],
    ['a malformed version', edge, 'v1$(reboot)-kubeedge-;rm', 'kubernetes'],
  ])('%s', (_name, labels, version, platform) => {
    const node = aNode({ labels, version });
    const found = isDevice(node, false)
      ? identifyDevice(node, undefined, () => undefined).platform
      : undefined;
    expect(found).toBe(platform);
  });

  it('takes the site of the inventory before that of labels, and the zone last', () => {
    const zone = { 'topology.kubernetes.io/zone': 'group-1' };
    const site = { ...zone, 'causeway.dev/site': 'oslo' };
    const siteOf = (labels: Record<string, string>, inventory?: string) =>
      identifyDevice(
        aNode({ labels }),
        inventory ? { site: inventory } : undefined,
        () => undefined,
      ).site;
    expect(siteOf(zone)).toBe('group-1');
    expect(siteOf(site)).toBe('oslo');
    expect(siteOf(site, 'malmo')).toBe('malmo');
  });

  it.each([
    ['59.91,10.75', { latitude: 59.91, longitude: 10.75 }],
    [' -33.9 , 151.2 ', { latitude: -33.9, longitude: 151.2 }],
    ['91,0', undefined],
    ['0,181', undefined],
    ['<b>1,2</b>', undefined],
    ['', undefined],
  ])('reads the coordinates %s', (text, expected) => {
    expect(parseCoordinates(text)).toEqual(expected);
  });
});

describe('twins', () => {
  const identity = { namespace: 'boards', name: 'belt', deleting: false };
  const status = {
    state: 'online',
    twins: [
      {
        property: 'speed',
        observedDesired: { value: '8' },
        reported: { value: '12', at: now },
      },
      { property: 'door', reported: { value: 'open', at: 9e18 } },
    ],
  };
  const device = {
    ...identity,
    node: 'oslo-pi-01',
    model: 'belt',
    desired: [
      { property: 'speed', value: '8' },
      { property: 'fan', value: 'cool' },
    ],
  };

  it.each([
    ['1.22', { ...device, status }, undefined, 'device'],
    ['1.23', device, { ...identity, status }, 'deviceStatus'],
  ])('reads the layout of KubeEdge %s', (_version, twin, told, layout) => {
    const view = describeTwin(twin, told, {
      ...identity,
      properties: [
        { name: 'speed', type: 'INT', unit: 'm/s', access: 'readWrite' },
        { name: 'lamp' },
      ],
    });
    expect(view).toMatchObject({ layout, state: 'online' });
    expect(view.properties.map(({ name, drift }) => [name, drift])).toEqual([
      ['speed', 'notApplied'],
      ['fan', 'notDelivered'],
      ['lamp', 'notReported'],
      ['door', 'none'],
    ]);
    expect(view.properties[0]).toMatchObject({
      unit: 'm/s',
      reportedAt: instant(0),
    });
    expect(view.properties[3].reportedAt).toBeUndefined();
  });

  it.each([
    [{}, 'notReported'],
    [{ reported: '1' }, 'none'],
    [{ desired: '1' }, 'notDelivered'],
    [{ desired: '1', observedDesired: '0', reported: '1' }, 'notDelivered'],
    [{ desired: '1', observedDesired: '1' }, 'notApplied'],
    [{ desired: '1', observedDesired: '1', reported: '1' }, 'none'],
  ])('drift of %j is %s', (values, drift) => {
    expect(driftOf(values)).toBe(drift);
  });
});

describe('the inventory', () => {
  it('is read with everything it knows', () => {
    const { inventory, problems } = parseInventory(`
# Norden
sites:
  oslo: { title: Oslo, coordinates: [59.91, 10.75], owner: group:default/edge }
devices:
  oslo-pi-01: { cluster: edge, site: oslo, hardware: raspberry-pi-5 }
`);
    expect(problems).toEqual([]);
    expect(inventory.sites.get('oslo')).toMatchObject({
      title: 'Oslo',
      coordinates: { latitude: 59.91 },
    });
    expect(inventory.devices.get('oslo-pi-01')).toMatchObject({ site: 'oslo' });
  });

  it('says what is wrong with its line, and keeps what is right', () => {
    const { inventory, problems } = parseInventory(`sites:
  oslo: { titel: Oslo }
  "../x": {}
devices:
  oslo-pi-01: { coordinates: [1000, 2] }
  oslo-pi-02: { site: "<b>" }
  oslo-pi-03: 7
`);
    expect(problems.map(({ line }) => line)).toEqual([2, 3, 5, 6, 7]);
    expect(problems[0].message).toBe(
      'A site has no "titel"; it may have title, coordinates, owner.',
    );
    expect([...inventory.devices.keys()]).toEqual(['oslo-pi-01', 'oslo-pi-02']);
  });

  it('is empty, with a reason, for whatever text there is', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), text => {
        const { inventory, problems } = parseInventory(text);
        for (const { line } of problems) expect(line).toBeGreaterThan(0);
        expect(inventory.sites.size + inventory.devices.size).toBe(0);
      }),
    );
    expect(parseInventory('a: [').inventory).toBe(emptyInventory);
  });
});

describe('lists', () => {
  const records = fc
    .array(
      fc.record({
        name: fc.string({ minLength: 1, maxLength: 4 }),
        cluster: fc.constantFrom('a', 'b'),
        site: fc.option(fc.constantFrom('oslo', 'malmo'), { nil: undefined }),
        siteName: fc.constant(undefined),
        version: fc.option(fc.constantFrom('v1', 'v2'), { nil: undefined }),
        lastSeen: fc.option(fc.integer(), { nil: undefined }),
        health: fc.constantFrom(...healths),
        connectivity: fc.constantFrom(...connectivities),
      }),
      { maxLength: 40 },
    )
    .map(all => {
      const byId = new Map(
        all.map(({ health, connectivity, ...parts }) => {
          const record = aRecord({
            ...parts,
            axes: axesWith({
              health: { state: health },
              connectivity: { state: connectivity },
            }),
          });
          return [record.id, record];
        }),
      );
      return [...byId.values()];
    });
  const sorts = fc.constantFrom<FleetSort>(
    'name',
    '-name',
    'site',
    'health',
    '-health',
    'connectivity',
    'lastSeen',
    '-lastSeen',
    'version',
    'temperature',
  );

  function allPages(
    devices: readonly DeviceRecord[],
    sort: FleetSort,
    limit: number,
  ) {
    const found: DeviceRecord[] = [];
    let cursor: string | undefined;
    do {
      const page = devicePage(devices, () => true, { sort, limit, cursor });
      expect(page.total).toBe(devices.length);
      found.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    return found;
  }

  it('show every device once, in the same order whatever the size of a page', () => {
    fc.assert(
      fc.property(
        records,
        sorts,
        fc.integer({ min: 1, max: 7 }),
        (devices, sort, limit) => {
          const found = allPages(devices, sort, limit).map(({ id }) => id);
          expect([...found].sort()).toEqual(devices.map(({ id }) => id).sort());
          expect(found).toEqual(
            allPages([...devices].reverse(), sort, 50).map(({ id }) => id),
          );
        },
      ),
    );
  });

  it('neither repeat nor lose a device that stays, while others come and go', () => {
    fc.assert(
      fc.property(records, records, sorts, (devices, others, sort) => {
        const first = devicePage(devices, () => true, { sort, limit: 5 });
        fc.pre(first.nextCursor !== undefined);
        const ids = new Set(devices.map(({ id }) => id));
        const now2 = [...devices, ...others.filter(({ id }) => !ids.has(id))];
        const rest = devicePage(now2, () => true, {
          sort,
          limit: 500,
          cursor: first.nextCursor,
        });
        const seen = [...first.items, ...rest.items]
          .map(({ id }) => id)
          .filter(id => ids.has(id));
        expect(seen.sort()).toEqual([...ids].sort());
      }),
    );
  });

  it.each(['%', 'null', '%5B%22name%22%5D', 'x'])(
    'refuse the cursor %s',
    cursor => {
      expect(() =>
        devicePage([], () => true, { sort: 'name', limit: 1, cursor }),
      ).toThrow(UnknownCursor);
    },
  );

  it('begin with the worst', () => {
    const devices = healths.map(state =>
      aRecord({ name: state, axes: axesWith({ health: { state } }) }),
    );
    const { items } = devicePage(devices, () => true, {
      sort: 'health',
      limit: 9,
    });
    expect(items.map(({ name }) => name)).toEqual([
      'critical',
      'warning',
      'unknown',
      'ok',
    ]);
  });

  it.each<[FleetFilter, boolean]>([
    [{}, true],
    [{ site: ['malmo', 'oslo'] }, true],
    [{ site: ['edge/oslo'] }, true],
    [{ site: ['other/oslo'] }, false],
    [{ site: ['oslo'], cluster: ['other'] }, false],
    [{ health: ['warning', 'critical'] }, true],
    [{ connectivity: ['offline'] }, false],
    [{ label: ['ring=1'] }, true],
    [{ label: ['ring'] }, true],
    [{ label: ['ring=2', 'constructor'] }, false],
    [{ text: 'PI OSLO' }, true],
    [{ text: 'pi malmo' }, false],
    [{ text: '.*' }, false],
    [{ service: ['component:default/belt'] }, true],
    [{ hardware: ['jetson'] }, false],
  ])('let a device through %j: %s', (filter, expected) => {
    const device = aRecord({
      labels: { ring: '1' },
      workloads: ['sorting/belt'],
      axes: axesWith({ health: { state: 'warning' } }),
    });
    const test = deviceTest(
      filter,
      (cluster, workload) => cluster === 'edge' && workload === 'sorting/belt',
    );
    expect(test(device)).toBe(expected);
  });
});

describe('counts', () => {
  it('count every device once on every axis, and show the worst of a site', () => {
    const devices = [
      aRecord({ name: 'a' }),
      aRecord({
        name: 'b',
        axes: axesWith({
          connectivity: { state: 'offline' },
          health: { state: 'unknown' },
        }),
      }),
      aRecord({
        name: 'c',
        axes: axesWith({
          connectivity: { state: 'stale' },
          health: { state: 'unknown' },
        }),
      }),
      aRecord({ name: 'a', cluster: 'other' }),
      aRecord({ name: 'x', site: undefined }),
    ];
    expect(countAxes(devices).connectivity).toEqual({
      live: 3,
      stale: 1,
      offline: 1,
      never: 0,
    });
    expect(siteColumns(devices)).toMatchObject({
      id: ['edge/oslo', 'other/oslo'],
      name: ['Oslo', 'Oslo'],
      devices: [3, 1],
      worst: ['away', 'ok'],
      ok: [1, 1],
      stale: [1, 0],
      away: [1, 0],
      latitude: [null, null],
    });
  });
});
