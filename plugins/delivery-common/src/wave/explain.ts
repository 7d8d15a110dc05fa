// SPDX-License-Identifier: Apache-2.0
import { sayDuration } from '../gates/sayDuration';
import { runAge, type DeviceInWave, type Moment } from './device';
import { obstacleFor, type Obstacle } from './obstacle';
import { sayObstacle } from './sayObstacle';
import type { WaveState } from './state';
import { isInGate, tallyWave } from './tally';

/** Where one device is, and why, for people. */
export interface DeviceInWaveView {
  readonly device: string;
  readonly ring: number;
  readonly phase: DeviceInWave['progress']['phase'];
  /** What it waits for, if it waits. */
  readonly obstacle?: Obstacle['kind'];
  readonly sentence: string;
}

/** Each device once, in plan order, with a sentence that says why it is where it is. */
export function explainWave(
  state: WaveState,
  now: Moment,
): readonly DeviceInWaveView[] {
  const tallies = tallyWave(state, now);
  return state.devices.map(entry => {
    const { device, ring, progress } = entry;
    const { phase } = progress;
    const view = { device: device.id, ring, phase };
    if (phase !== 'waiting')
      return { ...view, sentence: sayProgress(entry, state, now) };
    const obstacle = obstacleFor(entry, state, tallies);
    return obstacle
      ? {
          ...view,
          obstacle: obstacle.kind,
          sentence: sayObstacle(obstacle, state, now),
        }
      : {
          ...view,
          sentence:
            'It is next; the first devices of all hardware begin together.',
        };
  });
}

function sayProgress(
  entry: DeviceInWave,
  { policy }: WaveState,
  now: Moment,
): string {
  const { progress, run, device } = entry;
  const away = entry.awaySince === undefined ? '' : ' It is away.';
  const doubt =
    device.doubt && !away
      ? ` Nobody knows that it is well: ${device.doubt}.`
      : '';
  switch (progress.phase) {
    case 'inFlight':
      return isInGate(entry, policy, now)
        ? `It was ordered ${sayDuration(now - progress.at)} ago.${away}${doubt}`
        : `It is slow: ordered ${sayDuration(
            now - progress.at,
          )} ago. The others do not wait for it.${away}${doubt}`;
    case 'soaking': {
      const left = progress.soak - (run ? runAge(run, now) : 0);
      return `It runs the release; its proof needs ${sayDuration(
        left,
      )} more.${away}${doubt}`;
    }
    case 'proven':
      return now < progress.watchUntil
        ? `It is proven, and watched for ${sayDuration(
            progress.watchUntil - now,
          )} more.${away}`
        : 'It is proven.';
    case 'failed':
      return `${progress.reason} It is taken back ${
        device.hold ? 'when it is released' : 'when it is back'
      }.`;
    case 'owed':
      return `It still runs the release, and is taken back ${
        entry.awaySince === undefined
          ? 'when its site has room'
          : 'when it is back'
      }.`;
    case 'takingBack':
      return `It is being taken back for ${sayDuration(now - progress.at)}: ${
        progress.reason
      }${away}`;
    case 'takenBack':
      return device.health === 'failed' && device.connected
        ? `It was taken back: ${progress.reason} It is unhealthy with the version before, too.`
        : `It was taken back: ${progress.reason}`;
    case 'notProven':
    case 'excluded':
      return progress.reason;
    default:
      return '';
  }
}
