// SPDX-License-Identifier: Apache-2.0
import type { State, StateKey } from '@causeway/plugin-delivery-common';
import type { Translate } from '../translation';

/** The five colours of state, and the accent for what waits for the person who looks. */
export type Tone = 'ok' | 'run' | 'you' | 'warn' | 'bad' | 'quiet';

/** Colour family of every state. Stale, away and unknown are quiet: never green, never red. */
export const toneOf = {
  ok: 'ok',
  run: 'run',
  you: 'you',
  wait: 'quiet',
  todo: 'quiet',
  warn: 'warn',
  hold: 'warn',
  bypass: 'warn',
  back: 'warn',
  bad: 'bad',
  stale: 'quiet',
  never: 'quiet',
  lock: 'quiet',
  skip: 'quiet',
} as const satisfies Record<StateKey, Tone>;

/**
 * The state of something whose last word is old: the word in the past tense, without its colour.
 * What never was a word about health (nothing deployed, no access, planned) stays as it is.
 */
export function staleStateOf(state: State, t: Translate): State {
  switch (state.key) {
    case 'stale':
    case 'never':
    case 'lock':
    case 'todo':
    case 'skip':
      return state;
    case 'ok':
    case 'run':
    case 'you':
    case 'wait':
    case 'warn':
    case 'hold':
    case 'bypass':
    case 'back':
    case 'bad':
      return {
        key: 'stale',
        word: t('state.was', { word: lowerFirst(state.word) }),
        detail: state.detail,
      };
    default:
      return assertNever(state.key);
  }
}

function lowerFirst(word: string): string {
  return word.charAt(0).toLocaleLowerCase() + word.slice(1);
}

function assertNever(key: never): never {
  throw new Error(`Unknown state ${key}`);
}
