// SPDX-License-Identifier: Apache-2.0
import {
  describeDevice,
  describeMeasuring,
  deviceId,
  identifyDevice,
  inventoryEntry,
  type DeviceAxes,
  type HardwareLimits,
  type Inventory,
  type ObservedPod,
  type Telemetry,
} from '@causeway/plugin-delivery-common';
import type { ClusterDevices } from './ClusterDevices';
import { DeviceEntry } from './DeviceEntry';
import { share } from './internText';

/** What is healthy for which hardware; for one that is not known too. */
export type HardwareBook = (hardware: string | undefined) => HardwareLimits;

/** What the database knows of a device. */
export interface RememberedDevice {
  readonly cluster: string;
  readonly name: string;
  readonly axes: DeviceAxes;
  /** Milliseconds since the epoch. */
  readonly lastSeen?: number;
}

const noLabels: Readonly<Record<string, string>> = {};

/** Puts together what is known of a device, and describes it. */
export function describeEntry(
  cluster: ClusterDevices,
  name: string,
  known: {
    readonly inventory: Inventory;
    readonly hardware: HardwareBook;
    readonly telemetry?: Telemetry;
    readonly before?: DeviceEntry;
    readonly remembered?: RememberedDevice;
    readonly now: number;
  },
): DeviceEntry {
  const { inventory, now, before, remembered } = known;
  const node = cluster.node(name);
  const identity = identifyDevice(
    node,
    inventoryEntry(inventory, cluster.name, name),
    site => inventory.sites.get(site),
  );
  const limits = known.hardware(identity.hardware);
  const pods = cluster.podsOn(name);
  const beat = cluster.heartbeat(name);
  const seenBefore = before?.lastSeen ?? remembered?.lastSeen;
  const axes = describeDevice(
    {
      freshness: cluster.freshness(new Date(now)),
      node,
      heartbeat: beat,
      pods,
      wantedImages: pod => cluster.wantedImages(pod),
      telemetry: known.telemetry,
      limits,
    },
    before?.axes ?? remembered?.axes,
    now,
  );
  return new DeviceEntry({
    id: before?.id ?? deviceId(cluster.name, name),
    cluster: cluster.name,
    name: node?.name ?? name,
    identity,
    hardwareName: limits.title,
    labels: node?.labels ?? noLabels,
    axes,
    telemetry: known.telemetry,
    measuring: describeMeasuring(
      known.telemetry,
      limits.telemetryAge,
      before?.measuring,
      now,
    ),
    beat,
    seenBefore,
    workloads: workloadKeys(pods),
  });
}

/** The workloads on a device, each once, in order. Many devices have the same. */
function workloadKeys(pods: readonly ObservedPod[]): readonly string[] {
  const keys = pods.map(pod => share(`${pod.namespace}/${pod.workload.name}`));
  return [...new Set(keys)].sort();
}
