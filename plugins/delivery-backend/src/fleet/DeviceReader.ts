// SPDX-License-Identifier: Apache-2.0
import type { Incident } from '@causeway/plugin-delivery-common';
import type { ClusterDevices } from './ClusterDevices';
import type { DeviceEntry } from './DeviceEntry';

/** The fleet for those who read it. Nothing here waits for a cluster. */
export interface DeviceReader {
  /** Grows when a state, a device or an incident has changed. */
  readonly revision: number;
  /** Of what is given out now, in milliseconds since the epoch. */
  readonly readAt: number;
  readonly size: number;
  readonly incidents: readonly Incident[];
  entries(): Iterable<DeviceEntry>;
  find(cluster: string, name: string): DeviceEntry | undefined;
  clusters(): readonly ClusterDevices[];
}
