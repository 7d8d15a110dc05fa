// SPDX-License-Identifier: Apache-2.0
import type { WaveView } from '@causeway/plugin-delivery-common';
import { EmptyDatabases } from '../database/__testUtils__/EmptyDatabases';
import { untilPhase } from '../promotions/__fixtures__/engines';
import { stage, WaveWorld } from './__testUtils__/WaveWorld';

/** A whole world, on machines that may be busy. */
jest.setTimeout(1_800_000);

const databases = EmptyDatabases.create(['SQLITE_3']);

let world: WaveWorld;

beforeAll(async () => {
  world = await WaveWorld.start(await databases.take('SQLITE_3'), {
    devices: 12,
    rate: 40,
    wave: '{ growth: 8, firstSoak: 20s, soak: 10s, watch: 10m, maxTemperature: 150, health: { "*": { job: { probe: uplink } } }, healthFailures: 1 }',
    overlays: 'devices',
  });
});
afterAll(() => world?.stop());

const names = (view: WaveView, place: string) =>
  view.devices.filter(each => each.place === place).map(({ name }) => name);

it('brings a release to pinned workloads by commits to their overlays, puts the bad one back, and the stage too', async () => {
  const { devices } = world.world;
  const all = devices.plan.devicesOf(stage).map(({ name }) => name);
  const [away, bad] = all;
  const outage = devices.effects.begin({ kind: 'offline', devices: [away] });
  await world.watched.until(
    () => world.watched.fleet.find(stage, away)?.connectivity !== 'live',
  );
  // Nobody finds that but a Job on the device.
  const fault = devices.effects.begin({
    kind: 'packetLoss',
    devices: [bad],
    parameters: { share: 0.5 },
  });
  let portal = world.startPortal();
  const { id } = await world.promote(portal, '5.6.0');
  const failed = await world.untilWave(portal, id, view =>
    names(view, 'failed').includes(bad),
  );
  expect(failed.log.find(({ kind }) => kind === 'failed')?.sentence).toContain(
    'its probe uplink ended with code 1: 50 % of the packets were lost',
  );
  await portal.stop();
  portal = world.startPortal();
  await world.watched.until(() => world.versions().get(bad) === '5.5.8');
  fault.end();
  const { promotion } = await untilPhase(portal.engine, id, 'succeeded');
  expect(promotion).toMatchObject({ phase: 'succeeded' });
  // What is pinned to a device that is away is waited for there.
  const versions = new Map(world.versions());
  expect(versions.get(away)).not.toBe('5.6.0');
  versions.delete(away);
  expect(Object.fromEntries(versions)).toEqual(
    Object.fromEntries(
      all
        .filter(name => name !== away)
        .map(name => [name, name === bad ? '5.5.8' : '5.6.0']),
    ),
  );

  outage.end();
  await world.untilWave(
    portal,
    id,
    view => names(view, 'proven').length === all.length - 1,
  );
  expect(world.versions().get(away)).toBe('5.6.0');

  const back = await world.promote(portal, '5.5.8');
  await untilPhase(portal.engine, back.id, 'succeeded');
  expect(new Set(world.versions().values())).toEqual(new Set(['5.5.8']));
});
