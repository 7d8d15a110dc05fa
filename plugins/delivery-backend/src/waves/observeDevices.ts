// SPDX-License-Identifier: Apache-2.0
import {
  declares,
  deviceId,
  formatImage,
  parseImage,
  runningContent,
  wantedImages,
  type ObservedPod,
  type Promotion,
  type PromotionOfWave,
  type Readings,
  type ReleaseImage,
  type Target,
  type WaveDevice,
} from '@causeway/plugin-delivery-common';
import type { ClusterDevices } from '../fleet/ClusterDevices';
import type { DeviceEntry } from '../fleet/DeviceEntry';
import type { DeviceReader } from '../fleet/DeviceReader';
import type { ObservedPull, PullKind } from '../fleet/trimPulls';
import { groupDevice, type GroupMember } from './groupDevice';

/** A device of a stage, with what is on it. */
export interface StageDevice {
  readonly device: WaveDevice;
  readonly target: Target;
  readonly node: string;
  /** The pod that runs there now, when one does. */
  readonly pod?: ObservedPod;
  /** What brings the image of the release there, when something does. */
  readonly pull?: ObservedPull;
  /** What would. */
  readonly pullsBy: PullKind;
  /** What was measured on it. */
  readonly readings: Readings;
}

/** What was seen of the devices of a stage. */
export type StageDevices =
  | { readonly known: false; readonly problem: string }
  | {
      readonly known: true;
      readonly devices: ReadonlyMap<string, StageDevice>;
      /** Ids of devices with an overlay, and of node groups, whose clusters do not answer and were not read yet. */
      readonly unheard: ReadonlySet<string>;
    };

/** Id of the device or node group that a target is for; undefined when it is for no single one. */
export function unitOf({
  cluster,
  device,
  nodeGroup,
}: Target): string | undefined {
  const name = device ?? nodeGroup;
  return name === undefined ? undefined : deviceId(cluster, name);
}

/** KubeEdge puts it on the nodes of a NodeGroup, and pods of an EdgeApplication ask for it. */
const groupLabel = 'apps.kubeedge.io/belonging-to';

/** So often may the containers of a healthy pod have been started again. */
const RESTARTS = 2;

/** So long a node that can not pull an image may try again by itself, in milliseconds. */
const PULL_PATIENCE = 300_000;

/** An image that does not arrive says nothing about the release. */
const imageTrouble = new Set(['ErrImagePull', 'ImagePullBackOff']);

/**
 * The devices of a stage as they are now, from memory. All of its clusters must have been read and
 * described once: a device that is merely not known yet would look as if it had left, and its site as if
 * another could be interrupted there. Only where devices have an overlay each, or groups an override, a
 * cluster that does not answer holds nobody up: it may be such a device. A node group stands as one device.
 *
 * @param known - ids that belong to the wave also while no pod is on them
 */
export function observeDevices(
  fleet: DeviceReader,
  promotion: PromotionOfWave & Partial<Pick<Promotion, 'id'>>,
  known: ReadonlySet<string>,
  now: Date,
): StageDevices {
  const devices = new Map<string, StageDevice>();
  const unheard = new Set<string>();
  for (const target of promotion.declaration.targets) {
    const cluster = fleet
      .clusters()
      .find(({ name }) => name === target.cluster);
    if (!cluster?.isDescribed) {
      const device = unitOf(target);
      if (device && cluster && isSilent(cluster, now)) {
        unheard.add(device);
        continue;
      }
      return {
        known: false,
        problem: `The devices of ${target.cluster} have not been read yet.`,
      };
    }
    if (target.nodeGroup !== undefined) {
      const group = groupOf(fleet, cluster, target, promotion, now);
      if (group) devices.set(group.device.id, group);
      continue;
    }
    for (const found of devicesOf(fleet, cluster, target, promotion, now)) {
      const { device, pod } = found;
      const isMissing = !pod && known.has(device.id);
      const isNamed = target.device !== undefined;
      if (!pod && !device.switching && !isMissing && !isNamed) continue;
      if (devices.get(device.id)?.pod) continue;
      devices.set(
        device.id,
        isMissing
          ? { ...found, device: { ...device, switching: true } }
          : found,
      );
    }
  }
  return { known: true, devices, unheard };
}

function isSilent(cluster: ClusterDevices, now: Date): boolean {
  const { state } = cluster.freshness(now);
  return state !== 'live' && state !== 'never';
}

/** The group of a target as one device; undefined while no device belongs to it. */
function groupOf(
  fleet: DeviceReader,
  cluster: ClusterDevices,
  target: Target,
  promotion: PromotionOfWave,
  now: Date,
): StageDevice | undefined {
  const id = unitOf(target);
  const name = target.nodeGroup;
  const isLive = cluster.freshness(now).state === 'live';
  const members = [...cluster.deviceNames()].flatMap((node): GroupMember[] => {
    const entry = fleet.find(cluster.name, node);
    if (!entry || entry.labels[groupLabel] !== name) return [];
    const { pods, lasting } = podsOf(cluster, target, node);
    const isSwitching = pods.length > 0 && lasting.length === 0;
    const about = { promotion, isLive, isSwitching };
    const [first, ...others] = lasting.map(pod => describe(entry, pod, about));
    const alone = describe(entry, undefined, about);
    return [{ name: node, looks: [first ?? alone, ...others] }];
  });
  const [first, ...others] = members;
  if (id === undefined || name === undefined || !first) return undefined;
  const wanted = wantedImages(promotion);
  const released = runningContent(wanted.map(formatImage), wanted);
  return {
    target,
    node: name,
    readings: {},
    pullsBy: 'Pod',
    device: groupDevice({ id, name }, [first, ...others], released),
  };
}

/** The pods of a target on a node, and those of them that are to stay. */
function podsOf(
  cluster: ClusterDevices,
  { workload: { kind, namespace, name } }: Target,
  node: string,
): {
  readonly pods: readonly ObservedPod[];
  readonly lasting: readonly ObservedPod[];
} {
  const pods = cluster
    .podsOn(node)
    .filter(
      ({ workload, ...pod }) =>
        workload.kind === kind &&
        workload.name === name &&
        pod.namespace === namespace,
    );
  return {
    pods,
    lasting: pods.filter(
      ({ state }) => state !== 'ending' && state !== 'finished',
    ),
  };
}

function* devicesOf(
  fleet: DeviceReader,
  cluster: ClusterDevices,
  target: Target,
  promotion: PromotionOfWave & Partial<Pick<Promotion, 'id'>>,
  now: Date,
): Iterable<StageDevice> {
  const needed = imagesOn(cluster, target, promotion);
  const isLive = cluster.freshness(now).state === 'live';
  const wanted = wantedImages(promotion);
  const nodes = target.device ? [target.device] : cluster.deviceNames();
  for (const node of nodes) {
    const entry = fleet.find(cluster.name, node);
    if (!entry) continue;
    const { pods, lasting } = podsOf(cluster, target, node);
    // A Deployment may keep the old pod until the new one is ready: then the new one is looked at.
    const pod =
      lasting.find(({ images }) => declares(images, wanted)) ?? lasting[0];
    const pull = cluster
      .pullsOn(node)
      .find(each => each.promotion === promotion.id);
    const isKubeEdge = entry.platform === 'kubeedge';
    const device = describe(entry, pod, {
      promotion,
      isLive,
      isSwitching: pods.length > 0 && !pod,
    });
    const hasImages =
      (pod?.state === 'running' && declares(pod.images, wanted)) ||
      hasAll(cluster.node(node)?.imageDigests, needed);
    yield {
      target,
      node,
      ...(pod && { pod }),
      ...(pull && { pull }),
      readings: entry.telemetry?.readings ?? {},
      pullsBy: isKubeEdge && cluster.takesPullJobs ? 'ImagePrePullJob' : 'Pod',
      device: {
        ...device,
        ...(hasImages ? { image: 'present' } : imageOf(pull, now)),
      },
    };
  }
}

function describe(
  entry: DeviceEntry,
  pod: ObservedPod | undefined,
  about: {
    readonly promotion: PromotionOfWave;
    readonly isLive: boolean;
    readonly isSwitching: boolean;
  },
): WaveDevice {
  const { axes } = entry;
  const hold = axes.hold.state;
  const connected = about.isLive && entry.connectivity === 'live';
  const isStarting = pod?.state === 'starting' || pod?.state === 'unknown';
  return {
    id: entry.id,
    site: entry.site ?? entry.cluster,
    cluster: entry.cluster,
    hardware: entry.hardware ?? 'unknown',
    labels: entry.labels,
    connected,
    ...(!connected && { awaySince: entry.lastSeen }),
    ...healthOf(entry, pod),
    image: 'absent',
    ...(hold !== 'none' && { hold }),
    ...blockedBy(entry),
    ...(pod && {
      running: runningContent(pod.images, wantedImages(about.promotion)),
    }),
    ...((about.isSwitching || isStarting) && { switching: true }),
    ...readingsOf(entry),
  };
}

/** What the pods of a target need of the release. */
function imagesOn(
  cluster: ClusterDevices,
  { workload }: Target,
  promotion: PromotionOfWave,
): readonly ReleaseImage[] {
  const wanted = wantedImages(promotion);
  const used = (cluster.daemonSet(workload)?.images ?? []).map(
    text => parseImage(text)?.name,
  );
  const needed = wanted.filter(({ name }) => used.includes(name));
  return needed.length > 0 ? needed : wanted;
}

function hasAll(
  digests: readonly string[] = [],
  images: readonly ReleaseImage[],
): boolean {
  return images.every(({ digest }) => digests.includes(digest));
}

function imageOf(
  pull: ObservedPull | undefined,
  now: Date,
): Pick<WaveDevice, 'image' | 'imageTrouble'> {
  // What is on its way out was over before.
  if (!pull || pull.deleting) return { image: 'absent' };
  const { state, madeAt, reason } = pull;
  if (state === 'present') return { image: 'present' };
  const isTryingStill =
    state === 'failing' && now.getTime() - madeAt < PULL_PATIENCE;
  return state === 'pulling' || isTryingStill
    ? { image: 'pulling' }
    : { image: 'failed', ...(reason && { imageTrouble: reason }) };
}

function healthOf(
  entry: DeviceEntry,
  pod: ObservedPod | undefined,
): Pick<WaveDevice, 'health' | 'trouble'> {
  if (!pod) return { health: 'unknown' };
  const { state, reason } = entry.axes.health;
  if (state === 'critical')
    return {
      health: 'failed',
      ...(reason && { trouble: reason.message.replace(/\.$/, '') }),
    };
  if (pod.state === 'failing')
    return imageTrouble.has(pod.reason ?? '')
      ? { health: 'unknown' }
      : {
          health: 'failed',
          trouble: `its pod fails${pod.reason ? `: ${pod.reason}` : ''}`,
        };
  if (pod.state !== 'running') return { health: 'unknown' };
  return pod.restarts > RESTARTS
    ? {
        health: 'failed',
        trouble: `its pod was started again ${pod.restarts} times`,
      }
    : { health: 'ok' };
}

function blockedBy({ axes }: DeviceEntry): Pick<WaveDevice, 'blocked'> {
  const { state, reason } = axes.isolation;
  if (state === 'none') return {};
  const why = reason?.message ? `: ${reason.message}` : '';
  return { blocked: [`it is ${state}${why.replace(/\.$/, '')}`] };
}

function readingsOf({ telemetry }: DeviceEntry): Pick<WaveDevice, 'readings'> {
  const temperature = telemetry?.readings.temperature?.value;
  const undervolted = telemetry?.undervoltage?.now;
  if (temperature === undefined && undervolted === undefined) return {};
  return {
    readings: {
      ...(temperature !== undefined && { temperatureC: temperature }),
      ...(undervolted !== undefined && { undervolted }),
    },
  };
}
