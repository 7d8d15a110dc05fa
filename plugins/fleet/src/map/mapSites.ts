// SPDX-License-Identifier: Apache-2.0
import type { FleetSites, FleetWorst } from '@causeway/plugin-delivery-common';

/** The states a device of a site is counted under, worst first. */
export const worstFirst = [
  'critical',
  'warning',
  'away',
  'stale',
  'unknown',
  'ok',
] as const satisfies readonly FleetWorst[];

/** How many devices are in which state. */
export type SiteCounts = Readonly<Record<FleetWorst, number>>;

/** A site as the map and its list show it. */
export interface MapSite {
  /** `<cluster>/<site>`. */
  readonly id: string;
  readonly name: string;
  readonly cluster: string;
  readonly devices: number;
  readonly worst: FleetWorst;
  readonly counts: SiteCounts;
}

/** A site whose place is known. */
export interface LocatedSite extends MapSite {
  readonly longitude: number;
  readonly latitude: number;
}

/** Sites on the map, and those that nobody gave coordinates: listed beside it, never lost. */
export interface MapSites {
  readonly located: readonly LocatedSite[];
  readonly unlocated: readonly MapSite[];
}

/** Turns the columns of the backend into sites. Coordinates that are no place on earth are none. */
export function sitesOf({ columns }: FleetSites): MapSites {
  const located: LocatedSite[] = [];
  const unlocated: MapSite[] = [];
  columns.id.forEach((id, index) => {
    const site: MapSite = {
      id,
      name: columns.name[index],
      cluster: columns.cluster[index],
      devices: columns.devices[index],
      worst: columns.worst[index],
      counts: countsAt(columns, index),
    };
    const longitude = columns.longitude[index];
    const latitude = columns.latitude[index];
    if (isPlace(longitude, 180) && isPlace(latitude, 90)) {
      located.push({ ...site, longitude, latitude });
    } else {
      unlocated.push(site);
    }
  });
  return { located, unlocated };
}

/** The worst state that at least one device is in. */
export function worstOf(counts: SiteCounts): FleetWorst {
  return worstFirst.find(state => counts[state] > 0) ?? 'unknown';
}

/** Counts of several sites together. Groups count; they never average. */
export function addCounts(one: SiteCounts, other: SiteCounts): SiteCounts {
  return {
    critical: one.critical + other.critical,
    warning: one.warning + other.warning,
    away: one.away + other.away,
    stale: one.stale + other.stale,
    unknown: one.unknown + other.unknown,
    ok: one.ok + other.ok,
  };
}

function countsAt(columns: FleetSites['columns'], index: number): SiteCounts {
  const known = {
    critical: columns.critical[index],
    warning: columns.warning[index],
    away: columns.away[index],
    stale: columns.stale[index],
    ok: columns.ok[index],
  };
  const told = Object.values(known).reduce((sum, count) => sum + count, 0);
  // Devices that are in no column are unknown, not fine.
  return { ...known, unknown: Math.max(0, columns.devices[index] - told) };
}

function isPlace(degrees: number | null, limit: number): degrees is number {
  return (
    typeof degrees === 'number' &&
    Number.isFinite(degrees) &&
    Math.abs(degrees) <= limit
  );
}
