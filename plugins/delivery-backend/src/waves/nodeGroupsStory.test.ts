// SPDX-License-Identifier: Apache-2.0
import type { WaveView } from '@causeway/plugin-delivery-common';
import { EmptyDatabases } from '../database/__testUtils__/EmptyDatabases';
import { untilPhase } from '../promotions/__fixtures__/engines';
import { nodeGroupsOf, stage, WaveWorld } from './__testUtils__/WaveWorld';

/** A whole world, on machines that may be busy. */
jest.setTimeout(1_800_000);

const databases = EmptyDatabases.create(['SQLITE_3']);

let world: WaveWorld;

beforeAll(async () => {
  world = await WaveWorld.start(await databases.take('SQLITE_3'), {
    devices: 12,
    rate: 40,
    wave: '{ growth: 8, firstSoak: 20s, soak: 10s, watch: 10m, maxTemperature: 150 }',
    overlays: 'nodeGroups',
  });
});
afterAll(() => world?.stop());

const groupsAt = (view: WaveView, place: string) =>
  view.devices.filter(each => each.place === place).map(({ name }) => name);

it('brings a release to node groups by their overrides, puts the bad one back as a whole, and the stage too', async () => {
  const { devices } = world.world;
  const members = nodeGroupsOf(world.world);
  const [away, ...others] = members.keys();
  const membersOf = (group: string) => members.get(group) ?? [];
  const graphicsOf = (group: string) =>
    devices.plan
      .devicesOf(stage)
      .find(
        ({ name, hardware }) =>
          hardware === 'jetson-orin-nx' && membersOf(group).includes(name),
      )?.name;
  const outage = devices.effects.begin({
    kind: 'offline',
    devices: [...membersOf(away)],
  });
  await world.watched.until(() =>
    membersOf(away).every(
      name => world.watched.fleet.find(stage, name)?.connectivity !== 'live',
    ),
  );
  let portal = world.startPortal();
  const { id } = await world.promote(portal, '5.6.0');
  const first = await world.untilWave(portal, id, view =>
    groupsAt(view, 'soaking').some(graphicsOf),
  );
  const bad = groupsAt(first, 'soaking').find(graphicsOf)!;
  const broken = graphicsOf(bad)!;
  expect(
    new Map(
      first.devices.map(device => [device.name, device.members?.toSorted()]),
    ),
  ).toEqual(
    new Map([...members].map(([name, nodes]) => [name, nodes.toSorted()])),
  );
  const fault = devices.effects.begin({ kind: 'gpuLost', devices: [broken] });
  const failed = await world.untilWave(portal, id, view =>
    groupsAt(view, 'failed').includes(bad),
  );
  expect(failed.devices.find(({ name }) => name === bad)?.sentence).toContain(
    broken,
  );
  await portal.stop();
  portal = world.startPortal();
  const haveAll = (group: string, version: string) =>
    membersOf(group).every(name => world.versions().get(name) === version);
  await world.watched.until(() => haveAll(bad, '5.5.8'));
  fault.end();
  await untilPhase(portal.engine, id, 'succeeded');
  for (const group of others)
    expect([group, haveAll(group, group === bad ? '5.5.8' : '5.6.0')]).toEqual([
      group,
      true,
    ]);

  outage.end();
  await world.untilWave(
    portal,
    id,
    view => groupsAt(view, 'proven').length === others.length,
  );
  expect(haveAll(away, '5.6.0')).toBe(true);

  const back = await world.promote(portal, '5.5.8');
  await untilPhase(portal.engine, back.id, 'succeeded');
  expect(new Set(world.versions().values())).toEqual(new Set(['5.5.8']));
});
