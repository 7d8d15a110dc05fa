// SPDX-License-Identifier: Apache-2.0

/** What a world takes more time or less memory for, the larger it is. */
export interface WorldScale {
  /** Milliseconds between two renewals of the lease of a node. */
  readonly heartbeatInterval: number;
  /** Changes of each kind that an API server keeps for watches to resume. */
  readonly historyLimit: number;
  /** Clusters that come up at the same time. */
  readonly startsAtOnce: number;
  /** Whether what runs on every device does so in the further clusters, too. */
  readonly daemonsEverywhere: boolean;
  /** Milliseconds between two looks at whether a cluster has come up. */
  readonly lookInterval: number;
  /** How long to wait for the demo services once the clusters have started, in milliseconds. */
  readonly patience: number;
}

/** Milliseconds between two heartbeats, as real kubelets have it. */
const usualHeartbeat = 10_000;
/** Leases that are renewed in a second, at most: about a tenth of a core. */
const heartbeatsPerSecond = 500;
/** Changes that all API servers together keep of a kind, unless each would keep too few to be of use. */
const changesKept = 40_000;
const fewestChanges = 1_000;
/** A pod is made, bound and started by some ten requests, and a core serves about a thousand in a second. */
const mostDevicesWithDaemons = 20_000;

/**
 * How a world of this size is scaled. Up to 5,000 devices and four clusters
 * nothing is: leases are renewed and history is kept as in reality.
 */
export function worldScale(devices: number, clusters: number): WorldScale {
  return {
    heartbeatInterval: Math.max(
      usualHeartbeat,
      Math.round(devices / heartbeatsPerSecond) * 1000,
    ),
    historyLimit: Math.min(
      10_000,
      Math.max(fewestChanges, Math.round(changesKept / clusters)),
    ),
    // Side by side they would all be late; one after the other each would wait for its own timers.
    startsAtOnce: 8,
    daemonsEverywhere: devices <= mostDevicesWithDaemons,
    // Sixteen looks a second at all clusters together: each reads whole lists.
    lookInterval: Math.max(250, Math.round((clusters * 1_000) / 16)),
    patience: 20_000 + 1_000 * Math.max(0, clusters - 4),
  };
}
