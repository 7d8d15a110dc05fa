// SPDX-License-Identifier: Apache-2.0
import type { Instant } from '../time';

/**
 * How far what we know of a cluster can be believed. Every value read from a cluster carries one.
 *
 * - `live`: the watch is open and was heard from lately.
 * - `stale`: we have a last word, but the cluster has been silent or failing since `since`.
 * - `unreachable`: connections fail; what we show, if anything, is the last word.
 * - `forbidden`: the cluster answers, but refuses us.
 * - `never`: nothing was ever heard.
 */
export type Freshness =
  | { readonly state: 'live'; readonly seenAt: Instant }
  | {
      readonly state: 'stale' | 'unreachable' | 'forbidden';
      readonly since: Instant;
      readonly seenAt?: Instant;
      /** A sentence a person can act on. */
      readonly problem: string;
    }
  | {
      readonly state: 'never';
      readonly since: Instant;
      readonly problem?: string;
    };
