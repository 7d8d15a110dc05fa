// SPDX-License-Identifier: Apache-2.0
import type {
  ObservedDaemonSet,
  ObservedDeployment,
} from '@causeway/plugin-delivery-common';
import type { FollowedKind } from './ClusterCache';
import type { ClusterTransport } from './ClusterTransport';
import type { WatchLimits } from './KindWatch';
import type { Snapshot } from './snapshot';

/** A cluster as those see it who follow kinds of their own there. */
export interface HostCluster {
  readonly name: string;
  readonly title: string;
  readonly transport: ClusterTransport;
  readonly limits: WatchLimits;
  readonly clock: () => Date;
  /** The Deployments, by `namespace/name`; another map when one has changed. */
  readonly deployments: () => Snapshot<ObservedDeployment>;
}

/** Follows kinds of its own in every cluster, over the connection that is there. */
export interface ClusterGuest {
  /** Called once when a cluster begins to be followed. */
  join(cluster: HostCluster): {
    readonly kinds: readonly FollowedKind[];
    /** A DaemonSet of the cluster, where the guest follows them. */
    daemonSet(key: {
      readonly namespace: string;
      readonly name: string;
    }): ObservedDaemonSet | undefined;
    /** Called once when it is followed no longer. */
    leave(): void;
  };
}
