// SPDX-License-Identifier: Apache-2.0
import { sayDuration } from '../gates/sayDuration';
import type { Moment } from './device';
import type { Obstacle } from './obstacle';
import { ringNames } from './planOrder';
import { asSentence } from './sentence';
import type { WaveState } from './state';

function sayImage({
  image,
  trouble,
}: Extract<Obstacle, { readonly kind: 'image' }>): string {
  switch (image) {
    case 'absent':
      return 'Its image is not there yet.';
    case 'pulling':
      return 'Its image is being pulled.';
    default:
      return `Its image could not be pulled${
        trouble ? ` (${trouble})` : ''
      }; it is asked again later.`;
  }
}

/** Why a device waits, in one sentence. */
export function sayObstacle(
  obstacle: Obstacle,
  wave: Pick<WaveState, 'policy' | 'questions'>,
  now: Moment,
): string {
  const { policy } = wave;
  switch (obstacle.kind) {
    case 'over':
      return `The wave is over${
        obstacle.stop ? `: ${asSentence(obstacle.stop.reason)}` : '.'
      }`;
    case 'paused':
      return `The wave pauses: ${asSentence(obstacle.pause.reason)}`;
    case 'gone':
      return 'It is no longer in the fleet.';
    case 'away':
      return `It has been away for ${sayDuration(
        now - obstacle.since,
      )}; it is ordered when it is back.`;
    case 'held':
      return obstacle.by === 'device'
        ? 'The device holds it; it is ordered when it is released.'
        : 'An operator holds it; it is ordered when it is released.';
    case 'blocked':
      return `It cannot be changed now: ${obstacle.reason}.`;
    case 'unhealthy':
      return obstacle.excluded
        ? 'It is unhealthy already, and the policy leaves such devices out.'
        : 'It is unhealthy already and comes after proof on others.';
    case 'image':
      return sayImage(obstacle);
    case 'person':
      return `It waits for an answer: ${
        wave.questions[obstacle.question]?.sentence ?? obstacle.question
      }`;
    case 'ring':
      return `Its ring begins after ${ringNames(policy)[obstacle.open]}.`;
    case 'vanishing':
      return `${obstacle.lost} devices of its hardware did not come back after their order; a person is asked.`;
    case 'suspect':
      return obstacle.unjudged > 0
        ? `Its hardware is under suspicion; ${obstacle.unjudged} that have the release are judged first.`
        : 'Its hardware is under suspicion.';
    case 'gate':
      return `${obstacle.unproven} of its hardware are being proven and ${obstacle.proven} are proven; more start as these are.`;
    case 'oneAtATime':
      return 'One device at a time, and another one has its turn.';
    case 'maxDown':
      return `As many devices are down as may be in all: ${policy.maxDown}.`;
    default:
      return obstacle.isIll
        ? 'Its site has no room, since a device there is unhealthy.'
        : 'Its site has no room: as many devices are down as may be.';
  }
}
