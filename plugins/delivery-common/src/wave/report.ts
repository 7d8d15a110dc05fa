// SPDX-License-Identifier: Apache-2.0
import { sayDuration } from '../gates/sayDuration';
import { runAge, type DeviceInWave, type Moment } from './device';
import { obstacleFor } from './obstacle';
import { asSentence } from './sentence';
import { isInGate, tallyWave, type Tallies } from './tally';
import type { WaveState } from './state';

/** The devices of a wave, each in exactly one of these. */
export interface WaveCounts {
  readonly proven: number;
  readonly soaking: number;
  /** Ordered, and not seen running the release. */
  readonly inFlight: number;
  /** Failed, and on the way back or back. */
  readonly failed: number;
  /** Wait for their turn. */
  readonly planned: number;
  readonly held: number;
  readonly away: number;
  /** Cannot be changed now, for reasons of their own. */
  readonly blocked: number;
  /** Left out for good, each with its reason. */
  readonly leftOut: number;
}

/** What a promotion and people have to know of a wave at one moment. */
export interface WaveReport {
  /**
   * - `rolling`: devices get the release.
   * - `waiting`: nothing is ordered until a person lets it, or an incident is over.
   * - `arrived`: all devices that can be reached are proven or were judged; others catch up.
   * - `stopping`: it gives no more orders and takes back.
   * - `stopped`: nothing that can be reached is left to be taken back.
   */
  readonly state: 'rolling' | 'waiting' | 'arrived' | 'stopping' | 'stopped';
  readonly counts: WaveCounts;
  /** One or two sentences. */
  readonly sentence: string;
}

/** Where a wave is. */
export function reportWave(wave: WaveState, now: Moment): WaveReport {
  const counts = countWave(wave, now);
  return {
    state: stateOf(wave, counts, now),
    counts,
    sentence: sentenceOf(wave, counts, now),
  };
}

function countWave(wave: WaveState, now: Moment): WaveCounts {
  const tallies = tallyWave(wave, now);
  const counts = {
    proven: 0,
    soaking: 0,
    inFlight: 0,
    failed: 0,
    planned: 0,
    held: 0,
    away: 0,
    blocked: 0,
    leftOut: 0,
  };
  for (const entry of wave.devices) counts[placeOf(entry, wave, tallies)] += 1;
  return counts;
}

/**
 * Which of the counts a device is in. One that waits for its site only because another is unhealthy there
 * may wait for ever, so nobody waits for it.
 */
export function placeOf(
  entry: DeviceInWave,
  wave: WaveState,
  tallies: Tallies,
): keyof WaveCounts {
  const { phase } = entry.progress;
  switch (phase) {
    case 'waiting': {
      const obstacle = obstacleFor(
        entry,
        { ...wave, stop: undefined, pauses: [] },
        tallies,
      );
      switch (obstacle?.kind) {
        case 'away':
        case 'held':
        case 'blocked':
          return obstacle.kind;
        case 'gone':
          return 'leftOut';
        case 'unhealthy':
          return obstacle.excluded ? 'leftOut' : 'blocked';
        case 'site':
          return obstacle.isIll ? 'blocked' : 'planned';
        default:
          return 'planned';
      }
    }
    case 'inFlight':
    case 'soaking':
    case 'proven':
      return entry.gone === undefined ? phase : 'leftOut';
    case 'notProven':
    case 'excluded':
      return 'leftOut';
    default:
      return 'failed';
  }
}

function stateOf(
  wave: WaveState,
  counts: WaveCounts,
  now: Moment,
): WaveReport['state'] {
  const isOwed = wave.devices.some(
    ({ progress, awaySince, device, gone }) =>
      awaySince === undefined &&
      gone === undefined &&
      device.hold === undefined &&
      (progress.phase === 'failed' ||
        progress.phase === 'owed' ||
        progress.phase === 'takingBack'),
  );
  if (wave.stop) return isOwed ? 'stopping' : 'stopped';
  const isMoving = wave.devices.some(
    entry =>
      (entry.progress.phase === 'inFlight' ||
        entry.progress.phase === 'soaking') &&
      isInGate(entry, wave.policy, now),
  );
  const hasArrived =
    counts.proven > 0 && counts.planned === 0 && !isMoving && !isOwed;
  if (hasArrived) return 'arrived';
  const isAsked = Object.values(wave.questions).some(({ answer }) => !answer);
  const isPaused = wave.pauses.some(({ kind }) => kind !== 'takingBack');
  return isPaused || (isAsked && !isMoving) ? 'waiting' : 'rolling';
}

function sentenceOf(wave: WaveState, counts: WaveCounts, now: Moment): string {
  const done = `${counts.proven} of ${
    wave.devices.length
  } devices run the release, are healthy and soaked; ${sayFailed(
    counts.failed,
  )}.`;
  return [done, nextOf(wave, now), sayLater(counts)]
    .filter(text => text !== '')
    .join(' ');
}

function sayFailed(failed: number): string {
  return failed === 0 ? 'none failed' : `${failed} failed`;
}

function nextOf(wave: WaveState, now: Moment): string {
  if (wave.stop) return `It was stopped: ${asSentence(wave.stop.reason)}`;
  const pause =
    wave.pauses.find(({ kind }) => kind !== 'takingBack') ?? wave.pauses[0];
  if (pause) return `It waits: ${asSentence(pause.reason)}`;
  const asked = Object.values(wave.questions).find(({ answer }) => !answer);
  if (asked) return asked.sentence;
  const lefts = wave.devices.flatMap(({ progress, run }) =>
    progress.phase === 'soaking' && run?.since !== undefined
      ? [Math.max(0, progress.soak - runAge(run, now))]
      : [],
  );
  return lefts.length > 0
    ? `The next proof needs ${sayDuration(Math.min(...lefts))} more.`
    : '';
}

function sayLater({ away, held, blocked }: WaveCounts): string {
  const parts = [
    away > 0 ? `${away} away` : '',
    held > 0 ? `${held} held` : '',
    blocked > 0 ? `${blocked} not to be changed now` : '',
  ].filter(part => part !== '');
  return parts.length === 0
    ? ''
    : `${parts.join(', ')}: nothing waits for them, they catch up.`;
}
