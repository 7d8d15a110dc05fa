// SPDX-License-Identifier: Apache-2.0
import type { Instant } from '../time';

/** Whether a device can be reached, told by when it was heard last. */
export const connectivities = ['live', 'stale', 'offline', 'never'] as const;
export type Connectivity = (typeof connectivities)[number];

/** How a device does; unknown while nobody hears from it. */
export const healths = ['ok', 'warning', 'critical', 'unknown'] as const;
export type Health = (typeof healths)[number];

/** Whether what runs is what its workloads ask for. */
export const updates = [
  'upToDate',
  'updating',
  'outOfDate',
  'unknown',
] as const;
export type Update = (typeof updates)[number];

/** Whether all that should run on a device does. */
export const applicationStates = [
  'none',
  'healthy',
  'degraded',
  'failed',
  'unknown',
] as const;
export type Applications = (typeof applicationStates)[number];

/** Who keeps a device from being updated, if anybody. */
export const holds = ['none', 'device', 'operator'] as const;
export type Hold = (typeof holds)[number];

/** What is kept away from a device on purpose. */
export const isolations = ['none', 'cordoned', 'quarantined'] as const;
export type Isolation = (typeof isolations)[number];

/** The axes on which a device has a state. They are independent and never mixed into one. */
export interface AxisStates {
  readonly connectivity: Connectivity;
  readonly health: Health;
  readonly update: Update;
  readonly applications: Applications;
  readonly hold: Hold;
  readonly isolation: Isolation;
}

export type AxisName = keyof AxisStates;

/** The axes in the order in which people read them, with their states. */
export const axisStates = {
  connectivity: connectivities,
  health: healths,
  update: updates,
  applications: applicationStates,
  hold: holds,
  isolation: isolations,
} as const satisfies {
  readonly [Name in AxisName]: readonly AxisStates[Name][];
};

export const axisNames = Object.keys(axisStates) as readonly AxisName[];

/** Why a device is in a state. */
export interface AxisReason {
  /** Stable, for example `hot`, `leaseExpired`, `clusterUnreachable`. */
  readonly code: string;
  /** A sentence for people. */
  readonly message: string;
}

/** The state of a device on one axis. */
export interface Axis<State extends string> {
  readonly state: State;
  /** Since when, as far as we have seen it. */
  readonly since?: Instant;
  readonly reason?: AxisReason;
  /** The last state that was known, where the present one is `unknown`. */
  readonly was?: State;
}

/** The states of a device on all axes. */
export type DeviceAxes = {
  readonly [Name in AxisName]: Axis<AxisStates[Name]>;
};

/** A number that was measured. What nobody reports is absent, never zero. */
export interface Reading {
  readonly value: number;
  /** For people: `°C`, `W`, `%`, `ms`, `Mbit/s`. */
  readonly unit: string;
  /** When it was measured. */
  readonly at: Instant;
  /** Who measured it, for example `node_exporter`. */
  readonly source: string;
}

/** Everything that can be measured on a device. */
export const readingNames = [
  'temperature',
  'power',
  'processors',
  'memory',
  'storage',
  'graphics',
  'latency',
  'loss',
  'download',
  'upload',
] as const;
export type ReadingName = (typeof readingNames)[number];
export type Readings = Partial<Readonly<Record<ReadingName, Reading>>>;

/** Something a board complains of: now, and at some time since it was switched on. */
export interface Complaint {
  readonly now: boolean;
  /** Undefined where the exporter does not remember. */
  readonly sinceBoot?: boolean;
  readonly at: Instant;
  readonly source: string;
}

/** What is measured on a device, as far as it is reported. */
export interface Telemetry {
  readonly readings: Readings;
  readonly throttled?: Complaint;
  readonly undervoltage?: Complaint;
}

/** What makes a node of a device. */
export const platforms = ['k3s', 'kubeedge', 'kubernetes'] as const;
export type Platform = (typeof platforms)[number];

/** Degrees north and east. */
export interface Coordinates {
  readonly latitude: number;
  readonly longitude: number;
}

/** Names a device in the whole fleet: node names are unique in their cluster only. */
export function deviceId(cluster: string, name: string): string {
  return `${cluster}/${name}`;
}
