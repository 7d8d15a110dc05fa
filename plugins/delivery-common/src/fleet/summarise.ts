// SPDX-License-Identifier: Apache-2.0
import type { FleetSites, FleetWorst } from '../api/views';
import {
  axisStates,
  type AxisName,
  type AxisStates,
  type Coordinates,
} from './device';
import type { DeviceRecord } from './deviceRecord';

/** How many devices are in which state, on each axis. */
export type AxisCounts = {
  readonly [Name in AxisName]: Record<AxisStates[Name], number>;
};

/** Counts the states of devices. A state that no device is in counts 0. */
export function countAxes(devices: Iterable<DeviceRecord>): AxisCounts {
  const counts = {
    connectivity: zeros(axisStates.connectivity),
    health: zeros(axisStates.health),
    update: zeros(axisStates.update),
    applications: zeros(axisStates.applications),
    hold: zeros(axisStates.hold),
    isolation: zeros(axisStates.isolation),
  };
  for (const { axes } of devices) {
    counts.connectivity[axes.connectivity.state] += 1;
    counts.health[axes.health.state] += 1;
    counts.update[axes.update.state] += 1;
    counts.applications[axes.applications.state] += 1;
    counts.hold[axes.hold.state] += 1;
    counts.isolation[axes.isolation.state] += 1;
  }
  return counts;
}

/** Counts of hardware classes, the most frequent first. Devices of unknown hardware are left out. */
export function countHardware(
  devices: Iterable<DeviceRecord>,
): { name: string; title: string; devices: number }[] {
  const counts = new Map<
    string,
    { name: string; title: string; devices: number }
  >();
  for (const { hardware, hardwareName } of devices) {
    if (hardware === undefined) continue;
    const known = counts.get(hardware);
    if (known) known.devices += 1;
    else {
      counts.set(hardware, {
        name: hardware,
        title: hardwareName ?? hardware,
        devices: 1,
      });
    }
  }
  return [...counts.values()].sort(
    (one, other) =>
      other.devices - one.devices || (one.name < other.name ? -1 : 1),
  );
}

/** Names a site of a cluster: two clusters may have a site of the same name. */
export function siteId(cluster: string, site: string): string {
  return `${cluster}/${site}`;
}

/** A site as it is counted together. */
interface CountedSite {
  readonly id: string;
  readonly cluster: string;
  name: string;
  coordinates?: Coordinates;
  devices: number;
  ok: number;
  warning: number;
  critical: number;
  stale: number;
  away: number;
}

/**
 * Sites in columns for a map, in the order of their ids. A device counts once: as away or stale when
 * it is, by its health otherwise. A site stands where the first of its devices that knows says.
 */
export function siteColumns(
  devices: Iterable<DeviceRecord>,
): FleetSites['columns'] {
  const sites = new Map<string, CountedSite>();
  for (const device of devices) count(sites, device);
  const sorted = [...sites.values()].sort((one, other) =>
    one.id < other.id ? -1 : 1,
  );
  const column = <T>(read: (site: CountedSite) => T) => sorted.map(read);
  return {
    id: column(({ id }) => id),
    name: column(({ name }) => name),
    longitude: column(({ coordinates }) => degrees(coordinates?.longitude)),
    latitude: column(({ coordinates }) => degrees(coordinates?.latitude)),
    cluster: column(({ cluster }) => cluster),
    devices: column(site => site.devices),
    worst: column(worstOf),
    ok: column(({ ok }) => ok),
    warning: column(({ warning }) => warning),
    critical: column(({ critical }) => critical),
    stale: column(({ stale }) => stale),
    away: column(({ away }) => away),
  };
}

function count(sites: Map<string, CountedSite>, device: DeviceRecord): void {
  const { cluster, site, siteName, coordinates, axes } = device;
  if (site === undefined) return;
  const id = siteId(cluster, site);
  let counted = sites.get(id);
  if (!counted) {
    counted = {
      id,
      cluster,
      name: siteName ?? site,
      devices: 0,
      ok: 0,
      warning: 0,
      critical: 0,
      stale: 0,
      away: 0,
    };
    sites.set(id, counted);
  }
  counted.coordinates ??= coordinates;
  counted.devices += 1;
  switch (axes.connectivity.state) {
    case 'offline':
    case 'never':
      counted.away += 1;
      break;
    case 'stale':
      counted.stale += 1;
      break;
    default:
      if (axes.health.state !== 'unknown') counted[axes.health.state] += 1;
  }
}

function worstOf(site: CountedSite): FleetWorst {
  if (site.critical > 0) return 'critical';
  if (site.warning > 0) return 'warning';
  if (site.away > 0) return 'away';
  if (site.stale > 0) return 'stale';
  return site.ok > 0 ? 'ok' : 'unknown';
}

/** Ten metres are enough for a map. */
function degrees(value: number | undefined): number | null {
  return value === undefined ? null : Math.round(value * 10_000) / 10_000;
}

function zeros<State extends string>(
  states: readonly State[],
): Record<State, number> {
  // Every state of the axis gets its count.
  return Object.fromEntries(states.map(state => [state, 0])) as Record<
    State,
    number
  >;
}
