// SPDX-License-Identifier: Apache-2.0
import type { Freshness } from '../cluster/freshness';
import {
  type Axis,
  type DeviceAxes,
  type Isolation,
  type Telemetry,
} from './device';
import { describeConnectivity, type Heartbeat } from './describeConnectivity';
import { describeHealth } from './describeHealth';
import {
  describeApplications,
  describeHold,
  describeUpdate,
  type WantedImages,
} from './describeWorkloads';
import type { HardwareLimits } from './limits';
import type { ObservedNode, ObservedPod } from './observed';

/** Everything that the states of a device follow from. */
export interface DeviceFacts {
  /** How far what we know of its cluster can be believed. */
  readonly freshness: Freshness;
  /** Undefined for a device that only stands in the inventory. */
  readonly node?: ObservedNode;
  /** Undefined when its lease was never seen. */
  readonly heartbeat?: Heartbeat;
  readonly pods: readonly ObservedPod[];
  readonly wantedImages: WantedImages;
  readonly telemetry?: Telemetry;
  readonly limits: HardwareLimits;
}

/**
 * The states of a device on all axes, each with its reason and since when. The axes are independent,
 * but nothing is said about the present of a device that is not heard: health and applications are
 * unknown then, with what they were. An axis whose state stays keeps its beginning. What names,
 * labels and messages say is text and never read as anything else.
 */
export function describeDevice(
  facts: DeviceFacts,
  previous: DeviceAxes | undefined,
  now: number,
): DeviceAxes {
  const { node, pods, wantedImages } = facts;
  const connectivity = describeConnectivity(facts, now);
  const isHeard = connectivity.state === 'live';
  const present: DeviceAxes = {
    connectivity,
    health:
      isHeard && node
        ? describeHealth({ ...facts, node }, now)
        : notHeard(previous?.health),
    update: describeUpdate(pods, wantedImages, isHeard),
    applications: isHeard
      ? describeApplications(pods)
      : notHeard(previous?.applications),
    hold: describeHold(pods, node?.heldBecause),
    isolation: describeIsolation(node),
  };
  return withBeginnings(present, previous, now);
}

/** What is kept away from a device: everything by our taint, new pods by a cordon. */
export function describeIsolation(
  node: Pick<ObservedNode, 'quarantine' | 'unschedulable'> | undefined,
): Axis<Isolation> {
  if (node?.quarantine !== undefined) {
    return {
      state: 'quarantined',
      reason: {
        code: 'quarantine',
        message: node.quarantine || 'It is kept apart from everything.',
      },
    };
  }
  return node?.unschedulable
    ? {
        state: 'cordoned',
        reason: { code: 'cordoned', message: 'It gets no new pods.' },
      }
    : { state: 'none' };
}

function notHeard<State extends string>(
  previous: Axis<State> | undefined,
): Axis<State | 'unknown'> {
  const was = previous?.state === 'unknown' ? previous.was : previous?.state;
  return {
    state: 'unknown',
    reason: {
      code: 'notHeard',
      message: 'Nothing is known about now while it is not heard.',
    },
    ...(was !== undefined && { was }),
  };
}

function withBeginnings(
  present: DeviceAxes,
  previous: DeviceAxes | undefined,
  now: number,
): DeviceAxes {
  const begun = <State extends string>(
    axis: Axis<State>,
    before: Axis<State> | undefined,
  ): Axis<State> => {
    const since = before?.state === axis.state ? before.since : undefined;
    return {
      ...axis,
      since: since ?? axis.since ?? new Date(now).toISOString(),
    };
  };
  return {
    connectivity: begun(present.connectivity, previous?.connectivity),
    health: begun(present.health, previous?.health),
    update: begun(present.update, previous?.update),
    applications: begun(present.applications, previous?.applications),
    hold: begun(present.hold, previous?.hold),
    isolation: begun(present.isolation, previous?.isolation),
  };
}
