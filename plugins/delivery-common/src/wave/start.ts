// SPDX-License-Identifier: Apache-2.0
import { orderOf, type DeviceInWave, type WaveDevice } from './device';
import { isSuspect } from './evidence';
import { obstacleFor, ownObstacle, waveObstacle } from './obstacle';
import { targetFor, type WaveState } from './state';
import { isPulling, type ClassTally, type Tallies } from './tally';
import type { Turn } from './Turn';

/** A pull that failed is asked for again after an hour, or as soon as the device can be changed again. */
const pullAgainAfter = 3_600_000;

/** Has images pulled ahead, in plan order and so many at a time: nothing is interrupted by that. */
export function startPulls(turn: Turn, tallies: Tallies): void {
  const { wave, now } = turn;
  const { prePull } = wave.policy;
  if (!prePull || waveObstacle(wave)) return;
  const atOnce = Math.max(
    prePull.atOnce,
    Math.floor(prePull.share * tallies.fleet),
  );
  for (const [index, entry] of turn.devices.entries()) {
    const { device, pull, progress } = entry;
    if (progress.phase !== 'waiting' || device.image === 'present') continue;
    if (ownObstacle(entry, wave)) {
      if (pull?.failedAt !== undefined)
        turn.apply(index, { change: { pull: undefined } });
      continue;
    }
    if (pull && now - (pull.failedAt ?? Infinity) < pullAgainAfter) continue;
    if (pull && pull.failedAt === undefined) continue;
    if (tallies.pulling >= atOnce) continue;
    tallies.pulling++;
    turn.apply(index, {
      change: { pull: { at: now } },
      decision: {
        kind: 'prePull',
        device: device.id,
        because: 'It is next to get the image ahead of its order.',
      },
    });
  }
}

/** Whether the image of a device has been asked for, and is to come still. */
export function isPullWanted(
  { pull, progress }: DeviceInWave,
  wave: Pick<WaveState, 'policy' | 'stop' | 'finishedAt'>,
): boolean {
  const isOver = wave.stop !== undefined || wave.finishedAt !== undefined;
  const isOpen =
    pull !== undefined &&
    pull.failedAt === undefined &&
    pull.presentAt === undefined;
  return (
    !isOver &&
    wave.policy.prePull !== undefined &&
    progress.phase === 'waiting' &&
    isOpen
  );
}

/** Orders what may be ordered now, first devices of a class first. */
export function startDevices(turn: Turn, tallies: Tallies): void {
  if (waveObstacle(turn.wave)) return;
  if (!isFirstPullAwaited(turn, tallies)) {
    const used = firstSites(turn, tallies);
    for (const hardware of [...tallies.classes.keys()].sort())
      startFirst(turn, tallies, hardware, used);
  }
  turn.devices.forEach((entry, index) => {
    if (entry.progress.phase !== 'waiting') return;
    const mine = tallies.classes.get(entry.device.hardware);
    if (!mine || isFirstStep(mine, turn)) return;
    if (!obstacleFor(entry, turn.wave, tallies)) start(turn, tallies, index);
  });
}

/** Whether a class has no proof to grow from: canaries, or the device that confirms a failure. */
function isFirstStep(mine: ClassTally, { wave }: Turn): boolean {
  return isSuspect(mine, wave.policy)
    ? mine.provenSinceFailure === 0
    : mine.proven === 0;
}

/**
 * Whether the first devices of a class are still being pulled to. The classes begin together, for a bad
 * release then shows on all of them before anything is repeated; but none waits long for another.
 */
function isFirstPullAwaited(turn: Turn, tallies: Tallies): boolean {
  const { wave, now } = turn;
  if (now - wave.startedAt >= wave.policy.slowAfter) return false;
  const pulling = new Set<string>();
  const ready = new Set<string>();
  for (const entry of turn.devices) {
    const { hardware } = entry.device;
    const mine = tallies.classes.get(hardware);
    if (entry.progress.phase !== 'waiting' || mine?.ordered !== 0) continue;
    if (isPulling(entry, wave.policy, now)) pulling.add(hardware);
    else if (!obstacleFor(entry, wave, tallies)) ready.add(hardware);
  }
  return [...pulling].some(hardware => !ready.has(hardware));
}

/** Sites where the first devices of any class are now. */
function firstSites(turn: Turn, tallies: Tallies): Set<string> {
  const used = new Set<string>();
  for (const { device, progress } of turn.devices) {
    if (progress.phase !== 'inFlight' && progress.phase !== 'soaking') continue;
    const mine = tallies.classes.get(device.hardware);
    if (mine && isFirstStep(mine, turn)) used.add(device.site);
  }
  return used;
}

/** The first devices of a class: at sites of their own, not where it failed, and none that is known to be faulty if another is there. */
function startFirst(
  turn: Turn,
  tallies: Tallies,
  hardware: string,
  used: Set<string>,
): void {
  const mine = tallies.classes.get(hardware);
  if (!mine || !isFirstStep(mine, turn)) return;
  const free = mine.limit - mine.inFlight - mine.inSoak;
  for (let count = 0; count < free; count++) {
    let best: { readonly index: number; readonly cost: number } | undefined;
    for (const [index, entry] of turn.devices.entries()) {
      const { device, progress } = entry;
      if (progress.phase !== 'waiting' || device.hardware !== hardware)
        continue;
      const cost =
        (device.notAsCanary ? 4 : 0) +
        (mine.failedSites.has(device.site) ? 2 : 0) +
        (used.has(device.site) ? 1 : 0);
      if (best && best.cost <= cost) continue;
      if (obstacleFor(entry, turn.wave, tallies)) continue;
      best = { index, cost };
      if (cost === 0) break;
    }
    if (!best) return;
    used.add(turn.devices[best.index].device.site);
    start(turn, tallies, best.index);
  }
}

function start(turn: Turn, tallies: Tallies, index: number): void {
  const { wave, now } = turn;
  const entry = turn.devices[index];
  const { device } = entry;
  const mine = tallies.classes.get(device.hardware);
  const orders = entry.orders + 1;
  const isFirst = mine?.proven === 0;
  const progress: DeviceInWave['progress'] = {
    phase: 'inFlight',
    at: now,
    soak: isFirst ? wave.policy.firstSoak : wave.policy.soak,
    counts: device.health !== 'failed',
  };
  addStarted(device, tallies, mine);
  turn.apply(index, {
    change: { orders, progress },
    decision: {
      kind: 'order',
      device: device.id,
      order: orderOf(wave.id, { ...entry, orders }),
      digest: targetFor(wave, device) ?? '',
      because: isFirst
        ? `It is the first of ${device.hardware}.`
        : `${mine?.proven} of ${device.hardware} are proven, and its site has room.`,
    },
  });
}

function addStarted(
  device: WaveDevice,
  tallies: Tallies,
  mine: ClassTally | undefined,
): void {
  if (device.health !== 'failed') {
    for (const site of tallies.sites.of(device)) site.busy++;
    tallies.down++;
  }
  tallies.inGate++;
  if (mine) mine.inFlight++;
}
