// SPDX-License-Identifier: Apache-2.0
import type { State, StateKey } from '@causeway/plugin-delivery-common';
import type { SharedTranslate } from '../translation';

/**
 * The five colours of state, and the accent for what waits for the person who looks.
 *
 * @public
 */
export type Tone = 'ok' | 'run' | 'you' | 'warn' | 'bad' | 'quiet';

/**
 * The states of the backend, and those that only pages name: asked, but no answer can be given;
 * away, cordoned and quarantined devices.
 *
 * @public
 */
export type MarkKey = StateKey | 'unsure' | 'away' | 'cordoned' | 'quarantined';

/**
 * Colour family of every state. Stale, away and unknown are quiet: never green, never red.
 *
 * @public
 */
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
  unsure: 'quiet',
  away: 'quiet',
  cordoned: 'warn',
  quarantined: 'bad',
} as const satisfies Record<MarkKey, Tone>;

/**
 * The state of something whose last word is old: the word in the past tense, without its colour.
 * What never was a word about health (nothing deployed, no access, planned) stays as it is.
 *
 * @public
 */
export function staleStateOf(state: State, t: SharedTranslate): State {
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
