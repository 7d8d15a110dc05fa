// SPDX-License-Identifier: Apache-2.0
import { timestamp } from '../runtime/resources';
import {
  Device,
  DeviceModel,
  Twin,
  TwinStatus,
  TwinValue,
} from './deviceObjects';
import { TwinDevice, TwinSource } from './TwinSource';

/** Shortest and usual time between two reports, in milliseconds. */
const shortestCycle = 1_000;
const usualCycle = 60_000;

/** Which device is meant, when it has a place. */
export function twinDeviceOf({
  metadata,
  spec,
}: Device): TwinDevice | undefined {
  const { namespace = '', name } = metadata;
  return spec.nodeName ? { namespace, name, node: spec.nodeName } : undefined;
}

/** Milliseconds between two reports of a device: the shortest that one of its properties asks for. */
export function reportCycleOf({ spec }: Device): number {
  const cycles = (spec.properties ?? []).flatMap(({ reportCycle }) =>
    reportCycle ? [reportCycle] : [],
  );
  return Math.max(shortestCycle, Math.min(usualCycle, ...cycles));
}

function valueAt(value: string, type: string, at: Date): TwinValue {
  return { value, metadata: { timestamp: String(at.getTime()), type } };
}

/**
 * What the edge says of a device after a look at it. A wish that is new at the
 * edge is echoed and, when the model lets it be written, handed to the device. A
 * device that is not online keeps what it said last and loses its last time
 * online, as KubeEdge has it.
 */
export function reportTwins(
  device: Device,
  model: DeviceModel | undefined,
  said: TwinStatus | undefined,
  source: TwinSource,
  at: Date,
): TwinStatus {
  const place = twinDeviceOf(device);
  if (!place) return said ?? {};
  const online = source.isOnline(place, at);
  const twins = (device.spec.properties ?? []).map(
    ({ name, desired }): Twin => {
      const before = said?.twins?.find(twin => twin.propertyName === name);
      const described = model?.spec.properties?.find(one => one.name === name);
      const type = (described?.type ?? 'STRING').toLowerCase();
      const isNew =
        desired !== undefined &&
        desired.value !== before?.observedDesired?.value;
      if (online && isNew && described?.accessMode === 'ReadWrite')
        source.write(place, name, desired.value);
      const value = online ? source.read(place, name, at) : undefined;
      const observed = isNew
        ? valueAt(desired.value, type, at)
        : before?.observedDesired;
      const reported =
        value === undefined ? before?.reported : valueAt(value, type, at);
      return {
        propertyName: name,
        ...(observed ? { observedDesired: observed } : {}),
        ...(reported ? { reported } : {}),
      };
    },
  );
  return {
    twins,
    state: online ? 'online' : 'offline',
    lastOnlineTime: online ? timestamp(at) : '',
  };
}
