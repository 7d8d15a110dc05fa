// SPDX-License-Identifier: Apache-2.0
import type { PromotionEventOf } from './events';
import type {
  ActivePromotion,
  CanaryProgress,
  CanarySteering,
} from './promotion';

type Following = Extract<
  ActivePromotion,
  { phase: 'reconciling' | 'verifying' }
>;

type CanaryEvent = PromotionEventOf<
  | 'canaryMoved'
  | 'canaryBound'
  | 'canaryJudged'
  | 'canaryOrdered'
  | 'canarySteered'
>;

/** The promotion after something happened to its canaries. */
export function withCanary(
  promotion: Following,
  event: CanaryEvent,
): Following {
  if (event.type === 'canarySteered') {
    return { ...promotion, steering: steered(promotion.steering ?? {}, event) };
  }
  const before = promotion.progress[event.target] ?? {};
  const canary = progressed(before.canary ?? { moves: [] }, event);
  const moved = event.type === 'canaryMoved';
  return {
    ...promotion,
    progress: {
      ...promotion.progress,
      [event.target]: { ...before, canary },
    },
    ...(moved &&
      promotion.steering && {
        steering: afterMove(promotion.steering, event.weight),
      }),
  };
}

function progressed(
  before: CanaryProgress,
  event: Exclude<CanaryEvent, { type: 'canarySteered' }>,
): CanaryProgress {
  const { at } = event;
  switch (event.type) {
    case 'canaryMoved': {
      const { phase, weight } = event;
      return { ...before, moves: [...before.moves, { at, phase, weight }] };
    }
    case 'canaryBound':
      return { ...before, checksum: before.checksum ?? event.checksum };
    case 'canaryOrdered': {
      const { order, outcome, message } = event;
      return {
        ...before,
        order: { at, order, outcome, ...(message && { message }) },
      };
    }
    default: {
      const { decision, sentence, faults, weight } = event;
      return {
        ...before,
        judgement: { at, decision, sentence, faults, weight },
      };
    }
  }
}

function steered(
  before: CanarySteering,
  event: PromotionEventOf<'canarySteered'>,
): CanarySteering {
  if (before.abort) return before;
  const { action, at, actor, reason, weight } = event;
  const word = { by: actor, at, ...(reason && { reason }) };
  switch (action) {
    case 'pause':
      return { ...before, paused: word };
    case 'resume': {
      const { paused, ...rest } = before;
      return { ...rest, resumedAt: at };
    }
    case 'stepNow':
      return weight === undefined
        ? before
        : { ...before, stepNow: { ...word, weight } };
    case 'promoteFully': {
      const { paused, ...rest } = before;
      return { ...rest, promoteFully: word };
    }
    default:
      return { ...before, abort: word };
  }
}

/** A step that was asked for has been taken. */
function afterMove(steering: CanarySteering, weight: number): CanarySteering {
  const { stepNow, ...rest } = steering;
  return stepNow && stepNow.weight !== weight ? rest : steering;
}
