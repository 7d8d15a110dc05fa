// SPDX-License-Identifier: Apache-2.0
import {
  declares,
  siteKey,
  type DeviceSight,
  type DrillOrder,
  type DrillSight,
} from '@causeway/plugin-delivery-common';
import type { ClusterDevices } from '../fleet/ClusterDevices';
import type { HardwareBook } from '../fleet/describeEntry';
import type { DeviceEntry } from '../fleet/DeviceEntry';
import type { DeviceReader } from '../fleet/DeviceReader';
import { lastingPods } from '../fleet/servicePods';

/** What a look at devices needs. */
export interface DrillLook {
  readonly fleet: DeviceReader;
  readonly hardware: HardwareBook;
  readonly now: Date;
}

/** The devices of a drill and all others at their sites, as they are now, from memory. */
export function observeDrill(
  order: Pick<DrillOrder, 'devices' | 'targets' | 'release'>,
  look: DrillLook,
): DrillSight {
  const sites = new Set(order.devices.map(siteKey));
  const sights: Record<string, DeviceSight> = {};
  for (const cluster of look.fleet.clusters()) {
    if (!order.devices.some(device => device.cluster === cluster.name)) {
      continue;
    }
    if (!cluster.hasRead || cluster.freshness(look.now).state !== 'live') {
      continue;
    }
    for (const node of cluster.deviceNames()) {
      const entry = look.fleet.find(cluster.name, node);
      if (!entry || !sites.has(siteKey(entry))) continue;
      sights[entry.id] = describe(entry, cluster, order, look);
    }
  }
  return sights;
}

function describe(
  entry: DeviceEntry,
  cluster: ClusterDevices,
  order: Pick<DrillOrder, 'targets' | 'release'>,
  look: DrillLook,
): DeviceSight {
  const pods = lastingPods(cluster, entry.name, order.targets);
  const { health } = entry.axes;
  const bootId = cluster.node(entry.name)?.bootId;
  return {
    ...(entry.site !== undefined && { site: entry.site }),
    connectivity: entry.connectivity,
    health: health.state,
    ...(health.reason && { healthReason: health.reason.message }),
    ...(bootId !== undefined && { bootId }),
    pods: Object.fromEntries(
      pods.map(({ name, state, restarts, containerRestarts }) => [
        name,
        {
          running: state === 'running',
          restarts,
          ...(containerRestarts && { containerRestarts }),
        },
      ]),
    ),
    ...(pods.length > 0 && {
      isRelease: pods.every(({ images }) =>
        declares(images, order.release.images),
      ),
    }),
    ...readingsOf(entry, look),
  };
}

/** What was measured too long ago says nothing about now. */
function readingsOf(
  { telemetry, hardware }: DeviceEntry,
  look: DrillLook,
): Pick<DeviceSight, 'temperature' | 'processors'> {
  const limits = look.hardware(hardware);
  const read = (name: 'temperature' | 'processors') => {
    const reading = telemetry?.readings[name];
    if (!reading) return undefined;
    const age = look.now.getTime() - Date.parse(reading.at);
    return age <= limits.telemetryAge ? reading.value : undefined;
  };
  const temperature = read('temperature');
  const processors = read('processors');
  return {
    ...(temperature !== undefined && {
      temperature: {
        value: temperature,
        critical: limits.temperature.critical,
      },
    }),
    ...(processors !== undefined && { processors }),
  };
}
