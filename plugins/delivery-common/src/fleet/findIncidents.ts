// SPDX-License-Identifier: Apache-2.0
import type { Freshness } from '../cluster/freshness';
import type { Milliseconds } from '../time';
import type { Connectivity, Platform } from './device';
import type { Incident } from './incident';

/** What incidents are found by. */
export interface IncidentRules {
  /** The share of a site or cluster that must go away together, from 0 to 1. */
  readonly share: number;
  /** Together means within this time. */
  readonly within: Milliseconds;
  /** A single device is no incident. */
  readonly siteDevices: number;
  readonly clusterDevices: number;
}

export const usualIncidentRules: IncidentRules = {
  share: 0.5,
  within: 60_000,
  siteDevices: 2,
  clusterDevices: 4,
};

/** What is looked at of a device. */
export interface IncidentCandidate {
  readonly id: string;
  readonly cluster: string;
  readonly site?: string;
  /** As people write it. */
  readonly siteName?: string;
  readonly platform: Platform;
  readonly connectivity: Connectivity;
  /** Milliseconds since the epoch. */
  readonly lastSeen?: number;
}

/** The incidents, and which devices are part of which. */
export interface IncidentReport {
  readonly incidents: readonly Incident[];
  /** Ids of incidents by ids of devices. */
  readonly partOf: ReadonlyMap<string, string>;
}

/** A place whose devices share a fate. */
interface Place {
  readonly kind: Incident['kind'];
  readonly cluster: string;
  readonly site?: string;
  readonly devices: readonly IncidentCandidate[];
}

/**
 * Finds single causes of many devices being away: a cluster that can not be reached, all KubeEdge
 * devices of a cluster falling silent within a minute (cloudcore), much of a cluster, much of a site.
 * A device is part of the widest only. An incident that was found lasts until less than half of the
 * share is still away since then, so that it does not come and go with the first that return.
 */
export function findIncidents(
  devices: Iterable<IncidentCandidate>,
  clusters: readonly { readonly name: string; readonly freshness: Freshness }[],
  previous: readonly Incident[],
  rules: IncidentRules,
): IncidentReport {
  const byCluster = groupBy(devices, ({ cluster }) => cluster);
  const incidents: Incident[] = [];
  const partOf = new Map<string, string>();
  const add = (incident: Incident, members: readonly IncidentCandidate[]) => {
    incidents.push(incident);
    for (const { id } of members) partOf.set(id, incident.id);
  };
  for (const { name, freshness } of clusters) {
    const own = byCluster.get(name) ?? [];
    if (freshness.state !== 'live') {
      if (own.length > 0) add(clusterLost(name, freshness, own.length), own);
      continue;
    }
    for (const place of placesOf(name, own)) {
      const left = place.devices.filter(({ id }) => !partOf.has(id));
      const found = silentTogether(
        { ...place, devices: left },
        previous,
        rules,
      );
      if (found) add(found.incident, found.members);
    }
  }
  return { incidents, partOf };
}

/** From the widest to the narrowest. */
function* placesOf(
  cluster: string,
  devices: readonly IncidentCandidate[],
): Iterable<Place> {
  const kubeEdge = devices.filter(({ platform }) => platform === 'kubeedge');
  const sites = groupBy(devices, ({ site }) => site);
  const isOneSite = sites.size < 2;
  if (!isOneSite && kubeEdge.length > 0) {
    yield { kind: 'cloudcore', cluster, devices: kubeEdge };
  }
  if (!isOneSite && kubeEdge.length < devices.length) {
    yield { kind: 'devices', cluster, devices };
  }
  for (const [site, own] of sites) {
    if (site !== undefined) yield { kind: 'site', cluster, site, devices: own };
  }
}

function clusterLost(
  cluster: string,
  freshness: Exclude<Freshness, { state: 'live' }>,
  devices: number,
): Incident {
  return {
    id: `cluster:${cluster}:${freshness.since}`,
    kind: 'cluster',
    cluster,
    since: freshness.since,
    devices,
    of: devices,
    message: `The cluster ${cluster} is not heard, so nothing is known of its ${devices} devices.`,
  };
}

function silentTogether(
  place: Place,
  previous: readonly Incident[],
  rules: IncidentRules,
):
  | {
      readonly incident: Incident;
      readonly members: readonly IncidentCandidate[];
    }
  | undefined {
  const { kind, cluster, site, devices } = place;
  const joined = devices.filter(({ lastSeen }) => lastSeen !== undefined);
  const gone = joined
    .filter(({ connectivity }) => connectivity !== 'live')
    .map(device => ({ device, at: device.lastSeen ?? 0 }))
    .sort((one, other) => one.at - other.at);
  const [from, until] = fullestWindow(
    gone.map(({ at }) => at),
    rules.within,
  );
  const members = gone.slice(from, until).map(({ device }) => device);
  const first = gone[from];
  if (!first) return undefined;
  const open = previous.find(
    incident =>
      incident.kind === kind &&
      incident.cluster === cluster &&
      incident.site === site &&
      Math.abs(Date.parse(incident.since) - first.at) <= rules.within,
  );
  const least = kind === 'site' ? rules.siteDevices : rules.clusterDevices;
  const needed = Math.max(least, rules.share * joined.length);
  if (members.length < (open ? needed / 2 : needed)) return undefined;
  const since = open?.since ?? new Date(first.at).toISOString();
  const incident: Incident = {
    id:
      open?.id ??
      [kind, cluster, ...(site === undefined ? [] : [site]), since].join(':'),
    kind,
    cluster,
    ...(site !== undefined && { site }),
    since,
    devices: members.length,
    of: joined.length,
    message: sayIncident(place, members.length, joined.length),
  };
  return { incident, members };
}

function sayIncident(
  { kind, cluster, site, devices: there }: Place,
  devices: number,
  of: number,
): string {
  const share = `${devices} of ${of}`;
  const title = there.find(({ siteName }) => siteName)?.siteName ?? site;
  switch (kind) {
    case 'cloudcore':
      return `${share} KubeEdge devices of ${cluster} fell silent together: cloudcore may be down.`;
    case 'site':
      return `${share} devices at ${title} fell silent together: the site may be cut off.`;
    default:
      return `${share} devices of ${cluster} fell silent together.`;
  }
}

/** The first and the end of the most instants within a time. The instants are sorted. */
function fullestWindow(
  instants: readonly number[],
  within: Milliseconds,
): readonly [number, number] {
  let best: readonly [number, number] = [0, 0];
  let from = 0;
  for (let until = 1; until <= instants.length; until++) {
    while (instants[until - 1] - instants[from] > within) from += 1;
    if (until - from > best[1] - best[0]) best = [from, until];
  }
  return best;
}

function groupBy<T, Key>(
  items: Iterable<T>,
  keyOf: (item: T) => Key,
): ReadonlyMap<Key, readonly T[]> {
  const groups = new Map<Key, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
