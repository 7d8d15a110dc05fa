// SPDX-License-Identifier: Apache-2.0
import {
  durationsUntilOffline,
  searchText,
  type DeviceAxes,
  type DeviceIdentity,
  type DeviceRecord,
  type Measuring,
  type Telemetry,
} from '@causeway/plugin-delivery-common';
import type { Beat } from './ClusterDevices';

/** What an entry is made of. */
export interface EntryParts {
  readonly cluster: string;
  readonly name: string;
  readonly id: string;
  readonly identity: DeviceIdentity;
  readonly hardwareName?: string;
  readonly labels: DeviceRecord['labels'];
  readonly axes: DeviceAxes;
  readonly telemetry?: Telemetry;
  readonly measuring: Measuring;
  /** Goes on by itself while the device lives. */
  readonly beat?: Readonly<Beat>;
  /** When it was heard of before this process knew its lease. */
  readonly seenBefore?: number;
  readonly workloads: DeviceRecord['workloads'];
}

/**
 * A device in memory. Another entry takes its place when something about it changes; only when it
 * was heard of, and its incident, change in place: there are too many heartbeats for the former.
 */
export class DeviceEntry implements DeviceRecord {
  readonly id: string;
  readonly cluster: string;
  readonly name: string;
  readonly site?: string;
  readonly siteName?: string;
  readonly hardware?: string;
  readonly hardwareName?: string;
  readonly platform: DeviceRecord['platform'];
  readonly version?: string;
  readonly edgeVersion?: string;
  readonly coordinates?: DeviceRecord['coordinates'];
  readonly owner?: string;
  readonly labels: DeviceRecord['labels'];
  readonly axes: DeviceAxes;
  readonly telemetry?: Telemetry;
  readonly measuring: Measuring;
  readonly workloads: DeviceRecord['workloads'];
  readonly text: string;
  incident: string | undefined;
  readonly #beat?: Readonly<Beat>;
  readonly #seenBefore?: number;

  constructor(parts: EntryParts) {
    const { identity } = parts;
    this.id = parts.id;
    this.cluster = parts.cluster;
    this.name = parts.name;
    this.site = identity.site;
    this.siteName = identity.siteName;
    this.hardware = identity.hardware;
    this.hardwareName = parts.hardwareName;
    this.platform = identity.platform;
    this.version = identity.version;
    this.edgeVersion = identity.edgeVersion;
    this.coordinates = identity.coordinates;
    this.owner = identity.owner;
    this.labels = parts.labels;
    this.axes = parts.axes;
    this.telemetry = parts.telemetry;
    this.measuring = parts.measuring;
    this.workloads = parts.workloads;
    this.#beat = parts.beat;
    this.#seenBefore = parts.seenBefore;
    this.text = searchText(this);
  }

  get connectivity() {
    return this.axes.connectivity.state;
  }

  get lastSeen(): number | undefined {
    return this.#beat?.seenAt ?? this.#seenBefore;
  }

  /** Whether the time alone has changed its connectivity. */
  isDue(now: number): boolean {
    if (!this.#beat) return false;
    const { state, reason } = this.axes.connectivity;
    const age = now - this.#beat.seenAt;
    if (state === 'live') return age > this.#beat.duration;
    return state === 'stale' && reason?.code === 'leaseExpired'
      ? age > durationsUntilOffline * this.#beat.duration
      : false;
  }
}
