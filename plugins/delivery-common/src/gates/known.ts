// SPDX-License-Identifier: Apache-2.0
import type { Instant } from '../time';

/**
 * A fact about the world outside, or the admission that it is not known now.
 * A stale value is not known: decisions may hold because of it, never go on.
 */
export type Known<T> =
  | { readonly known: true; readonly value: T }
  | {
      readonly known: false;
      readonly since: Instant;
      /** A sentence a person can act on. */
      readonly problem: string;
    };

/** A fact that was asked for and answered. */
export function known<T>(value: T): Known<T> {
  return { known: true, value };
}

/** A fact that could not be had. */
export function unknown<T>(since: Instant, problem: string): Known<T> {
  return { known: false, since, problem };
}
