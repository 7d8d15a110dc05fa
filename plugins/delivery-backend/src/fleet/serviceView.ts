// SPDX-License-Identifier: Apache-2.0
import { siteId, type FleetService } from '@causeway/plugin-delivery-common';
import type { ClusterDevices } from './ClusterDevices';
import type { DeviceEntry } from './DeviceEntry';
import { versionOf } from './deviceViews';
import type { ServiceWorkloads } from './serviceWorkloads';

/** Devices counted together. */
class Count {
  devices = 0;
  away = 0;
  held = 0;
  readonly #versions = new Map<string, number>();

  add({ axes }: DeviceEntry, versions: ReadonlySet<string>): void {
    const { state } = axes.connectivity;
    this.devices += 1;
    if (state === 'offline' || state === 'never') this.away += 1;
    if (axes.hold.state !== 'none') this.held += 1;
    for (const version of versions) {
      this.#versions.set(version, (this.#versions.get(version) ?? 0) + 1);
    }
  }

  /** The most frequent first. */
  versions(): { version: string; devices: number }[] {
    return [...this.#versions]
      .map(([version, devices]) => ({ version, devices }))
      .sort(
        (one, other) =>
          other.devices - one.devices || (one.version < other.version ? -1 : 1),
      );
  }
}

/** Where a service runs: versions by site. A device that runs two versions counts for both. */
export function serviceView(
  service: string,
  from: {
    readonly workloads: ServiceWorkloads;
    readonly clusters: readonly ClusterDevices[];
    readonly devices: Iterable<DeviceEntry>;
  },
): Omit<FleetService, 'revision' | 'readAt'> {
  const clusters = new Map(from.clusters.map(each => [each.name, each]));
  const all = new Count();
  const sites = new Map<
    string,
    { readonly name: string; readonly cluster: string; readonly count: Count }
  >();
  for (const device of from.devices) {
    const { cluster, name, site = '', siteName } = device;
    const versions = new Set(
      (clusters.get(cluster)?.podsOn(name) ?? []).flatMap(pod => {
        const key = `${pod.namespace}/${pod.workload.name}`;
        const isOwn =
          from.workloads.isOfService(cluster, key) && pod.state !== 'finished';
        return isOwn
          ? [versionOf(from.workloads.ownImage(pod.images)) ?? 'unknown']
          : [];
      }),
    );
    const id = siteId(cluster, site);
    const counted = sites.get(id) ?? {
      name: siteName ?? site,
      cluster,
      count: new Count(),
    };
    sites.set(id, counted);
    counted.count.add(device, versions);
    all.add(device, versions);
  }
  return {
    service,
    devices: all.devices,
    away: all.away,
    held: all.held,
    versions: all.versions(),
    sites: [...sites]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([id, { name, cluster, count }]) => ({
        id,
        name,
        cluster,
        devices: count.devices,
        away: count.away,
        held: count.held,
        versions: count.versions(),
      })),
  };
}
