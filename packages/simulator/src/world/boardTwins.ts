// SPDX-License-Identifier: Apache-2.0
import {
  DeviceModel,
  deviceModels,
  Device as TwinnedDevice,
  devices as twinnedDevices,
  ModelProperty,
} from '../controllers/kubeedge/deviceObjects';
import { kubeEdgeDefinitions } from '../controllers/kubeedge/kubeEdgeDefinitions';
import {
  obedientDevices,
  TwinSource,
} from '../controllers/kubeedge/TwinSource';
import { customResourceDefinitions } from '../controllers/runtime/definitions';
import type { KubernetesClient } from '../controllers/runtime/KubernetesClient';
import { namespaces } from '../controllers/workloads/workloads';
import type { Device } from '../devices/Device';
import type { DeviceWorld } from '../devices/DeviceWorld';
import type { Telemetry } from '../devices/Telemetry';

const namespace = 'boards';
const modelName = 'board';
/** Milliseconds between two reports of a board. */
const reportCycle = 30_000;
/** Boards are registered so many at a time. */
const registrationsAtOnce = 20;

/** What boards measure, in the words of their telemetry. */
const measured: Readonly<
  Record<string, { readonly unit: string; read(told: Telemetry): number }>
> = {
  temperature: { unit: '°C', read: ({ temperature }) => temperature.cpu },
  power: { unit: 'W', read: ({ power }) => power.total },
  load: { unit: '%', read: ({ cpuLoad }) => cpuLoad * 100 },
};

/** A lamp on the board that shows people which one is meant: the one thing that can be set. */
const lamp = 'lamp';

const properties: readonly ModelProperty[] = [
  ...Object.entries(measured).map(
    ([name, { unit }]): ModelProperty => ({
      name,
      type: 'DOUBLE',
      accessMode: 'ReadOnly',
      unit,
    }),
  ),
  { name: lamp, type: 'STRING', accessMode: 'ReadWrite' },
];

const model: Omit<DeviceModel, 'metadata'> & { metadata: object } = {
  apiVersion: deviceModels.apiVersion,
  kind: deviceModels.kind,
  metadata: { name: modelName, namespace },
  spec: { protocol: 'board', properties },
};

function twinnedDeviceOf({ name }: Device): object {
  const spec: TwinnedDevice['spec'] = {
    deviceModelRef: { name: modelName },
    nodeName: name,
    properties: properties.map(property => ({
      name: property.name,
      reportCycle,
      reportToCloud: true,
      ...(property.name === lamp && { desired: { value: 'off' } }),
    })),
  };
  return { metadata: { name, namespace }, spec };
}

/** Gives a cluster the kinds of KubeEdge, and every board of it a device of its own name with a twin. */
export async function installBoards(
  client: KubernetesClient,
  boards: readonly Device[],
): Promise<void> {
  for (const definition of kubeEdgeDefinitions('deviceStatus'))
    await client.create(customResourceDefinitions, undefined, definition);
  await client.create(namespaces, undefined, { metadata: { name: namespace } });
  await client.create(deviceModels, namespace, model);
  const waiting = boards.values();
  const register = async () => {
    for (const board of waiting)
      await client.create(twinnedDevices, namespace, twinnedDeviceOf(board));
  };
  await Promise.all(Array.from({ length: registrationsAtOnce }, register));
}

/** What the boards of a world say of themselves. Their lamps obey. */
export function boardTwins(world: DeviceWorld): TwinSource {
  const lamps = obedientDevices();
  return {
    isOnline({ node }, at) {
      const board = world.plan.deviceNamed(node);
      return board !== undefined && world.stateAt(board, at).running;
    },
    read(device, property, at) {
      const board = world.plan.deviceNamed(device.node);
      const { [property]: measure } = measured;
      if (!board || !measure) return lamps.read(device, property, at);
      return measure.read(world.telemetryAt(board, at)).toFixed(1);
    },
    write: lamps.write,
  };
}
