// SPDX-License-Identifier: Apache-2.0
import type { FleetDeviceRow } from '@causeway/plugin-delivery-common';

/** A site of the sample fleet; without a place it stands in the list beside the map. */
export interface StorySite {
  readonly name: string;
  readonly title: string;
  readonly place?: readonly [longitude: number, latitude: number];
}

export const CLUSTER = 'edge-production';

/** The sites of a parcel-sorting company. */
export const storySites: readonly StorySite[] = [
  { name: 'rotterdam', title: 'Rotterdam', place: [4.48, 51.92] },
  { name: 'antwerp', title: 'Antwerp', place: [4.4, 51.22] },
  { name: 'hamburg', title: 'Hamburg', place: [9.99, 53.55] },
  { name: 'milan', title: 'Milan', place: [9.19, 45.46] },
  { name: 'gdansk', title: 'Gdansk', place: [18.65, 54.35] },
  { name: 'oslo', title: 'Oslo', place: [10.75, 59.91] },
  { name: 'depot', title: 'Mobile depot' },
];

/** The devices at one moment, `now` in milliseconds. */
export function storyDevices(now: number): readonly FleetDeviceRow[] {
  const ago = (seconds: number) =>
    new Date(now - seconds * 1_000).toISOString();
  const healthy = (name: string): FleetDeviceRow => {
    const [site] = name.split('-');
    const isJetson = name.includes('jetson');
    return {
      id: `${CLUSTER}/${name}`,
      cluster: CLUSTER,
      name,
      site,
      siteName: storySites.find(each => each.name === site)?.title ?? site,
      hardware: isJetson ? 'jetson-orin-nx' : 'raspberry-pi-5',
      hardwareName: isJetson ? 'Jetson Orin NX 64 GB' : 'Raspberry Pi 5',
      platform: isJetson ? 'k3s' : 'kubeedge',
      version: isJetson ? 'v1.34.2+k3s1' : 'v1.32.4-kubeedge-v1.23.1',
      lastSeen: ago(7),
      connectivity: { state: 'live', since: ago(86_400) },
      health: { state: 'ok', since: ago(86_400) },
      update: { state: 'upToDate' },
      applications: { state: 'healthy' },
      hold: { state: 'none' },
      isolation: { state: 'none' },
      temperature: { value: 51, unit: '°C', at: ago(12), source: 'exporter' },
      power: isJetson
        ? { value: 14.2, unit: 'W', at: ago(12), source: 'exporter' }
        : undefined,
    };
  };
  const away = (name: string, seconds: number): FleetDeviceRow => ({
    ...healthy(name),
    lastSeen: ago(seconds),
    connectivity: {
      state: 'offline',
      since: ago(seconds - 50),
      reason: { code: 'leaseExpired', message: 'Its lease ran out.' },
    },
    health: { state: 'unknown', was: 'ok', since: ago(seconds - 50) },
    update: { state: 'unknown', was: 'upToDate' },
    applications: { state: 'unknown', was: 'healthy' },
    incident: name.startsWith('gdansk') ? 'site gdansk' : undefined,
  });
  return [
    healthy('rotterdam-jetson-01'),
    healthy('rotterdam-jetson-02'),
    healthy('rotterdam-pi-01'),
    healthy('antwerp-jetson-01'),
    healthy('antwerp-pi-01'),
    healthy('hamburg-jetson-01'),
    {
      ...healthy('hamburg-pi-01'),
      isolation: { state: 'quarantined' },
      health: {
        state: 'critical',
        since: ago(600),
        reason: { code: 'readOnly', message: 'The storage is read-only.' },
      },
    },
    {
      ...healthy('milan-jetson-01'),
      health: {
        state: 'warning',
        since: ago(1_320),
        reason: { code: 'hot', message: 'The GPU is at 91 °C, limit 85.' },
      },
      hold: {
        state: 'device',
        reason: { code: 'hot', message: 'It is too hot to update.' },
      },
      update: { state: 'outOfDate' },
      temperature: { value: 91, unit: '°C', at: ago(7), source: 'exporter' },
      power: { value: 24.8, unit: 'W', at: ago(7), source: 'exporter' },
    },
    healthy('milan-pi-01'),
    away('gdansk-jetson-01', 2_460),
    away('gdansk-pi-01', 2_460),
    away('oslo-pi-01', 360),
    healthy('oslo-jetson-01'),
    {
      ...healthy('depot-pi-01'),
      connectivity: { state: 'stale', since: ago(80) },
      lastSeen: ago(80),
      temperature: undefined,
      power: undefined,
    },
  ];
}
