// SPDX-License-Identifier: Apache-2.0
import { between, chance } from './chance';
import type { Device } from './Device';

/** What is individual about a device, decided once by the seed. */
export interface Traits {
  /** Share of the processors that works on average. */
  readonly cpuLoad: number;
  readonly gpuLoad: number;
  /** Where its work is in its rhythms, one number from 0 to 1 for each. */
  readonly phases: readonly number[];
  /** Degrees by which its place is warmer than the air of the region. */
  readonly warmth: number;
  /** 1 is as built; more is a dusty fan or a closed box. */
  readonly insulation: number;
  /** Volts that its supply gives without load. */
  readonly supply: number;
  /** Ohms of its supply and cable. */
  readonly resistance: number;
  readonly memoryUse: number;
  readonly storageUse: number;
  /** Milliseconds by which its clock is ahead although it is set by the network. */
  readonly clockSkew: number;
  /** Milliseconds of its way to the cloud and back. */
  readonly latency: number;
  /** Where its boots are in the rhythm of maintenance, from 0 to 1. */
  readonly maintenance: number;
}

const uplinkLatency = { fibre: 8, cable: 16, dsl: 26, mobile: 45 } as const;
/** Where the clusters are. */
const cloud = { latitude: 50.11, longitude: 8.68 };

/** Milliseconds that light in a fibre and its detours need to the site and back. */
function distanceLatency({ site }: Device): number {
  const north = (site.latitude - cloud.latitude) * 111;
  const east =
    (site.longitude - cloud.longitude) *
    111 *
    Math.cos((site.latitude * Math.PI) / 180);
  return Math.hypot(north, east) / 65;
}

/** The traits of a device. */
export function traitsOf(seed: number, device: Device): Traits {
  const { name, site } = device;
  const number = (low: number, high: number, ...key: readonly string[]) =>
    between(low, high, seed, ...key, name);
  const isDusty = chance(seed, 'dust', name) < 0.04;
  const hasPoorCable = chance(seed, 'cable', name) < 0.06;
  return {
    cpuLoad: number(0.25, 0.5, 'cpu'),
    gpuLoad: number(0.3, 0.55, 'gpu'),
    phases: [0, 1, 2, 3, 4].map(rhythm => number(0, 1, `phase-${rhythm}`)),
    warmth: between(-2, 2, seed, 'climate', site.name) + number(0, 5, 'warmth'),
    insulation: isDusty ? 1.4 : number(0.9, 1.1, 'insulation'),
    supply: number(5.05, 5.15, 'supply'),
    resistance: hasPoorCable ? 0.38 : number(0.04, 0.12, 'resistance'),
    memoryUse: number(0.32, 0.55, 'memory'),
    storageUse: number(0.25, 0.6, 'storage'),
    clockSkew: Math.round(number(-40, 40, 'clock')),
    latency:
      uplinkLatency[site.uplink] +
      distanceLatency(device) +
      number(0, 4, 'latency'),
    maintenance: number(0, 1, 'maintenance'),
  };
}
