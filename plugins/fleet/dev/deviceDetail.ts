// SPDX-License-Identifier: Apache-2.0
import type {
  FleetDevice,
  FleetDeviceRow,
} from '@causeway/plugin-delivery-common';

/** What the page of a device says beyond its row in the table. */
export function deviceDetail(
  row: FleetDeviceRow,
  now: number,
): Omit<FleetDevice, keyof FleetDeviceRow | 'revision' | 'readAt'> {
  const ago = (seconds: number) =>
    new Date(now - seconds * 1_000).toISOString();
  return {
    freshness: { state: 'live', seenAt: ago(4) },
    edgeVersion: row.platform === 'kubeedge' ? 'v1.23.1' : undefined,
    owner: 'team-sorting',
    firstSeen: ago(240 * 86_400),
    labels: {
      'topology.kubernetes.io/zone': row.site ?? '',
      // A depot on wheels is known by its zone alone.
      ...(row.site !== 'depot' && { 'causeway.dev/site': row.site ?? '' }),
      'causeway.dev/hardware': row.hardware ?? '',
      'causeway.dev/device':
        row.hardware === 'jetson-orin-nx' ? 'jetson' : 'raspberry-pi',
    },
    groups: [],
    system: { architecture: 'arm64', image: 'Ubuntu 22.04', kernel: '5.15' },
    conditions: [
      {
        type: 'Ready',
        status: row.connectivity.state === 'offline' ? 'Unknown' : 'True',
        since: ago(3_600),
        reason: 'KubeletReady',
        message: 'kubelet is posting ready status',
      },
      { type: 'DiskPressure', status: 'False', since: ago(86_400) },
    ],
    readings: {
      temperature: row.temperature,
      power: row.power,
      memory: { value: 64, unit: '%', at: ago(12), source: 'node_exporter' },
      loss: { value: 0.2, unit: '%', at: ago(20), source: 'probe' },
    },
    throttled: {
      now: row.hold.state === 'device',
      at: ago(7),
      source: 'jtop',
    },
    workloads: [
      {
        namespace: 'parcel-vision',
        name: 'parcel-vision',
        pod: 'parcel-vision-7x2lp',
        kind: 'DaemonSet',
        version: '2.7.2',
        wanted: '2.7.3',
        state: 'running',
        restarts: 0,
      },
    ],
    twins: [
      {
        namespace: 'devices',
        name: `${row.name}-camera`,
        model: 'belt-camera',
        layout: 'deviceStatus',
        state: 'online',
        lastOnline: ago(9),
        properties: [
          {
            name: 'fanProfile',
            type: 'STRING',
            access: 'readWrite',
            desired: 'cool',
            observedDesired: 'quiet',
            reported: 'quiet',
            reportedAt: ago(180),
            drift: 'notDelivered',
          },
          {
            name: 'exposure',
            type: 'INT',
            unit: 'ms',
            access: 'readWrite',
            minimum: '1',
            maximum: '40',
            desired: '8',
            observedDesired: '8',
            reported: '12',
            reportedAt: ago(9),
            drift: 'notApplied',
          },
          {
            name: 'beltSpeed',
            type: 'FLOAT',
            unit: 'm/s',
            access: 'readOnly',
            reported: '1.8',
            reportedAt: ago(2),
            drift: 'none',
          },
          {
            name: 'doorSensor',
            access: 'readOnly',
            drift: 'notReported',
          },
        ],
      },
    ],
    history: [
      {
        at: ago(1_320),
        axis: 'health',
        from: 'ok',
        to: 'warning',
        reason: { code: 'hot', message: 'The GPU is at 86 °C, limit 85.' },
      },
      { at: ago(7_200), axis: 'connectivity', from: 'offline', to: 'live' },
      { at: ago(8_040), axis: 'connectivity', from: 'live', to: 'offline' },
    ],
  };
}
