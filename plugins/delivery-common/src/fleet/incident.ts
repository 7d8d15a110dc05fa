// SPDX-License-Identifier: Apache-2.0
import type { Instant } from '../time';

/** One cause that took many devices away at once, shown once instead of on each of them. */
export interface Incident {
  /** Stable while it lasts: kind, place and beginning. */
  readonly id: string;
  /**
   * `cluster`: the API server can not be reached. `cloudcore`: the KubeEdge devices of a cluster
   * fell silent together while the cluster lives. `devices`: as many devices of a cluster of any
   * kind. `site`: the devices of one site.
   */
  readonly kind: 'cluster' | 'cloudcore' | 'devices' | 'site';
  readonly cluster: string;
  readonly site?: string;
  readonly since: Instant;
  /** Devices that are away because of it. */
  readonly devices: number;
  /** Devices that could be. */
  readonly of: number;
  /** A sentence for people. */
  readonly message: string;
}
