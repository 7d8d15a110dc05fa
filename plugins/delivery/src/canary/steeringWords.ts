// SPDX-License-Identifier: Apache-2.0
import type { SteeringAction } from '@causeway/plugin-delivery-common';
import type { Translate } from '../translation';

/** How the ways to steer a promotion are called, and which of them need a reason. */
export interface SteeringWords {
  /** Name of the group of buttons. */
  readonly label: string;
  /** On the button that opens the question. */
  ask(action: SteeringAction): string;
  /** Title of the question and word of its answer. */
  confirm(action: SteeringAction, version: string): string;
  /** The backend asks for a reason as well. */
  needsReason(action: SteeringAction): boolean;
  /** Said when the wish was recorded. */
  recorded(title: string): string;
}

const reasoned: readonly SteeringAction[] = [
  'stepNow',
  'promoteFully',
  'abort',
];

/** The words for a canary that gets its traffic step by step. */
export function canaryWords(t: Translate): SteeringWords {
  return {
    label: t('canary.action.label'),
    ask: action => t(`canary.action.${action}`),
    confirm: (action, version) => t(`canary.confirm.${action}`, { version }),
    needsReason: action => reasoned.includes(action),
    recorded: title => t('canary.confirm.recorded', { action: title }),
  };
}

/**
 * The words for two colours, which are switched at once: forward, or back.
 * @param isSwitched - going forward means to let pass what already serves
 */
export function colourWords(t: Translate, isSwitched: boolean): SteeringWords {
  const wordOf = (action: SteeringAction) => {
    if (action === 'abort') return 'abort';
    return isSwitched ? 'pass' : 'switch';
  };
  return {
    label: t('colours.action.label'),
    ask: action => t(`colours.action.${wordOf(action)}`),
    confirm: (action, version) =>
      t(`colours.confirm.${wordOf(action)}`, { version }),
    needsReason: action => isSwitched || action === 'abort',
    recorded: title => t('colours.confirm.recorded', { action: title }),
  };
}
