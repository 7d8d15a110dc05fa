// SPDX-License-Identifier: Apache-2.0
import {
  declares,
  isMeasured,
  type ObservedPod,
  type PromotedRelease,
  type StageDevice,
  type StageDevices,
  type Target,
} from '@causeway/plugin-delivery-common';
import type { ClusterDevices } from '../fleet/ClusterDevices';
import type { DeviceEntry } from '../fleet/DeviceEntry';
import type { DeviceReader } from '../fleet/DeviceReader';
import { servicePods } from '../fleet/servicePods';

/** For which release devices are looked at, and when. */
interface Look {
  readonly release: Pick<PromotedRelease, 'images'>;
  readonly now: Date;
}

/**
 * The devices that have pods of a stage's targets, as they are now, from memory.
 *
 * @throws Error with a sentence for people while a cluster of the stage is not heard, or before all of
 * its devices were read: those that are missing would look as if they had never been there
 */
export function observeStageDevices(
  fleet: DeviceReader | undefined,
  targets: readonly Target[],
  look: Look,
): StageDevices {
  const devices = new Map<string, StageDevice>();
  let withoutPod = 0;
  for (const name of new Set(targets.map(({ cluster }) => cluster))) {
    const cluster = readCluster(fleet, name, look.now);
    const there = targets.filter(target => target.cluster === name);
    for (const node of cluster.deviceNames()) {
      const entry = fleet?.find(name, node);
      const pods = servicePods(cluster, node, there);
      if (entry && pods.length > 0) {
        devices.set(entry.id, describe(entry, pods, look));
      }
    }
    for (const target of there) withoutPod += nodesWithoutPod(cluster, target);
  }
  return {
    devices: [...devices.values()].sort((one, other) =>
      one.name < other.name ? -1 : 1,
    ),
    withoutPod,
  };
}

function readCluster(
  fleet: DeviceReader | undefined,
  name: string,
  now: Date,
): ClusterDevices {
  const cluster = fleet?.clusters().find(each => each.name === name);
  if (!cluster) throw new Error(`No devices of ${name} are followed.`);
  const freshness = cluster.freshness(now);
  if (freshness.state !== 'live') {
    throw new Error(
      `${name} is not heard: ${freshness.problem ?? 'nothing came yet.'}`,
    );
  }
  if (!cluster.isDescribed) {
    throw new Error(`The devices of ${name} have not been read yet.`);
  }
  return cluster;
}

/** Nodes that should run a DaemonSet and have no pod of it, whether they are devices or not. */
function nodesWithoutPod(cluster: ClusterDevices, target: Target): number {
  if (target.workload.kind !== 'DaemonSet') return 0;
  const wanted = cluster.daemonSet(target.workload)?.desired ?? 0;
  const nodes = new Set([
    ...cluster.heartbeatNames(),
    ...cluster.deviceNames(),
  ]);
  const having = [...nodes].filter(
    node => servicePods(cluster, node, [target]).length > 0,
  );
  return Math.max(0, wanted - having.length);
}

function describe(
  entry: DeviceEntry,
  pods: readonly ObservedPod[],
  look: Look,
): StageDevice {
  const { axes, measuring } = entry;
  const isPresent = isMeasured(measuring, look.now.getTime());
  const { connectivity, health } = axes;
  return {
    name: entry.name,
    connectivity: connectivity.state,
    ...(connectivity.since && { connectivitySince: connectivity.since }),
    health: health.state,
    ...(health.since && { healthSince: health.since }),
    ...(health.reason && { healthReason: health.reason.message }),
    isMeasured: isPresent,
    ...(measuring.isKnown &&
      !isPresent && {
        unmeasuredSince: new Date(measuring.until).toISOString(),
      }),
    ...(measuring.since !== undefined && {
      measuredSince: new Date(measuring.since).toISOString(),
    }),
    ...describeRelease(pods, look),
  };
}

function describeRelease(
  pods: readonly ObservedPod[],
  { release }: Look,
): Pick<StageDevice, 'release' | 'readySince' | 'releaseReason'> {
  const lasting = pods.filter(({ state }) => state !== 'ending');
  if (!lasting.every(({ images }) => declares(images, release.images))) {
    return { release: 'another' };
  }
  const waiting = lasting.find(({ state }) => state !== 'running');
  if (waiting || lasting.length === 0) {
    const reason = waiting?.reason ?? waiting?.state ?? 'ending';
    return { release: 'notReady', releaseReason: reason };
  }
  const since = Math.max(...lasting.map(({ readySince = 0 }) => readySince));
  return {
    release: 'ready',
    ...(since > 0 && { readySince: new Date(since).toISOString() }),
  };
}
