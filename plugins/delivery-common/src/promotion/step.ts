// SPDX-License-Identifier: Apache-2.0
import type { Instant } from '../time';
import type { Effect } from './effects';
import type { PromotionEvent } from './events';

/** What a promotion does now: exactly one thing. */
export type Step =
  /** Repeatable; doing it twice is harmless. */
  | { readonly kind: 'perform'; readonly effect: Effect }
  /** A transition that needs no effect. */
  | { readonly kind: 'record'; readonly event: PromotionEvent }
  /** Nothing to do until one of the wakes comes; says who or what is missing. */
  | {
      readonly kind: 'wait';
      readonly wake: readonly [Wake, ...Wake[]];
      readonly unmet: readonly Unmet[];
    }
  | { readonly kind: 'finished' };

/** What may end a wait. */
export type Wake =
  | { readonly on: 'time'; readonly at: Instant }
  | { readonly on: 'cluster'; readonly cluster: string }
  | { readonly on: 'decision' }
  | { readonly on: 'pipeline' }
  | { readonly on: 'stage'; readonly stage: string };

/** Something that is missing before the promotion can go on. */
export interface Unmet {
  readonly code: string;
  readonly text: string;
  /** Entity refs of who can do something; empty when time alone will. */
  readonly owners: readonly string[];
  readonly since?: Instant;
  readonly expected?: Instant;
  readonly gate?: string;
  /** Key of the target it is about. */
  readonly target?: string;
  /** A named problem rather than ordinary progress. */
  readonly problem?: true;
}
