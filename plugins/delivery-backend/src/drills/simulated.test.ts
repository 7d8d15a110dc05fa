// SPDX-License-Identifier: Apache-2.0
import { EmptyDatabases } from '../database/__testUtils__/EmptyDatabases';
import { DrillWorld, person, service, stage } from './__testUtils__/DrillWorld';
import { FaultRefused } from './DrillExecutor';
import { SimulatedFaults } from './simulator/SimulatedFaults';

/** A whole world, on machines that may be busy. */
jest.setTimeout(900_000);

const databases = EmptyDatabases.create(['SQLITE_3']);
let world: DrillWorld;

beforeAll(async () => {
  world = await DrillWorld.start(await databases.take('SQLITE_3'), 20);
});
afterAll(() => world?.stop());

it('takes a device off the network for a minute, sees the service go on, and waits to be signed off', async () => {
  const portal = world.startPortal();
  const drill = await world.drill(portal, 'offline-1m');
  expect(drill.order).toMatchObject({
    release: { id: 'release-1', version: '2.7.3' },
    devices: [{ cluster: stage, site: 'lab' }],
  });
  await world.until(portal, drill, ({ phase }) => phase === 'fault');
  const [run] = world.world.scenarios.runs();
  expect(run).toMatchObject({
    scenario: 'offline',
    startedBy: `drill:default/${drill.order.id}`,
    parameters: { device: drill.order.devices[0].name },
  });
  // Should the portal be gone for good, the fault ends by itself two minutes later.
  expect(Date.parse(run.endsAt ?? '') - Date.parse(run.startedAt)).toBe(
    180_000,
  );
  const over = await world.until(portal, drill, each => each.phase === 'over');
  expect(over.findings.filter(({ outcome }) => outcome !== 'met')).toEqual([]);
  expect(over.verdict).toBe('passed');
  expect(world.running()).toEqual([]);

  const { id } = drill.order;
  await portal.drills.sign(id, { decision: 'signedOff' }, person('omar'));
  expect(await portal.store.results(service, stage, 'release-1')).toMatchObject(
    [{ kind: 'offline-1m', signature: { decision: 'signedOff' } }],
  );
  await portal.stop();
});

it('kills the containers of the service once, and sees them start again where they were', async () => {
  const portal = world.startPortal();
  const drill = await world.drill(portal, 'container-restart');
  await world.until(portal, drill, ({ phase }) => phase === 'fault');
  expect(world.world.scenarios.runs()[0]).toMatchObject({
    scenario: 'container-restart',
    parameters: {
      device: drill.order.devices[0].name,
      namespace: 'sorting',
      workload: 'parcel-vision',
    },
  });
  const over = await world.until(portal, drill, each => each.phase === 'over');
  expect(over.findings.filter(({ outcome }) => outcome !== 'met')).toEqual([]);
  expect(over.verdict).toBe('passed');
  expect(world.running()).toEqual([]);
  await portal.stop();
});

it('boots a device without a warning, and sees it and the service come back', async () => {
  const portal = world.startPortal();
  const drill = await world.drill(portal, 'sudden-reboot');
  const over = await world.until(portal, drill, each => each.phase === 'over');
  expect(over.findings.filter(({ outcome }) => outcome !== 'met')).toEqual([]);
  expect(over.verdict).toBe('passed');
  expect(world.running()).toEqual([]);
  await portal.stop();
});

it('ends the fault first when the portal comes back after it was gone', async () => {
  const before = world.startPortal();
  const drill = await world.drill(before, 'high-load');
  await world.until(before, drill, ({ phase }) => phase === 'fault');
  expect(world.running()).toEqual(['high-load']);
  await before.stop();
  expect(world.running()).toEqual(['high-load']);
  const left = world.now();
  await world.watched.until(() => world.now() > left + 60_000);

  const after = world.startPortal({ longestGap: 30_000 });
  const over = await world.until(after, drill, each => each.phase === 'over');
  expect(over).toMatchObject({
    verdict: 'interrupted',
    ending: { reason: 'interrupted' },
  });
  expect(world.running()).toEqual([]);
  await after.stop();
});

it('refuses for good what the simulator will never do, and ends what never began', async () => {
  const faults = new SimulatedFaults(world.world.forge.url, 'token-of-a-test');
  const { signal } = new AbortController();
  const order = {
    drill: 'none',
    fault: 'heat',
    devices: [{ id: 'edge/none', cluster: 'edge', name: 'none' }],
    targets: [],
    duration: 60_000,
    requestedAt: '2026-11-22T08:00:00.000Z',
  } as const;
  await expect(faults.begin(order, signal)).rejects.toThrow(FaultRefused);
  await faults.end(order, signal);
  const stranger = new SimulatedFaults(world.world.forge.url, 'another');
  await expect(stranger.begin(order, signal)).rejects.not.toThrow(FaultRefused);
  expect(world.running()).toEqual([]);
});
