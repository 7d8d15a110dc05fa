// SPDX-License-Identifier: Apache-2.0
import { tmpdir } from 'node:os';
import { devices, deviceStatuses } from '../controllers/kubeedge/deviceObjects';
import { runControllers } from '../controllers/runControllers';
import { nodes } from '../controllers/workloads/workloads';
import { DeviceMachines } from '../devices/DeviceMachines';
import { DeviceWorld } from '../devices/DeviceWorld';
import { planFleet } from '../devices/planFleet';
import { aCluster } from '../testing/aCluster';
import { acceleratedScheduler } from '../time/Scheduler';
import { boardTwins, installBoards } from './boardTwins';
import { machinesOf, nodeOf } from './nodes';

jest.setTimeout(60_000);

test('every board has a twin that says what its telemetry says, obeys, and falls silent with it', async () => {
  const scheduler = acceleratedScheduler(200);
  const world = new DeviceWorld({
    plan: planFleet({ sites: 2, devices: 4 }),
    clock: scheduler.now,
  });
  const cluster = await aCluster();
  const name = 'edge-production';
  const machines = new DeviceMachines(world, name, scheduler);
  for (const [index, machine] of machinesOf(
    name,
    world.plan,
    'kubeedge',
  ).entries()) {
    const node = nodeOf(machine, index, machines.bootedAt(machine.name));
    await cluster.client.create(nodes, undefined, node);
  }
  const boards = world.plan.devicesOf(name);
  await installBoards(cluster.client, boards);
  const controllers = await runControllers({
    kubeConfig: cluster.kubeConfig,
    directory: tmpdir(),
    scheduler,
    machines,
    controllers: [],
    additional: ['kubeedge'],
    kubeEdge: { twins: boardTwins(world) },
    log: () => undefined,
  });
  const [board] = boards;
  const key = { namespace: 'boards', name: board.name };
  const told = async (property: string) => {
    const said = await cluster.client.get(deviceStatuses, key);
    return said?.status?.twins?.find(
      ({ propertyName }) => propertyName === property,
    )?.reported;
  };
  const until = async (isSo: () => Promise<boolean>) => {
    while (!(await isSo())) await scheduler.sleep(1_000);
  };

  await until(async () => (await told('temperature')) !== undefined);
  const { value, metadata } = (await told('temperature'))!;
  const { temperature } = world.telemetryAt(
    board,
    new Date(Number(metadata?.timestamp)),
  );
  expect(value).toBe(temperature.cpu.toFixed(1));
  expect((await cluster.client.list(devices)).items).toHaveLength(4);

  const device = (await cluster.client.get(devices, key))!;
  const properties = device.spec.properties?.map(property =>
    property.name === 'lamp'
      ? { ...property, desired: { value: 'on' } }
      : property,
  );
  await cluster.client.patch(devices, key, { spec: { properties } });
  await until(async () => (await told('lamp'))?.value === 'on');

  const outage = world.effects.begin({
    kind: 'offline',
    devices: [board.name],
  });
  await scheduler.sleep(60_000);
  const silent = await told('temperature');
  await scheduler.sleep(120_000);
  expect(await told('temperature')).toEqual(silent);
  outage.end();
  await until(
    async () =>
      (await told('temperature'))?.metadata?.timestamp !==
      silent?.metadata?.timestamp,
  );

  await controllers.stop();
  machines.stop();
  scheduler.stop();
  await cluster.stop();
});
