// SPDX-License-Identifier: Apache-2.0
import {
  obstacleFor,
  questions,
  waveObstacle,
  type Obstacle,
} from './obstacle';
import { ringNames } from './planOrder';
import { isInGate, type Tallies } from './tally';
import type { Turn } from './Turn';

/** Begins the next rings, when enough of the one before is proven and nobody has to be asked. */
export function openRings(turn: Turn, tallies: Tallies): void {
  const { mode } = turn.wave.policy;
  if (mode.kind !== 'rings' || waveObstacle(turn.wave)) return;
  const names = ringNames(turn.wave.policy);
  while (
    turn.wave.openRing < mode.rings.length &&
    isRingProven(turn, tallies, turn.wave.openRing, mode.provenShare)
  ) {
    const ring = turn.wave.openRing + 1;
    const question = questions.ring(ring);
    if (
      mode.rings[ring]?.approval &&
      turn.wave.questions[question]?.answer !== 'yes'
    ) {
      turn.ask(question, `Shall the ring ${names[ring]} begin?`);
      return;
    }
    turn.set({ openRing: ring });
    turn.say({
      kind: 'openRing',
      ring,
      because: `${names[ring - 1]} is proven: ${names[ring]} begins.`,
    });
  }
}

/** What a waiting device of a ring cannot help, and its ring does not wait for. */
const beyondRing = new Set<Obstacle['kind']>([
  'gone',
  'away',
  'held',
  'blocked',
  'unhealthy',
]);

/** Devices that cannot be reached do not hold a ring up, nor do those that failed: evidence judges them. */
function isRingProven(
  turn: Turn,
  tallies: Tallies,
  ring: number,
  share: number,
): boolean {
  let proven = 0;
  let open = 0;
  for (const entry of turn.devices) {
    if (entry.ring !== ring) continue;
    const { phase } = entry.progress;
    if (phase === 'proven') proven++;
    else if (phase === 'inFlight' || phase === 'soaking') {
      if (isInGate(entry, turn.wave.policy, turn.now)) open++;
    } else if (phase === 'waiting') {
      const obstacle = obstacleFor(entry, turn.wave, tallies);
      const isBeyond =
        obstacle &&
        (beyondRing.has(obstacle.kind) ||
          (obstacle.kind === 'site' && obstacle.isIll));
      if (!isBeyond) open++;
    }
  }
  return proven >= share * (proven + open);
}
