// SPDX-License-Identifier: Apache-2.0
import type { DeviceInWave } from './device';
import { obstacleFor, ownObstacle } from './obstacle';
import { sayObstacle } from './sayObstacle';
import type { Tallies } from './tally';
import type { Turn } from './Turn';

/** After the deadline leaves out what cannot be reached; ends the wave when nothing is left to do or to watch. */
export function finish(turn: Turn, tallies: Tallies): void {
  const { wave, now } = turn;
  if (now >= wave.startedAt + wave.policy.catchUpDeadline)
    turn.devices.forEach((entry, index) => {
      if (isOverdue(entry, turn, tallies)) exclude(turn, tallies, index);
    });
  if (turn.devices.some(entry => isOpen(entry, turn))) return;
  if (isFleetLost(turn)) return;
  turn.set({ finishedAt: now });
  turn.say({
    kind: 'finish',
    at: now,
    because: 'No device waits, soaks or is watched any more.',
  });
}

/** A fleet of which nothing is left was more likely misread than given up. */
function isFleetLost({ devices, wave, now }: Turn): boolean {
  return (
    devices.length > 0 &&
    now < wave.startedAt + wave.policy.catchUpDeadline &&
    devices.every(({ gone }) => gone !== undefined)
  );
}

/** Devices that could be ordered are not left out while others are still being judged. */
function isOverdue(
  entry: DeviceInWave,
  { wave }: Turn,
  tallies: Tallies,
): boolean {
  switch (entry.progress.phase) {
    case 'waiting':
      return (
        ownObstacle(entry, wave) !== undefined ||
        (tallies.inGate === 0 && wave.pauses.length === 0)
      );
    case 'failed':
    case 'owed':
    case 'takingBack':
      return !entry.device.connected || entry.device.hold !== undefined;
    default:
      return false;
  }
}

function exclude(turn: Turn, tallies: Tallies, index: number): void {
  const entry = turn.devices[index];
  const { wave, now } = turn;
  const obstacle =
    ownObstacle(entry, wave) ?? obstacleFor(entry, wave, tallies);
  const reason = obstacle
    ? `Left out at the deadline: ${sayObstacle(obstacle, wave, now)}`
    : 'Left out at the deadline.';
  turn.apply(index, {
    change: { progress: { phase: 'excluded', at: now, reason } },
    decision: { kind: 'excluded', device: entry.device.id, because: reason },
  });
}

function isOpen(entry: DeviceInWave, { wave, now }: Turn): boolean {
  const { progress, gone } = entry;
  switch (progress.phase) {
    case 'waiting':
      return !wave.stop && gone === undefined;
    case 'inFlight':
    case 'soaking':
      return gone === undefined;
    case 'proven':
      return now < progress.watchUntil && gone === undefined;
    case 'failed':
    case 'owed':
    case 'takingBack':
      return wave.stop?.kind !== 'superseded' && gone === undefined;
    default:
      return false;
  }
}
