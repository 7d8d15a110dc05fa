// SPDX-License-Identifier: Apache-2.0
import {
  readHold,
  type ActionDevice,
  type ActionSituation,
  type DeviceAction,
  type OtherAction,
} from '@causeway/plugin-delivery-common';
import type { Clock } from '../Clock';
import type { DeviceReader } from '../fleet/DeviceReader';
import type { ActionKinds } from './ActionKinds';
import type { ActionStore } from './ActionStore';

/** Gathers what an action is decided by. */
export class ActionSituations {
  constructor(
    private readonly parts: {
      readonly devices: Pick<DeviceReader, 'find' | 'clusters'>;
      readonly kinds: ActionKinds;
      readonly store: ActionStore;
      readonly clock: Clock;
    },
  ) {}

  async of(action: DeviceAction): Promise<ActionSituation> {
    const { kinds, store, clock } = this.parts;
    const open = await store.open(action.device);
    return {
      now: clock().toISOString(),
      kind: kinds.kind(action.kind),
      device: this.device(action.device.cluster, action.device.name),
      others: open.flatMap(other => this.#other(action, other)),
    };
  }

  /** A device as the fleet knows it now. */
  device(cluster: string, name: string): ActionDevice | undefined {
    const { devices, clock } = this.parts;
    const found = devices.find(cluster, name);
    if (!found) return undefined;
    const host = devices.clusters().find(each => each.name === cluster);
    const node = host?.node(name);
    return {
      cluster,
      name,
      ...(found.site !== undefined && { site: found.site }),
      connectivity: found.axes.connectivity.state,
      isolation: found.axes.isolation.state,
      clusterLive: host?.freshness(clock()).state === 'live',
      hold: found.axes.hold.state,
      operatorHold: readHold(node?.heldBecause, node?.pinMark),
      platform: found.platform,
      version: found.version,
      edgeVersion: found.edgeVersion,
      hardware: found.hardware,
      osImage: node?.systemImage,
      kernelVersion: node?.kernel,
      unserved: host?.unserved,
      labels: found.labels,
    };
  }

  /** Those that wait for a second person stand in nobody's way. */
  #other(action: DeviceAction, other: DeviceAction): readonly OtherAction[] {
    const { id, phase } = other;
    if (id === action.id || (phase !== 'queued' && phase !== 'running')) {
      return [];
    }
    return [
      {
        id,
        phase,
        older: isOlder(other, action),
        needsDevice: this.parts.kinds.kind(other.kind)?.away !== 'works',
      },
    ];
  }
}

function isOlder(one: DeviceAction, other: DeviceAction): boolean {
  return one.requestedAt === other.requestedAt
    ? one.id < other.id
    : one.requestedAt < other.requestedAt;
}
