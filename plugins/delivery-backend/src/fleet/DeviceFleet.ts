// SPDX-License-Identifier: Apache-2.0
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  deviceId,
  emptyInventory,
  findIncidents,
  usualIncidentRules,
  type Incident,
  type IncidentRules,
  type Inventory,
  type Telemetry,
  type TwinChange,
} from '@causeway/plugin-delivery-common';
import type { ClusterGuest, HostCluster } from '../clusters/ClusterGuest';
import { rest } from '../clusters/pause';
import { ClusterDevices } from './ClusterDevices';
import type { DeviceEntry } from './DeviceEntry';
import {
  describeEntry,
  type HardwareBook,
  type RememberedDevice,
} from './describeEntry';
import type { DeviceReader } from './DeviceReader';
import { tellingChanges, type StateChange } from './StateChange';

/** What a fleet needs, and its rhythm. */
export interface DeviceFleetOptions {
  readonly clock: () => Date;
  readonly hardware: HardwareBook;
  readonly incidentRules?: IncidentRules;
  /** Milliseconds between two looks at what has changed. Default 1,000. */
  readonly interval?: number;
  /** Looks between two searches for devices that fell silent. Default 5. */
  readonly looksUntilSearch?: number;
}

/** Something to tell after a look. */
export interface FleetNews {
  readonly changes: readonly StateChange[];
  /** Devices whose states have changed or that are new. */
  readonly devices: readonly DeviceEntry[];
}

/** Devices that are described before others get their turn: a few milliseconds. */
const atOnce = 250;

/**
 * All devices of all clusters, in memory. Guarantees:
 * - Readers never wait: they see the devices as they were at the last look, and every device changes
 *   as a whole.
 * - A look describes the devices that something has changed about, and those that the time has
 *   changed; heartbeats of living devices are noted and described by nobody. A storm is worked off in
 *   small pieces between which reads are answered.
 * - The revision grows when a state, a device or an incident has changed, and not for a heartbeat or a
 *   measurement that changes no state.
 */
export class DeviceFleet implements ClusterGuest, DeviceReader {
  readonly #clusters = new Map<string, ClusterDevices>();
  readonly #entries = new Map<string, DeviceEntry>();
  readonly #telemetry = new Map<string, Telemetry>();
  readonly #remembered = new Map<string, RememberedDevice>();
  readonly #freshness = new Map<string, string>();
  readonly #listeners = new Set<(news: FleetNews) => void>();
  readonly #twinListeners = new Set<(changes: readonly TwinChange[]) => void>();
  readonly #stop = new AbortController();
  #inventory: Inventory = emptyInventory;
  #incidents: readonly Incident[] = [];
  #revision = 0;
  #looks = 0;
  #readAt: number;
  #running: Promise<void> | undefined;

  constructor(private readonly options: DeviceFleetOptions) {
    this.#readAt = options.clock().getTime();
  }

  get revision(): number {
    return this.#revision;
  }

  /** When the last look was, in milliseconds since the epoch. */
  get readAt(): number {
    return this.#readAt;
  }

  get size(): number {
    return this.#entries.size;
  }

  get incidents(): readonly Incident[] {
    return this.#incidents;
  }

  entries(): Iterable<DeviceEntry> {
    return this.#entries.values();
  }

  find(cluster: string, name: string): DeviceEntry | undefined {
    return this.#entries.get(deviceId(cluster, name));
  }

  clusters(): readonly ClusterDevices[] {
    return [...this.#clusters.values()];
  }

  join(host: HostCluster) {
    const { name } = host;
    const cluster = new ClusterDevices(host, {
      inInventory: node => this.#isInInventory(name, node),
      lastSeen: node => this.#remembered.get(deviceId(name, node))?.lastSeen,
      reported: changes => this.#twinListeners.forEach(tell => tell(changes)),
    });
    this.#clusters.set(name, cluster);
    return {
      kinds: cluster.kinds,
      daemonSet: (key: { readonly namespace: string; readonly name: string }) =>
        cluster.daemonSet(key),
      leave: () => {
        if (this.#clusters.get(name) !== cluster) return;
        this.#clusters.delete(name);
        this.#freshness.delete(name);
        this.#followIncidents(name);
        for (const entry of [...this.#entries.values()]) {
          if (entry.cluster === name) this.#entries.delete(entry.id);
        }
        this.#revision += 1;
      },
    };
  }

  /** What was known before this process started; devices go on from there. */
  remember(devices: Iterable<RememberedDevice>): void {
    for (const device of devices) {
      this.#remembered.set(deviceId(device.cluster, device.name), device);
    }
  }

  setInventory(inventory: Inventory): void {
    this.#inventory = inventory;
    for (const cluster of this.#clusters.values()) {
      cluster.markAll();
      for (const [name, entry] of inventory.devices) {
        if (entry.cluster === cluster.name) cluster.mark(name);
      }
    }
  }

  /** Takes what was measured in a cluster, by node. What is not measured this time stays with its age. */
  report(cluster: string, measured: ReadonlyMap<string, Telemetry>): void {
    const known = this.#clusters.get(cluster);
    if (!known) return;
    for (const [name, telemetry] of measured) {
      if (!known.node(name)) continue;
      const id = deviceId(cluster, name);
      const before = this.#telemetry.get(id);
      this.#telemetry.set(id, {
        ...before,
        ...telemetry,
        readings: { ...before?.readings, ...telemetry.readings },
      });
      known.mark(name);
    }
  }

  /** Calls back after each look that has changed something; the returned function ends it. */
  subscribe(listener: (news: FleetNews) => void): () => void {
    const own = (news: FleetNews) => listener(news);
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
    };
  }

  /** Calls back with what KubeEdge devices report otherwise; the returned function ends it. */
  onTwins(listener: (changes: readonly TwinChange[]) => void): () => void {
    const own = (changes: readonly TwinChange[]) => listener(changes);
    this.#twinListeners.add(own);
    return () => {
      this.#twinListeners.delete(own);
    };
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  /** One look at all that has changed. Looks do not overlap: whoever calls it waits for its end. */
  async look(): Promise<void> {
    this.#looks += 1;
    const every = this.options.looksUntilSearch ?? 5;
    const isSearch = this.#looks % every === 1 || every === 1;
    const changes: StateChange[] = [];
    const changed: DeviceEntry[] = [];
    const news = new Set<string>();
    for (const cluster of [...this.#clusters.values()]) {
      if (this.#followFreshness(cluster, changes)) news.add(cluster.name);
      if (isSearch) this.#markSilent(cluster);
      const { hasRead } = cluster;
      const marked = cluster.takeMarked();
      let count = 0;
      for (const name of marked) {
        if (this.#describe(cluster, name, changes, changed)) {
          news.add(cluster.name);
        }
        count += 1;
        if (count % atOnce === 0) await nextTurn();
      }
      if (hasRead) cluster.confirmDescribed();
      if (count > 0) await nextTurn();
    }
    for (const name of news) {
      this.#followIncidents(name);
      await nextTurn();
    }
    this.#readAt = this.options.clock().getTime();
    if (news.size === 0) return;
    this.#revision += 1;
    for (const listener of this.#listeners) {
      listener({ changes, devices: changed });
    }
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await this.look();
      await rest(this.options.interval ?? 1_000, this.#stop.signal);
    }
  }

  /** Describes a device anew; tells whether a reader has to know. */
  #describe(
    cluster: ClusterDevices,
    name: string,
    changes: StateChange[],
    changed: DeviceEntry[],
  ): boolean {
    const id = deviceId(cluster.name, name);
    const before = this.#entries.get(id);
    const node = cluster.node(name);
    if (!node && !this.#isPlanned(cluster.name, name)) {
      this.#telemetry.delete(id);
      return this.#entries.delete(id);
    }
    const now = this.options.clock().getTime();
    const entry = describeEntry(cluster, name, {
      inventory: this.#inventory,
      hardware: this.options.hardware,
      telemetry: this.#telemetry.get(id),
      before,
      remembered: this.#remembered.get(id),
      now,
    });
    const previous = before?.axes ?? this.#remembered.get(id)?.axes;
    entry.incident = before?.incident;
    this.#entries.set(id, entry);
    const told = previous
      ? tellingChanges(entry, previous, entry.axes, now)
      : [];
    changes.push(...told);
    const isOther = !before || !sameForReaders(before, entry);
    if (isOther) changed.push(entry);
    return isOther;
  }

  /** A cluster that is lost or found changes all of its devices, and is told once for all of them. */
  #followFreshness(cluster: ClusterDevices, changes: StateChange[]): boolean {
    const { name } = cluster;
    const now = this.options.clock();
    const freshness = cluster.freshness(now);
    const before = this.#freshness.get(name);
    if (before === freshness.state) return false;
    this.#freshness.set(name, freshness.state);
    cluster.markAll();
    const wasLive = before === 'live';
    const isLive = freshness.state === 'live';
    if (before !== undefined && before !== 'never' && wasLive !== isLive) {
      changes.push({
        cluster: name,
        name: '',
        at: now.getTime(),
        axis: 'connectivity',
        from: wasLive ? 'live' : 'stale',
        to: isLive ? 'live' : 'stale',
        ...('problem' in freshness && {
          reason: {
            code: 'clusterUnreachable',
            message: freshness.problem ?? '',
          },
        }),
      });
    }
    return true;
  }

  #markSilent(cluster: ClusterDevices): void {
    const now = this.options.clock().getTime();
    for (const name of cluster.heartbeatNames()) {
      const entry = this.#entries.get(deviceId(cluster.name, name));
      if (entry?.isDue(now)) cluster.mark(name);
    }
  }

  /** Incidents of one cluster say nothing about another, so they are looked for one by one. */
  #followIncidents(name: string): void {
    const cluster = this.#clusters.get(name);
    const devices = cluster ? this.#entriesOf(cluster) : [];
    const { incidents, partOf } = findIncidents(
      devices,
      cluster
        ? [{ name, freshness: cluster.freshness(this.options.clock()) }]
        : [],
      this.#incidents,
      this.options.incidentRules ?? usualIncidentRules,
    );
    this.#incidents = [
      ...this.#incidents.filter(each => each.cluster !== name),
      ...incidents,
    ];
    for (const entry of devices) entry.incident = partOf.get(entry.id);
  }

  #entriesOf(cluster: ClusterDevices): readonly DeviceEntry[] {
    const names = new Set(cluster.deviceNames());
    for (const [name, entry] of this.#inventory.devices) {
      if (entry.cluster === cluster.name) names.add(name);
    }
    return [...names].flatMap(name => this.find(cluster.name, name) ?? []);
  }

  #isInInventory(cluster: string, name: string): boolean {
    const entry = this.#inventory.devices.get(name);
    return (
      entry !== undefined &&
      (entry.cluster === undefined || entry.cluster === cluster)
    );
  }

  /** Stands in the inventory as a device of that very cluster, whether it has joined or not. */
  #isPlanned(cluster: string, name: string): boolean {
    return this.#inventory.devices.get(name)?.cluster === cluster;
  }
}

/** Whether what pages show of a device apart from numbers and ages is the same. */
function sameForReaders(before: DeviceEntry, after: DeviceEntry): boolean {
  return (
    before.site === after.site &&
    before.siteName === after.siteName &&
    before.hardware === after.hardware &&
    before.version === after.version &&
    before.owner === after.owner &&
    before.coordinates?.latitude === after.coordinates?.latitude &&
    before.coordinates?.longitude === after.coordinates?.longitude &&
    before.workloads.join() === after.workloads.join() &&
    sameStates(before, after)
  );
}

function sameStates({ axes: one }: DeviceEntry, { axes: two }: DeviceEntry) {
  return (
    same(one.connectivity, two.connectivity) &&
    same(one.health, two.health) &&
    same(one.update, two.update) &&
    same(one.applications, two.applications) &&
    same(one.hold, two.hold) &&
    same(one.isolation, two.isolation)
  );
}

interface Told {
  readonly state: string;
  readonly reason?: { readonly code: string };
}

function same(one: Told, two: Told): boolean {
  return one.state === two.state && one.reason?.code === two.reason?.code;
}
