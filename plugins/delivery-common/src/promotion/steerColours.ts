// SPDX-License-Identifier: Apache-2.0
import { sayEntity } from '../gates/sayEntity';
import type { BlueGreenProgress } from './blueGreen';
import type { Instant } from '../time';
import type { PromotionEvent } from './events';
import type { Promotion } from './promotion';
import { refused, type Refused } from './refusal';
import type { SteeringWish } from './steer';

/**
 * A person's word to a promotion between two colours, or why it is not taken: `promoteFully` is the
 * yes that a switch by hand waits for, and after the switch the one that ends the watch of the metrics;
 * `abort` goes back to the old colour. Before the switch a
 * promotion is cancelled instead, and after its end rolled back.
 */
export function steerColours(
  promotion: Promotion,
  colours: BlueGreenProgress,
  wish: SteeringWish,
): PromotionEvent | Refused {
  if (promotion.phase !== 'reconciling' && promotion.phase !== 'verifying') {
    return refused('notRunning', 'No switch of this promotion is under way.', {
      hint: 'Roll the stage back; while the old version is kept, that takes one commit.',
    });
  }
  const reason = wish.reason?.trim();
  const no =
    wish.action === 'abort'
      ? whyNotBack(promotion, colours, reason)
      : whyNotNow(promotion, colours, { action: wish.action, reason });
  return (
    no ?? {
      type: 'canarySteered',
      at: wish.at,
      actor: wish.by,
      action: wish.action,
      ...(reason && { reason }),
    }
  );
}

type Following = Extract<Promotion, { phase: 'reconciling' | 'verifying' }>;

function whyNotBack(
  { kind, steering }: Following,
  { switching, returning }: BlueGreenProgress,
  reason: string | undefined,
): Refused | undefined {
  if (kind === 'rollback') {
    return refused('notSteerable', 'A rollback is not switched back.', {
      hint: 'Promote a release when it has ended.',
    });
  }
  if (!switching) {
    return refused('notSwitched', 'Nothing has been switched yet.', {
      hint: 'Cancel the promotion instead.',
    });
  }
  if (returning || steering?.abort) {
    return refused('alreadyAborted', 'It is being switched back already.', {
      hint: 'Follow it here.',
    });
  }
  return reason
    ? undefined
    : refused('reasonNeeded', 'This needs a reason.', {
        hint: 'Say what is wrong with the release.',
      });
}

/** After the switch the word means: the metrics need not say that it is well. */
function whyNotPass(
  {
    kind,
    steering,
    declaration,
  }: Pick<Following, 'kind' | 'steering' | 'declaration'>,
  switching: Instant,
  reason: string | undefined,
): Refused | undefined {
  const isMeasured = declaration.blueGreen?.metrics && kind === 'promotion';
  if (!isMeasured) {
    return refused('alreadySwitched', 'It is switched already.', {
      hint: 'Follow it here.',
    });
  }
  const word = steering?.promoteFully;
  if (word && word.at > switching) {
    return refused(
      'alreadyHurried',
      `${sayEntity(word.by)} has let it pass already.`,
      { hint: 'Follow it here.' },
    );
  }
  return reason
    ? undefined
    : refused('reasonNeeded', 'This needs a reason.', {
        hint: 'Say why the metrics need not say that it is well.',
      });
}

function whyNotNow(
  { kind, steering, declaration }: Following,
  { switching }: BlueGreenProgress,
  { action, reason }: Pick<SteeringWish, 'action' | 'reason'>,
): Refused | undefined {
  if (action !== 'promoteFully') {
    return refused('notSteerable', 'All requests are switched at once.', {
      hint: 'Switch, cancel or switch back.',
    });
  }
  if (switching) {
    return whyNotPass({ kind, steering, declaration }, switching, reason);
  }
  if (kind === 'rollback' || declaration.blueGreen?.promotion !== 'manual') {
    return refused('notSteerable', 'It is switched as soon as it is ready.', {
      hint: 'Wait until it is, or cancel.',
    });
  }
  const word = steering?.promoteFully;
  return word
    ? refused('alreadyHurried', `${sayEntity(word.by)} has said so already.`, {
        hint: 'It is switched as soon as it is ready.',
      })
    : undefined;
}
