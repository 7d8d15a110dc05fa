// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import {
  isPullWanted,
  type Target,
  type WaveState,
} from '@causeway/plugin-delivery-common';
import type { ObservedPull, PullKind } from '../fleet/trimPulls';
import type { StageDevice } from './observeDevices';
import type { SeenTemplate } from './templateSeen';

/** An image that has to be brought to a device. */
export interface PullToMake {
  readonly device: string;
  readonly target: Target;
  readonly node: string;
  /** The same whenever the device is asked for, so that there are never two. */
  readonly name: string;
  readonly by: PullKind;
}

/** What is to be done for the pulls of a wave now. */
export interface PullsToSettle {
  readonly make: readonly PullToMake[];
  readonly remove: readonly {
    readonly cluster: string;
    readonly pull: ObservedPull;
  }[];
}

/**
 * What is missing of the pulls that a wave has asked for, and what is left of those that are over. It
 * follows from what the wave wants and what is there, so it can be asked again at any time, and after
 * any crash.
 */
export function pullsToSettle(
  promotion: string,
  wave: WaveState,
  devices: ReadonlyMap<string, StageDevice>,
  seen: (target: Target) => SeenTemplate,
): PullsToSettle {
  const wanted = new Set(
    wave.devices
      .filter(entry => isPullWanted(entry, wave))
      .map(({ device }) => device.id),
  );
  const found = [...devices];
  return {
    make: found.flatMap(([device, { target, node, pull, pullsBy }]) =>
      wanted.has(device) && !pull && seen(target) === 'release'
        ? { device, target, node, by: pullsBy, name: nameOf(promotion, device) }
        : [],
    ),
    remove: found.flatMap(([device, { target, pull }]) =>
      pull && !pull.deleting && !wanted.has(device)
        ? { cluster: target.cluster, pull }
        : [],
    ),
  };
}

/** A name of Kubernetes has neither slashes nor that many letters. */
function nameOf(promotion: string, device: string): string {
  const hash = createHash('sha256').update(`${promotion} ${device}`);
  return `causeway-pull-${hash.digest('hex').slice(0, 24)}`;
}
