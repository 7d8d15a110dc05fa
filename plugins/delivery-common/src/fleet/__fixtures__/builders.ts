// SPDX-License-Identifier: Apache-2.0
import type { DeviceAxes } from '../device';
import type { DeviceFacts } from '../describeDevice';
import { searchText, type DeviceRecord } from '../deviceRecord';
import { usualLimits } from '../limits';
import type { ObservedNode, ObservedPod } from '../observed';

/** A quarter past twelve. */
export const now = Date.parse('2026-07-01T12:15:00.000Z');
export const instant = (secondsAgo: number) =>
  new Date(now - secondsAgo * 1000).toISOString();

export function aNode(parts: Partial<ObservedNode> = {}): ObservedNode {
  return {
    namespace: '',
    name: 'oslo-pi-01',
    deleting: false,
    labels: { 'node-role.kubernetes.io/edge': '' },
    unschedulable: false,
    conditions: [{ type: 'Ready', status: 'True' }],
    version: 'v1.36.3+k3s1',
    ...parts,
  };
}

export function aPod(parts: Partial<ObservedPod> = {}): ObservedPod {
  return {
    namespace: 'sorting',
    name: 'belt-control-x2x4z',
    deleting: false,
    node: 'oslo-pi-01',
    workload: { kind: 'DaemonSet', name: 'belt-control' },
    images: ['registry.example/belt-control:2'],
    state: 'running',
    restarts: 0,
    ofSystem: false,
    ...parts,
  };
}

export function someFacts(parts: Partial<DeviceFacts> = {}): DeviceFacts {
  return {
    freshness: { state: 'live', seenAt: instant(1) },
    node: aNode(),
    heartbeat: { seenAt: now - 5_000, duration: 40_000 },
    pods: [aPod()],
    wantedImages: () => ['registry.example/belt-control:2'],
    limits: usualLimits,
    ...parts,
  };
}

/** A device that does well, and differs in some states. */
export function axesWith(parts: Partial<DeviceAxes> = {}): DeviceAxes {
  return {
    connectivity: { state: 'live' },
    health: { state: 'ok' },
    update: { state: 'upToDate' },
    applications: { state: 'healthy' },
    hold: { state: 'none' },
    isolation: { state: 'none' },
    ...parts,
  };
}

export function aRecord(parts: Partial<DeviceRecord> = {}): DeviceRecord {
  const name = parts.name ?? 'oslo-pi-01';
  const cluster = parts.cluster ?? 'edge';
  const record = {
    id: `${cluster}/${name}`,
    cluster,
    name,
    site: 'oslo',
    siteName: 'Oslo',
    platform: 'k3s' as const,
    labels: {},
    axes: axesWith(),
    lastSeen: now,
    workloads: [],
    ...parts,
  };
  return { ...record, text: searchText(record) };
}
