// SPDX-License-Identifier: Apache-2.0
import { between, chance, oneOf } from './chance';
import { cities } from './cities';
import type { Device, HardwareClass, Site, Uplink } from './Device';

/** How large the fleet is, and what decides the rest. */
export interface FleetOptions {
  /** Decides what is random about the fleet. Default 1. */
  readonly seed?: number;
  /** Number of sites. Default 16, or as many as give each cluster one and no site more than fifty devices. */
  readonly sites?: number;
  /** Number of devices at all sites together. Default 60. */
  readonly devices?: number;
  /** Number of clusters that share the sites. Default 1. */
  readonly clusters?: number;
}

/** The fleet as it was bought and put up. */
export interface FleetPlan {
  readonly seed: number;
  readonly clusters: readonly string[];
  readonly sites: readonly Site[];
  /** In the order in which they were put up. */
  readonly devices: readonly Device[];
  /** The device of a node; undefined when the node is none of the fleet. */
  deviceNamed(name: string): Device | undefined;
  devicesOf(cluster: string): readonly Device[];
}

/** The cluster of the demo that holds the fleet, or its first part. */
const firstCluster = 'edge-production';
const uplinks: readonly Uplink[] = [
  'fibre',
  'fibre',
  'cable',
  'cable',
  'dsl',
  'mobile',
];

/** The largest fleet that names and addresses are made for. */
const mostDevices = 200_000;
const mostSites = 20_000;

/** Sites of a fleet when nobody says how many. */
function usualSites(devices: number, clusters: number): number {
  return Math.min(mostSites, Math.max(16, clusters, Math.ceil(devices / 50)));
}

function wholeNumber(value: number, name: string, low: number, high: number) {
  if (!Number.isInteger(value) || value < low || value > high)
    throw new RangeError(
      `The number of ${name} must be a whole number from ${low} to ${high}, and is ${value}.`,
    );
  return value;
}

/** The bench in Rotterdam's hall: one Jetson and one Raspberry Pi of each kind, of the cluster before production. */
const laboratory: Site = {
  name: 'lab',
  title: 'Laboratory',
  country: 'NL',
  latitude: 51.89,
  longitude: 4.51,
  uplink: 'fibre',
  cluster: 'edge-staging',
};

function siteAt(seed: number, number: number, cluster: string): Site {
  const [name, title, country, latitude, longitude] =
    cities[number % cities.length];
  const round = Math.floor(number / cities.length);
  if (round === 0) {
    const uplink = oneOf(uplinks, seed, 'uplink', name);
    return { name, title, country, latitude, longitude, uplink, cluster };
  }
  const own = `${name}-${round + 1}`;
  // Further halls of a city lie around it.
  const degrees = (axis: string, middle: number) =>
    Number((middle + between(-0.2, 0.2, seed, axis, own)).toFixed(3));
  return {
    name: own,
    title: `${title} ${round + 1}`,
    country,
    latitude: degrees('latitude', latitude),
    longitude: degrees('longitude', longitude),
    uplink: oneOf(uplinks, seed, 'uplink', own),
    cluster,
  };
}

/**
 * How many devices each site has: all get a Jetson, then all a Raspberry Pi,
 * as far as they go; the rest falls to sites by their size.
 */
function devicesPerSite(
  seed: number,
  sites: readonly Site[],
  devices: number,
): readonly number[] {
  const equal = Math.min(2, Math.floor(devices / sites.length));
  const rest = devices - equal * sites.length;
  if (equal < 2) return sites.map((_, index) => equal + Number(index < rest));
  const sizes = sites.map(({ name }) => 0.4 + chance(seed, 'size', name));
  const sum = sizes.reduce((total, size) => total + size, 0);
  let before = 0;
  return sizes.map(size => {
    const from = Math.round((before / sum) * rest);
    before += size;
    return equal + Math.round((before / sum) * rest) - from;
  });
}

function hardwareOf(seed: number, site: string, number: number): HardwareClass {
  if (number === 0) return 'jetson-orin-nx';
  if (number > 1 && chance(seed, 'jetson', site, number) < 0.4)
    return 'jetson-orin-nx';
  return chance(seed, 'board', site, number) < 0.5
    ? 'raspberry-pi-4'
    : 'raspberry-pi-5';
}

function devicesAt(
  seed: number,
  site: Site,
  count: number,
  firstIndex: number,
): readonly Device[] {
  const counts = { jetson: 0, pi: 0 };
  return Array.from({ length: count }, (_, number) => {
    const hardware = hardwareOf(seed, site.name, number);
    const kind = hardware === 'jetson-orin-nx' ? 'jetson' : 'pi';
    counts[kind] += 1;
    return deviceOf(site, hardware, counts[kind], firstIndex + number);
  });
}

function deviceOf(
  site: Site,
  hardware: HardwareClass,
  number: number,
  index: number,
): Device {
  const kind = hardware === 'jetson-orin-nx' ? 'jetson' : 'pi';
  const name = `${site.name}-${kind}-${String(number).padStart(2, '0')}`;
  return { name, index, hardware, site };
}

/** The devices of the laboratory, which belong to no size of fleet: they test what the fleet gets. */
const laboratoryDevices = (firstIndex: number): readonly Device[] => [
  deviceOf(laboratory, 'jetson-orin-nx', 1, firstIndex),
  deviceOf(laboratory, 'raspberry-pi-4', 1, firstIndex + 1),
  deviceOf(laboratory, 'raspberry-pi-5', 2, firstIndex + 2),
];

/**
 * Plans a fleet: the same options give the same fleet, and a site keeps its
 * name, place and first two devices when the fleet is larger.
 *
 * @throws RangeError when a number makes no fleet.
 */
export function planFleet(options: FleetOptions = {}): FleetPlan {
  const { seed = 1 } = options;
  const count = wholeNumber(options.devices ?? 60, 'devices', 1, mostDevices);
  const siteCount = wholeNumber(
    options.sites ?? usualSites(count, options.clusters ?? 1),
    'sites',
    1,
    mostSites,
  );
  const clusterCount = wholeNumber(
    options.clusters ?? 1,
    'clusters at the edge',
    1,
    siteCount,
  );
  const clusters = Array.from({ length: clusterCount }, (_, index) =>
    index === 0 ? firstCluster : `${firstCluster}-${index + 1}`,
  );
  const sites = Array.from({ length: siteCount }, (_, index) =>
    siteAt(seed, index, clusters[index % clusterCount]),
  );
  const perSite = devicesPerSite(seed, sites, count);
  const fleet: Device[] = [];
  sites.forEach((site, index) => {
    fleet.push(...devicesAt(seed, site, perSite[index], fleet.length));
  });
  const devices = [...fleet, ...laboratoryDevices(fleet.length)];
  const byName = new Map(devices.map(device => [device.name, device]));
  const byCluster = new Map<string, Device[]>();
  for (const device of devices) {
    const others = byCluster.get(device.site.cluster);
    if (others) others.push(device);
    else byCluster.set(device.site.cluster, [device]);
  }
  return {
    seed,
    clusters,
    sites: [...sites, laboratory],
    devices,
    deviceNamed: name => byName.get(name),
    devicesOf: cluster => byCluster.get(cluster) ?? [],
  };
}
