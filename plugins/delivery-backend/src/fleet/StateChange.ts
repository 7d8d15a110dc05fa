// SPDX-License-Identifier: Apache-2.0
import {
  axisNames,
  type AxisName,
  type AxisReason,
  type DeviceAxes,
} from '@causeway/plugin-delivery-common';

/** A change of state that is worth being remembered. */
export interface StateChange {
  readonly cluster: string;
  /** Of the device; empty for what happened to all devices of the cluster. */
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly axis: AxisName;
  readonly from?: string;
  readonly to: string;
  readonly reason?: AxisReason;
}

/** What devices are in while their cluster is not heard; that is remembered once for all of them. */
const clusterLost = 'clusterUnreachable';

/**
 * The changes between two descriptions of a device that tell a reader something. That nothing is
 * known while a device is away follows from its being away, and so does coming back as it was.
 */
export function tellingChanges(
  device: { readonly cluster: string; readonly name: string },
  before: DeviceAxes,
  after: DeviceAxes,
  now: number,
): readonly StateChange[] {
  const { cluster, name } = device;
  const isOfCluster =
    after.connectivity.reason?.code === clusterLost ||
    (before.connectivity.reason?.code === clusterLost &&
      after.connectivity.state === 'live');
  return axisNames.flatMap(axis => {
    const { state: to, reason, since } = after[axis];
    const { state, was } = before[axis];
    const from = state === 'unknown' ? was : state;
    const isImplied =
      to === 'unknown' || (axis === 'connectivity' && isOfCluster);
    if (isImplied || from === to || (state === 'unknown' && !was)) return [];
    const began = Date.parse(since ?? '');
    const isAway = axis === 'connectivity' && to !== 'live';
    return {
      cluster,
      name,
      // A device that fell silent did so when it was heard last; everything else when we saw it.
      at: isAway && began <= now ? began : now,
      axis,
      ...(from !== undefined && { from }),
      to,
      ...(reason && { reason }),
    };
  });
}
