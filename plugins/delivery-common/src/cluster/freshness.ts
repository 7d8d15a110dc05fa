// SPDX-License-Identifier: Apache-2.0
import type { Instant, Milliseconds } from '../time';

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

/** What went wrong the last time we asked. A run of failures keeps the start of the first. */
export interface ListeningFailure {
  /**
   * `unreachable`: no connection. `forbidden`: it refused us. `failing`: it broke off, answered
   * nonsense, an error or nothing in time.
   */
  readonly kind: 'unreachable' | 'forbidden' | 'failing';
  /** When this run of failures began. */
  readonly since: Instant;
  /** When it happened the last time. */
  readonly at: Instant;
  /** A sentence a person can act on. */
  readonly problem: string;
}

/** What we may expect from a cluster that we listen to. */
export interface ListeningExpectations {
  /** When we began to listen. */
  readonly startedAt: Instant;
  /** A cluster that says nothing for longer than this is stale, although no request failed. */
  readonly silence: Milliseconds;
}

/**
 * How far the last word of a cluster can be believed now.
 *
 * A failure counts until something is heard later than it. Silence alone makes stale, because a hung
 * connection reports nothing. Failing without ever having been heard is `never`, except where the
 * reason is definite (no connection, refused), which helps more.
 */
export function freshness(
  lastHeard: Instant | undefined,
  lastFailure: ListeningFailure | undefined,
  now: Instant,
  expectations: ListeningExpectations,
): Freshness {
  const failure =
    lastFailure && !(lastHeard && after(lastHeard, lastFailure.at))
      ? lastFailure
      : undefined;
  if (failure && failure.kind !== 'failing') {
    const { kind: state, since, problem } = failure;
    return { state, since, ...(lastHeard && { seenAt: lastHeard }), problem };
  }
  if (!lastHeard) {
    return {
      state: 'never',
      since: expectations.startedAt,
      ...(failure && { problem: failure.problem }),
    };
  }
  if (failure) {
    const { since, problem } = failure;
    return { state: 'stale', since, seenAt: lastHeard, problem };
  }
  if (Date.parse(now) - Date.parse(lastHeard) > expectations.silence) {
    return {
      state: 'stale',
      since: lastHeard,
      seenAt: lastHeard,
      problem: 'The cluster has said nothing since then.',
    };
  }
  return { state: 'live', seenAt: lastHeard };
}

const rank: Record<Freshness['state'], number> = {
  live: 0,
  stale: 1,
  unreachable: 2,
  forbidden: 3,
  never: 4,
};

/**
 * The worst of several, since a statement made of several parts is as fresh as its oldest part.
 * Of equal states the one that was seen longest ago wins. Undefined for no parts.
 */
export function leastFresh(parts: readonly Freshness[]): Freshness | undefined {
  return parts.reduce<Freshness | undefined>(
    (worst, part) => (!worst || isWorse(part, worst) ? part : worst),
    undefined,
  );
}

function isWorse(part: Freshness, other: Freshness): boolean {
  if (rank[part.state] !== rank[other.state]) {
    return rank[part.state] > rank[other.state];
  }
  return after(seenAt(other), seenAt(part));
}

function seenAt(value: Freshness): Instant {
  if (value.state === 'live') return value.seenAt;
  return value.state === 'never' ? value.since : value.seenAt ?? value.since;
}

function after(one: Instant, other: Instant): boolean {
  return Date.parse(one) > Date.parse(other);
}
