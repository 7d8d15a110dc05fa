// SPDX-License-Identifier: Apache-2.0
import {
  describeTwin,
  parseImage,
  type FleetDevice,
  type FleetDeviceRow,
  type FleetStateChange,
  type FleetTwinChange,
  type FleetWorkload,
  type Incident,
  type ObservedPod,
  type TwinChange,
} from '@causeway/plugin-delivery-common';
import type { ClusterDevices } from './ClusterDevices';
import type { DeviceEntry } from './DeviceEntry';
import type { StateChange } from './StateChange';

/** A device as a line of a list. */
export function deviceRow(device: DeviceEntry): FleetDeviceRow {
  const { axes, telemetry, lastSeen } = device;
  const { temperature, power } = telemetry?.readings ?? {};
  return {
    id: device.id,
    cluster: device.cluster,
    name: device.name,
    site: device.site,
    siteName: device.siteName,
    hardware: device.hardware,
    hardwareName: device.hardwareName,
    platform: device.platform,
    version: device.version,
    ...(lastSeen !== undefined && {
      lastSeen: new Date(lastSeen).toISOString(),
    }),
    ...axes,
    ...(device.incident !== undefined && { incident: device.incident }),
    ...(temperature && { temperature }),
    ...(power && { power }),
  };
}

/** A device with all that is known about it. */
export function deviceView(
  device: DeviceEntry,
  around: {
    readonly revision: string;
    readonly readAt: string;
    readonly cluster: ClusterDevices;
    readonly incidents: readonly Incident[];
    readonly history: {
      readonly changes: readonly StateChange[];
      readonly firstSeen?: string;
    };
    readonly twinChanges: readonly TwinChange[];
    readonly now: Date;
  },
): FleetDevice {
  const { cluster, history, incidents } = around;
  const { name, telemetry } = device;
  const node = cluster.node(name);
  const incident = incidents.find(({ id }) => id === device.incident);
  return {
    ...deviceRow(device),
    revision: around.revision,
    readAt: around.readAt,
    freshness: cluster.freshness(around.now),
    edgeVersion: device.edgeVersion,
    longitude: device.coordinates?.longitude,
    latitude: device.coordinates?.latitude,
    owner: device.owner,
    firstSeen: history.firstSeen,
    labels: { ...device.labels },
    groups: [...cluster.groupsOf(name)],
    ...(node && {
      system: {
        architecture: node.architecture,
        image: node.systemImage,
        kernel: node.kernel,
        runtime: node.runtime,
      },
    }),
    conditions: (node?.conditions ?? []).map(
      ({ type, status, since, reason, message }) => ({
        type,
        status,
        since,
        reason,
        message,
      }),
    ),
    readings: telemetry?.readings ?? {},
    throttled: telemetry?.throttled,
    undervoltage: telemetry?.undervoltage,
    ...(incident && { incidentDetail: incident }),
    workloads: cluster
      .podsOn(name)
      .map(pod => workloadView(pod, cluster.wantedImages(pod)))
      .sort((one, other) => (one.name < other.name ? -1 : 1)),
    twins: cluster.twinsOf(name).map(({ device: twin, status, model }) => ({
      ...describeTwin(twin, status, model),
      history: around.twinChanges
        .filter(
          each =>
            each.namespace === twin.namespace && each.device === twin.name,
        )
        .map(twinChangeView),
    })),
    history: history.changes.map(changeView),
  };
}

/** What a person calls the version of an image: its tag, or the beginning of its digest. */
export function versionOf(image: string | undefined): string | undefined {
  const parsed = image === undefined ? undefined : parseImage(image);
  return parsed?.tag ?? parsed?.digest?.replace(/^sha256:/, '').slice(0, 12);
}

function workloadView(
  pod: ObservedPod,
  wanted: readonly string[] | undefined,
): FleetWorkload {
  const [image] = pod.images;
  const version = versionOf(image);
  const wantedVersion = versionOf(wanted?.[0]);
  return {
    namespace: pod.namespace,
    name: pod.workload.name,
    pod: pod.name,
    kind: pod.workload.kind,
    image,
    version,
    ...(wantedVersion !== undefined &&
      wanted?.[0] !== image && { wanted: wantedVersion }),
    state: pod.state,
    ...(pod.reason !== undefined && {
      reason: { code: pod.reason, message: pod.reason },
    }),
    restarts: pod.restarts,
  };
}

function twinChangeView(change: TwinChange): FleetTwinChange {
  const { at, property, kind, value, before, actor, reason } = change;
  return {
    at: new Date(at).toISOString(),
    property,
    kind,
    value,
    ...(before !== undefined && { before }),
    ...(actor !== undefined && { actor }),
    ...(reason !== undefined && { reason }),
  };
}

function changeView(change: StateChange): FleetStateChange {
  const { at, axis, from, to, reason } = change;
  return {
    at: new Date(at).toISOString(),
    axis,
    ...(from !== undefined && { from }),
    to,
    ...(reason && { reason }),
  };
}
