// SPDX-License-Identifier: Apache-2.0
import type { WaveDecision, WaveView } from '@causeway/plugin-delivery-common';
import { EmptyDatabases } from '../database/__testUtils__/EmptyDatabases';
import { untilPhase } from '../promotions/__fixtures__/engines';
import { WaveWorld, type WaveProcess } from './__testUtils__/WaveWorld';

/** A whole world, on machines that may be busy. */
jest.setTimeout(1_800_000);

const databases = EmptyDatabases.create(['SQLITE_3']);

/** Sixty devices, of which six are away and one is bad. */
const fleet = 60;
const awayCount = 6;

let world: WaveWorld;

beforeAll(async () => {
  world = await WaveWorld.start(await databases.take('SQLITE_3'), {
    devices: fleet,
    rate: 20,
    wave: '{ growth: 8, firstSoak: 20s, soak: 10s, watch: 10m, maxTemperature: 150, prePull: { atOnce: 30 } }',
  });
});
afterAll(() => world?.stop());

const names = (view: WaveView, place: string) =>
  view.devices.filter(each => each.place === place).map(({ name }) => name);

const isSoakingJetson = ({ place, hardware }: WaveView['devices'][number]) =>
  place === 'soaking' && hardware === 'jetson-orin-nx';

/** No site has more devices without a running pod than a quarter of it, one at least. */
function sitesOverBudget(view: WaveView): readonly string[] {
  const sites = new Map<string, { total: number; down: number }>();
  for (const { site, place } of view.devices) {
    const known = sites.get(site) ?? { total: 0, down: 0 };
    sites.set(site, {
      total: known.total + 1,
      down: known.down + (place === 'inFlight' ? 1 : 0),
    });
  }
  return [...sites]
    .filter(([, { total, down }]) => down > Math.max(1, Math.floor(total / 4)))
    .map(([site]) => site);
}

/** What brings images to devices now. */
function pulls() {
  const [cluster] = world.watched.fleet.clusters();
  return [...cluster.deviceNames()].flatMap(node => cluster.pullsOn(node));
}

/** The devices that the wave has decided something for. */
async function decidedFor(
  { engine }: WaveProcess,
  id: string,
  kind: WaveDecision['kind'],
): Promise<ReadonlySet<string>> {
  const events = await engine.waves.history(id);
  const decisions = events.flatMap(({ data }) =>
    'decisions' in data ? (data.decisions as readonly WaveDecision[]) : [],
  );
  return new Set(
    decisions.flatMap(decision =>
      decision.kind === kind && 'device' in decision ? [decision.device] : [],
    ),
  );
}

it('brings a release to sixty devices, takes the bad one back, goes on, and lets those that are away catch up', async () => {
  const away = world.world.devices.plan
    .devicesOf('edge-production')
    .slice(0, awayCount)
    .map(({ name }) => name);
  const outage = world.world.devices.effects.begin({
    kind: 'offline',
    devices: away,
  });
  await world.watched.until(() =>
    away.every(
      name =>
        world.watched.fleet.find('edge-production', name)?.connectivity !==
        'live',
    ),
  );
  let portal = world.startPortal();
  const { id } = await world.promote(portal, '5.6.0');

  const first = await world.untilWave(portal, id, view =>
    view.devices.some(isSoakingJetson),
  );
  expect(names(first, 'away').sort()).toEqual([...away].sort());
  const bad = first.devices.find(isSoakingJetson)!;
  const fault = world.world.devices.effects.begin({
    kind: 'gpuLost',
    devices: [bad.name],
  });

  // The bad one goes back, and the portal dies and comes back in the middle of that.
  await world.untilWave(portal, id, view => view.template.wants === 'before');
  await portal.stop();
  portal = world.startPortal();
  await world.untilWave(
    portal,
    id,
    view => view.template.wants === 'release' && view.template.step > 0,
  );
  fault.end();
  const over: string[] = [];
  await world.untilWave(portal, id, view => {
    over.push(...sitesOverBudget(view));
    return (
      view.template.wants === 'release' &&
      view.template.step > 0 &&
      names(view, 'proven').length >= 20
    );
  });
  const { promotion } = await untilPhase(portal.engine, id, 'succeeded');
  expect(promotion).toMatchObject({ phase: 'succeeded' });
  expect(over).toEqual([]);
  const pulled = await decidedFor(portal, id, 'prePull');
  const ordered = await decidedFor(portal, id, 'order');
  expect(ordered.size).toBe(fleet - awayCount);
  expect([...ordered].filter(device => !pulled.has(device))).toEqual([]);
  await world.watched.until(() => pulls().length === 0);

  const arrived = await world.untilWave(
    portal,
    id,
    view => view.summary.state === 'arrived',
  );
  expect(names(arrived, 'failed')).toEqual([bad.name]);
  expect(names(arrived, 'away').sort()).toEqual([...away].sort());
  expect(names(arrived, 'proven')).toHaveLength(fleet - awayCount - 1);
  const versions = world.versions();
  expect(versions.get(bad.name)).toBe('5.5.8');
  for (const name of away)
    expect([name, versions.get(name)]).toEqual([name, '5.5.8']);

  outage.end();
  const caughtUp = await world.untilWave(
    portal,
    id,
    view => names(view, 'proven').length === fleet - 1,
  );
  expect(caughtUp.summary.counts).toMatchObject({ away: 0, failed: 1 });
  for (const name of away)
    expect([name, world.versions().get(name)]).toEqual([name, '5.6.0']);
});
