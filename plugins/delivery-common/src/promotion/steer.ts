// SPDX-License-Identifier: Apache-2.0
import {
  canBeTakenBack,
  engineTitle,
  isRunning,
  type CanaryRun,
} from '../canary/run/canaryRun';
import { sayEntity } from '../gates/sayEntity';
import { usualCanaryStrategy } from '../pipeline/strategy';
import type { PromotionEvent, SteeringAction } from './events';
import { targetKey, type Promotion } from './promotion';
import { refused, type Refused } from './refusal';
import { steerColours } from './steerColours';
import type { Decision } from './rules';

/** A person's word to the canaries of a promotion. */
export interface SteeringWish extends Pick<Decision, 'by' | 'at' | 'reason'> {
  readonly action: SteeringAction;
}

/** What needs a reason, because it goes past what was agreed to. */
const reasoned: readonly SteeringAction[] = [
  'stepNow',
  'promoteFully',
  'abort',
];

/**
 * What a person tells the canaries, or why that is not taken. Nothing is done to the cluster here:
 * engines ask at their next look, and what they did is seen there.
 *
 * @param runs - what the clusters show of the promotion's targets, as far as they are live
 */
export function steer(
  promotion: Promotion,
  wish: SteeringWish,
  runs: readonly CanaryRun[],
): PromotionEvent | Refused {
  if (promotion.colours) {
    return steerColours(promotion, promotion.colours, wish);
  }
  const running = runs.filter(isRunning);
  if (promotion.phase !== 'reconciling' && promotion.phase !== 'verifying') {
    return refused('notRunning', 'No canary of this promotion runs.', {
      hint: 'Look at the Pipeline tab for what happened.',
    });
  }
  const { steering } = promotion;
  if (steering?.abort) {
    return refused(
      'alreadyAborted',
      `${sayEntity(steering.abort.by)} has taken it back already.`,
      { hint: 'Wait until the engine has done so.' },
    );
  }
  if (running.length === 0) {
    return refused('notRunning', 'No canary of this promotion runs.', {
      hint: 'Wait until the engine has begun, or see that the cluster answers.',
    });
  }
  const no = unsteerable(running) ?? refusedBecause(promotion, wish, running);
  if (no) return no;
  const reason = wish.reason?.trim();
  if (!reason && reasoned.includes(wish.action)) {
    return refused('reasonNeeded', 'This needs a reason.', {
      hint: 'Say why it should not wait.',
    });
  }
  const weight = Math.min(...running.map(run => run.weight));
  return {
    type: 'canarySteered',
    at: wish.at,
    actor: wish.by,
    action: wish.action,
    ...(wish.action === 'stepNow' && { weight }),
    ...(reason && { reason }),
  };
}

/** A word that only some of the clusters would follow is not taken. */
function unsteerable(running: readonly CanaryRun[]): Refused | undefined {
  const run = running.find(
    ({ asks, takesOrders }) => asks.length === 0 && !takesOrders,
  );
  if (!run) return undefined;
  const { engine, namespace, name } = run;
  return refused(
    'notSteerable',
    `${engineTitle(
      engine,
    )} does not ask the portal about ${namespace}/${name}, so it is not steered from here.`,
    {
      hint: 'Give its Canary the webhooks of the portal, or roll the stage back.',
    },
  );
}

function refusedBecause(
  promotion: Extract<Promotion, { phase: 'reconciling' | 'verifying' }>,
  { action }: SteeringWish,
  running: readonly CanaryRun[],
): Refused | undefined {
  const { paused, promoteFully } = promotion.steering ?? {};
  switch (action) {
    case 'pause':
      return paused
        ? refused('alreadyPaused', 'The canary is paused already.', {
            hint: 'Let it go on, or take it back.',
          })
        : undefined;
    case 'resume':
      return paused
        ? undefined
        : refused('notPaused', 'The canary is not paused.', {
            hint: 'It goes on by itself.',
          });
    case 'abort':
      return running.some(canBeTakenBack) || running.some(isWaiting)
        ? undefined
        : refused(
            'tooLate',
            'The new version is becoming the stable one at this moment.',
            { hint: 'Roll the stage back when that has ended.' },
          );
    default:
      if (action === 'promoteFully' && promoteFully) {
        return refused('alreadyHurried', 'It passes without waiting already.', {
          hint: 'Follow it here.',
        });
      }
      return condemned(promotion);
  }
}

function isWaiting({ phase }: CanaryRun): boolean {
  return phase === 'waiting';
}

/** Evidence against a version is not overruled in passing. */
function condemned(
  promotion: Extract<Promotion, { phase: 'reconciling' | 'verifying' }>,
): Refused | undefined {
  const { onFault } = promotion.declaration.strategy ?? usualCanaryStrategy;
  if (onFault !== 'rollBack') return undefined;
  const judgement = promotion.declaration.targets
    .map(target => promotion.progress[targetKey(target)]?.canary?.judgement)
    .find(found => found?.decision === 'rollBack');
  return judgement
    ? refused('condemned', judgement.sentence, {
        hint: 'The engine takes it back at its next look.',
      })
    : undefined;
}
