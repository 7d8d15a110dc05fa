// SPDX-License-Identifier: Apache-2.0
import { orderOf, type DeviceInWave } from './device';
import { withdraws } from './judgeDevice';
import { siteRoom } from './siteBudget';
import { type Tallies } from './tally';
import type { Turn } from './Turn';

/** After the end of the wave: orders not carried out are withdrawn, and what runs the release may be owed back. */
export function settleStop(turn: Turn): void {
  const { stop } = turn.wave;
  if (!stop) return;
  turn.devices.forEach((entry, index) => {
    const { phase } = entry.progress;
    if (phase === 'inFlight')
      turn.apply(
        index,
        withdraws(entry, turn.wave.id, turn.now, false, stop.reason),
      );
    else if (stop.takeBack && (phase === 'soaking' || phase === 'proven')) {
      const { reason } = stop;
      const progress = { phase: 'owed', at: turn.now, reason } as const;
      turn.apply(index, { change: { progress } });
    }
  });
}

/**
 * Gives devices what they ran before: unhealthy ones at once, healthy ones as far as their site has room.
 * Heat or a full disk do not keep a broken device from it. A newer release takes care of its devices itself.
 */
export function takeBack(turn: Turn, tallies: Tallies): void {
  if (turn.wave.stop?.kind === 'superseded') return;
  turn.devices.forEach((entry, index) => {
    const { device, progress } = entry;
    if (progress.phase !== 'failed' && progress.phase !== 'owed') return;
    if (!device.connected || device.hold) return;
    const sites = tallies.sites.of(device);
    const isBroken = progress.phase === 'failed' || device.health === 'failed';
    const { policy } = turn.wave;
    const hasRoom = sites.every(site => siteRoom(site, policy) > 0);
    if (sites.length === 0 || (!isBroken && !hasRoom)) return;
    if (!isBroken) {
      for (const site of sites) site.busy++;
      tallies.down++;
    }
    turn.apply(index, takesBack(entry, turn, progress.reason));
  });
}

function takesBack(entry: DeviceInWave, { wave, now }: Turn, reason: string) {
  const orders = entry.orders + 1;
  const { device, previous } = entry;
  return {
    change: {
      orders,
      progress: { phase: 'takingBack', at: now, reason } as const,
    },
    decision: {
      kind: 'takeBack',
      device: device.id,
      order: orderOf(wave.id, { ...entry, orders }),
      ...(previous === undefined ? {} : { digest: previous }),
      because: reason,
    } as const,
  };
}
