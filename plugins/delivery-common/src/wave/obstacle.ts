// SPDX-License-Identifier: Apache-2.0
import type { DeviceInWave, Moment } from './device';
import { isSuspect, losesDevices, unjudgedFor } from './evidence';
import type { WavePolicy } from './policy';
import { unmetPrecondition } from './preconditions';
import { siteRoom } from './siteBudget';
import {
  targetFor,
  type WavePause,
  type WaveStop,
  type WaveState,
} from './state';
import { isBusy, type ClassTally, type Tallies } from './tally';

/** The first thing that keeps a waiting device from its order. */
export type Obstacle =
  | { readonly kind: 'over'; readonly stop?: WaveStop }
  | { readonly kind: 'paused'; readonly pause: WavePause }
  | { readonly kind: 'gone' }
  | { readonly kind: 'away'; readonly since: Moment }
  | { readonly kind: 'held'; readonly by: 'device' | 'operator' }
  | { readonly kind: 'blocked'; readonly reason: string }
  | { readonly kind: 'unhealthy'; readonly excluded: boolean }
  | {
      readonly kind: 'image';
      readonly image: 'absent' | 'pulling' | 'failed';
      readonly trouble?: string;
    }
  | { readonly kind: 'person'; readonly question: string }
  | { readonly kind: 'ring'; readonly open: number }
  | { readonly kind: 'vanishing'; readonly lost: number }
  | { readonly kind: 'suspect'; readonly unjudged: number }
  | {
      readonly kind: 'gate';
      readonly unproven: number;
      readonly proven: number;
    }
  | { readonly kind: 'oneAtATime' }
  | { readonly kind: 'maxDown' }
  | {
      readonly kind: 'site';
      /** Whether there would be room if no device there were unhealthy. */
      readonly isIll: boolean;
    };

/** Names of the questions that a wave may ask. */
export const questions = {
  canaries: 'canaries',
  ring: (ring: number) => `ring:${ring}`,
  cannotConfirm: (hardware: string) => `cannotConfirm:${hardware}`,
  vanishing: (hardware: string) => `vanishing:${hardware}`,
};

type Wave = Pick<
  WaveState,
  | 'policy'
  | 'target'
  | 'stop'
  | 'finishedAt'
  | 'pauses'
  | 'questions'
  | 'openRing'
>;

/** Why a device must not be changed now, by anybody: the end of a sentence. */
export function blockOf(
  { device }: DeviceInWave,
  wave: Pick<WaveState, 'policy' | 'target'>,
): string | undefined {
  const { preconditions } = wave.policy;
  if (device.blocked?.length) return device.blocked[0];
  if (targetFor(wave, device) === undefined)
    return `the release has no image for ${device.hardware}`;
  // The name comes from a label of the node, which may be that of any property of an object.
  const own = Object.hasOwn(preconditions, device.hardware)
    ? preconditions[device.hardware]
    : preconditions['*'];
  return unmetPrecondition(own, device.readings, device.image === 'present');
}

/** What keeps a device from a change by itself, whatever the others do. */
export function ownObstacle(
  entry: DeviceInWave,
  wave: Pick<WaveState, 'policy' | 'target'>,
): Obstacle | undefined {
  const { device, awaySince, gone } = entry;
  if (gone !== undefined) return { kind: 'gone' };
  if (awaySince !== undefined) return { kind: 'away', since: awaySince };
  if (device.hold) return { kind: 'held', by: device.hold };
  const reason = blockOf(entry, wave);
  return reason === undefined ? undefined : { kind: 'blocked', reason };
}

/** Why the wave as a whole orders nothing. */
export function waveObstacle(
  wave: Pick<WaveState, 'stop' | 'finishedAt' | 'pauses'>,
): Obstacle | undefined {
  return overObstacle(wave) ?? pauseObstacle(wave);
}

function overObstacle({
  stop,
  finishedAt,
}: Pick<WaveState, 'stop' | 'finishedAt'>): Obstacle | undefined {
  return stop || finishedAt !== undefined ? { kind: 'over', stop } : undefined;
}

function pauseObstacle({
  pauses: [pause],
}: Pick<WaveState, 'pauses'>): Obstacle | undefined {
  return pause && { kind: 'paused', pause };
}

function isWithheld(wave: Wave, question: string): boolean {
  const asked = wave.questions[question];
  return asked !== undefined && asked.answer !== 'yes';
}

function classObstacle(
  hardware: string,
  mine: ClassTally,
  wave: Wave,
  tallies: Tallies,
): Obstacle | undefined {
  const { policy } = wave;
  const alone = questions.cannotConfirm(hardware);
  if (isWithheld(wave, alone)) return { kind: 'person', question: alone };
  const lost = questions.vanishing(hardware);
  if (losesDevices(mine, policy) && wave.questions[lost]?.answer !== 'yes')
    return { kind: 'vanishing', lost: mine.vanished };
  const unproven = mine.inFlight + mine.inSoak;
  if (unproven >= mine.limit)
    return isSuspect(mine, policy)
      ? { kind: 'suspect', unjudged: unjudgedFor(mine, tallies) }
      : { kind: 'gate', unproven, proven: mine.proven };
  const asksFirst =
    policy.approveAfterCanaries &&
    wave.questions[questions.canaries]?.answer !== 'yes';
  return asksFirst && mine.proven + unproven >= policy.canaries
    ? { kind: 'person', question: questions.canaries }
    : undefined;
}

function unhealthyObstacle(
  { device }: DeviceInWave,
  mine: ClassTally,
  policy: WavePolicy,
): Obstacle | undefined {
  if (device.health !== 'failed') return undefined;
  if (policy.unhealthy === 'alike') return undefined;
  if (policy.unhealthy === 'exclude')
    return { kind: 'unhealthy', excluded: true };
  // Under suspicion it is not the device that confirms, but it must not take its site's room for ever.
  const proofs = isSuspect(mine, policy)
    ? mine.provenSinceFailure
    : mine.proven;
  return proofs === 0 ? { kind: 'unhealthy', excluded: false } : undefined;
}

/** A pull that failed has failed until it is asked for again, whatever is seen of it. */
function imageObstacle(
  { pull }: DeviceInWave,
  image: 'absent' | 'pulling' | 'failed',
): Obstacle {
  if (pull?.failedAt === undefined) return { kind: 'image', image };
  return { kind: 'image', image: 'failed', trouble: pull.trouble };
}

/** Whether so many are down, at its site or in all, that this one must wait. */
export function roomObstacle(
  entry: DeviceInWave,
  tallies: Tallies,
  policy: WavePolicy,
): Obstacle | undefined {
  if (policy.mode.kind === 'oneAtATime' && tallies.inGate > 0)
    return { kind: 'oneAtATime' };
  // A device that is down anyway has its place in the budget already.
  const own = isBusy(entry, policy, tallies.now) ? 1 : 0;
  const { maxDown = Infinity } = policy;
  if (tallies.down - own >= maxDown) return { kind: 'maxDown' };
  const sites = tallies.sites.of(entry.device);
  if (sites.length === 0) return { kind: 'gone' };
  const full = sites.filter(site => siteRoom(site, policy) + own < 1);
  if (full.length === 0) return undefined;
  const isIll = full.every(
    ({ busy, ill, ...site }) =>
      siteRoom({ ...site, busy: busy - ill, ill }, policy) > 0,
  );
  return { kind: 'site', isIll };
}

/**
 * Why a waiting device gets no order now; undefined when it may. Both the runner and the page ask here, so
 * that what people read is what was decided by. What keeps the device for itself comes first: it stays when
 * the others go on.
 */
export function obstacleFor(
  entry: DeviceInWave,
  wave: Wave,
  tallies: Tallies,
): Obstacle | undefined {
  const { device } = entry;
  const { policy } = wave;
  const mine = tallies.classes.get(device.hardware);
  const own = overObstacle(wave) ?? ownObstacle(entry, wave);
  if (own || !mine) return own ?? { kind: 'gone' };
  const room = roomObstacle(entry, tallies, policy);
  const lasting =
    unhealthyObstacle(entry, mine, policy) ??
    (room?.kind === 'site' && room.isIll ? room : undefined) ??
    pauseObstacle(wave);
  if (lasting) return lasting;
  if (policy.prePull && device.image !== 'present')
    return imageObstacle(entry, device.image);
  if (entry.ring > wave.openRing) return { kind: 'ring', open: wave.openRing };
  return classObstacle(device.hardware, mine, wave, tallies) ?? room;
}
