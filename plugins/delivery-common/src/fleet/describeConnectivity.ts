// SPDX-License-Identifier: Apache-2.0
import type { Freshness } from '../cluster/freshness';
import { conditionOf } from '../cluster/observed';
import { sayDuration } from '../gates/sayDuration';
import type { Milliseconds } from '../time';
import type { Axis, Connectivity } from './device';
import type { ObservedNode } from './observed';

/** What we saw of a node's lease. */
export interface Heartbeat {
  /**
   * When the node was heard of, by our clock, in milliseconds since the epoch: when we saw its lease
   * change. What the lease itself says is the node's clock.
   */
  readonly seenAt: number;
  /** How long the lease says that it holds. */
  readonly duration: Milliseconds;
}

/** A node is given up after so many durations of its lease without a word. */
export const durationsUntilOffline = 3;

/** What a node without a lease of its own is measured by. */
export const usualLeaseDuration = 40_000;

/**
 * Whether a device can be reached. Nothing is known of the devices of a cluster that we do not hear:
 * they are stale, never offline. A lease that runs out makes stale, and offline when three durations
 * have passed, unless Kubernetes still believes in the node: then a clock is wrong somewhere.
 */
export function describeConnectivity(
  facts: {
    readonly freshness: Freshness;
    readonly node?: ObservedNode;
    readonly heartbeat?: Heartbeat;
  },
  now: number,
): Axis<Connectivity> {
  const { freshness, node, heartbeat } = facts;
  const ready = node && conditionOf(node, 'Ready');
  if (!node) {
    return never(
      'notJoined',
      'It stands in the inventory, but no node has its name.',
    );
  }
  if (!heartbeat && (!ready || ready.reason === 'NodeStatusNeverUpdated')) {
    return never('neverSeen', 'It has registered, but was never heard of.');
  }
  if (freshness.state !== 'live') {
    const problem = 'problem' in freshness ? freshness.problem : undefined;
    return {
      state: 'stale',
      since: freshness.since,
      reason: {
        code: 'clusterUnreachable',
        message: `Its cluster is not heard: ${
          problem ?? 'nothing was heard of it yet.'
        }`,
      },
    };
  }
  return heartbeat
    ? byLease(heartbeat, ready?.status, now)
    : byCondition(ready?.status, ready?.message);
}

function byLease(
  { seenAt, duration }: Heartbeat,
  ready: string | undefined,
  now: number,
): Axis<Connectivity> {
  const age = now - seenAt;
  if (age <= duration) return { state: 'live' };
  const since = new Date(seenAt).toISOString();
  if (age <= durationsUntilOffline * duration) {
    return {
      state: 'stale',
      since,
      reason: {
        code: 'leaseExpired',
        message: `Its lease of ${sayDuration(duration)} was not renewed.`,
      },
    };
  }
  if (ready === 'True') {
    return {
      state: 'stale',
      since,
      reason: {
        code: 'contradiction',
        message:
          'Its lease has run out long ago, but its cluster still takes it for ready: nobody may be judging nodes there.',
      },
    };
  }
  return {
    state: 'offline',
    since,
    reason: {
      code: 'silent',
      message: `Nothing was heard of it for more than ${durationsUntilOffline} times the ${sayDuration(
        duration,
      )} of its lease.`,
    },
  };
}

/** For nodes whose leases we may not read. */
function byCondition(
  ready: string | undefined,
  message: string | undefined,
): Axis<Connectivity> {
  return ready === 'True' || ready === 'False'
    ? { state: 'live' }
    : {
        state: 'offline',
        reason: {
          code: 'silent',
          message: message ?? 'Its cluster does not hear of it.',
        },
      };
}

function never(code: string, message: string): Axis<Connectivity> {
  return { state: 'never', reason: { code, message } };
}
