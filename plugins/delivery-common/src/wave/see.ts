// SPDX-License-Identifier: Apache-2.0
import type { DeviceInWave, Moment, WaveDevice, WavePull } from './device';
import { pause, resume } from './obey';
import { byRank, ringOf } from './planOrder';
import { proveHealth } from './proveHealth';
import { joining, targetFor, type WaveState } from './state';
import type { Turn } from './Turn';

/** Takes in what changed: devices that are new, other than before, or no longer there. */
export function see(
  turn: Turn,
  devices: readonly WaveDevice[],
  removed: readonly string[],
): void {
  if (devices.length === 0 && removed.length === 0) return;
  const places = new Map(
    turn.devices.map(({ device }, index) => [device.id, index]),
  );
  for (const id of removed) {
    const index = places.get(id);
    if (index !== undefined) turn.devices[index] = left(turn, index);
  }
  let isNew = false;
  for (const device of devices) {
    const index = places.get(device.id);
    if (index === undefined) {
      isNew = true;
      places.set(device.id, turn.devices.length);
      turn.devices.push(joining(turn.wave, device, turn.now));
    } else turn.devices[index] = seen(turn.devices[index], device, turn);
  }
  if (isNew) turn.devices.sort(byRank);
}

function left({ devices, now }: Turn, index: number): DeviceInWave {
  const entry = devices[index];
  if (entry.gone !== undefined) return entry;
  const device = { ...entry.device, connected: false };
  return { ...entry, device, gone: now, awaySince: entry.awaySince ?? now };
}

function seen(
  { gone: _, awaySince, ...entry }: DeviceInWave,
  device: WaveDevice,
  { wave, now }: Turn,
): DeviceInWave {
  const known = device.connected ? device.running : undefined;
  const pull = pullAfter(entry.pull, device, now);
  return {
    ...entry,
    ...proveHealth(
      entry,
      pull?.presentAt === undefined ? device : { ...device, image: 'present' },
      wave,
    ),
    ring: ringOf(wave.policy, device, entry.rank),
    ...(device.connected ? {} : { awaySince: awaySince ?? now }),
    ...(known !== undefined && known !== targetFor(wave, device)
      ? { previous: known }
      : {}),
    pull,
  };
}

/** A pull that was cut off is asked for again; one that failed is remembered, so that it is not asked in a loop. */
function pullAfter(
  pull: WavePull | undefined,
  device: WaveDevice,
  now: Moment,
): WavePull | undefined {
  if (!pull || pull.presentAt !== undefined) return pull;
  if (!device.connected) return undefined;
  if (device.image === 'present') return { at: pull.at, presentAt: now };
  if (device.image !== 'failed' || pull.failedAt !== undefined) return pull;
  const { imageTrouble } = device;
  return {
    ...pull,
    failedAt: now,
    ...(imageTrouble !== undefined && { trouble: imageTrouble }),
  };
}

/** Many devices of several sites gone within a minute have one cause, and it is not the release. */
const incident = { within: 60_000, sites: 3, devices: 5, share: 0.2 };

/** Notices that many devices went away at once, and the end of that. */
export function noticeIncident(turn: Turn): void {
  const { now, wave } = turn;
  const lost = lostJustNow(wave, now);
  if (lost !== undefined) {
    turn.set({ lossAt: now });
    pause(
      turn,
      'incident',
      `${lost} devices of several sites went away within a minute: nothing is ordered or judged until that is over.`,
    );
    return;
  }
  if (wave.lossAt !== undefined && now - wave.lossAt >= wave.policy.awayAfter)
    resume(turn, 'incident');
}

function lostJustNow(
  { devices, startedAt }: WaveState,
  now: Moment,
): number | undefined {
  const sites = new Set<string>();
  let lost = 0;
  let connected = 0;
  for (const { device, awaySince, gone } of devices) {
    if (gone !== undefined) continue;
    if (awaySince === undefined) connected++;
    else if (awaySince > startedAt && now - awaySince < incident.within) {
      lost++;
      sites.add(device.site);
    }
  }
  const many =
    sites.size >= incident.sites &&
    lost >= Math.max(incident.devices, incident.share * (connected + lost));
  return many ? lost : undefined;
}
