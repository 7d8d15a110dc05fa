// SPDX-License-Identifier: Apache-2.0
import {
  isDevice,
  neededKinds,
  reportedChanges,
  usualLeaseDuration,
  type Freshness,
  type NeededKind,
  type ObservedDaemonSet,
  type ObservedDevice,
  type ObservedDeviceModel,
  type ObservedDeviceStatus,
  type ObservedLease,
  type ObservedNode,
  type ObservedNodeGroup,
  type ObservedPod,
  type ObservedTwinStatus,
  type TwinChange,
} from '@causeway/plugin-delivery-common';
import type { FollowedKind } from '../clusters/ClusterCache';
import type { HostCluster } from '../clusters/ClusterGuest';
import { KindWatch } from '../clusters/KindWatch';
import { ServedKind } from '../clusters/ServedKind';
import { keyOf } from '../clusters/snapshot';
import { LiveStore } from './LiveStore';
import type { PodOfDevice } from './trimPods';
import type { ObservedPull } from './trimPulls';
import {
  daemonSets,
  deviceModels,
  devices,
  deviceStatuses,
  imagePrePullJobs,
  leases,
  nodeGroups,
  nodes,
  pods,
} from './watchedFleet';

/** When a node was heard of. One object a node, which goes on with it. */
export interface Beat {
  /** Milliseconds since the epoch, by our clock. */
  seenAt: number;
  /** Milliseconds. */
  duration: number;
}

const kindsNeeded = Object.keys(neededKinds) as NeededKind[];
const noPods: ReadonlyMap<string, ObservedPod> = new Map();
const noPulls: ReadonlyMap<string, ObservedPull> = new Map();
const noDevices: ReadonlyMap<string, ObservedDevice> = new Map();

/**
 * What one cluster says about its devices, in memory. A change marks the devices that it is about;
 * whoever describes them takes the marks. A heartbeat marks nothing unless it ends a silence, so that
 * ten thousand living nodes cost a map entry each and no more.
 */
export class ClusterDevices {
  readonly name: string;
  readonly title: string;
  readonly kinds: readonly FollowedKind[];
  readonly #nodes: LiveStore<ObservedNode>;
  readonly #leases: LiveStore<ObservedLease>;
  readonly #pods: LiveStore<PodOfDevice>;
  readonly #pullJobs: LiveStore<ObservedPull>;
  readonly #pullJobWatch: KindWatch<ObservedPull>;
  readonly #daemonSets: LiveStore<ObservedDaemonSet>;
  readonly #groups: LiveStore<ObservedNodeGroup>;
  readonly #devices: LiveStore<ObservedDevice>;
  readonly #models: LiveStore<ObservedDeviceModel>;
  readonly #statuses: LiveStore<ObservedDeviceStatus>;
  readonly #nodeWatch: KindWatch<ObservedNode>;
  readonly #needed: ReadonlyMap<NeededKind, ServedKind>;
  readonly #essentials: readonly Pick<KindWatch<never>, 'heardAt'>[];
  #isDescribed = false;
  readonly #heartbeats = new Map<string, Beat>();
  readonly #podsOf = new Map<string, Map<string, ObservedPod>>();
  readonly #pullsOf = new Map<string, Map<string, ObservedPull>>();
  readonly #devicesOf = new Map<string, Map<string, ObservedDevice>>();
  #marked = new Set<string>();
  #twinRevision = 0;
  #deployments: ReturnType<HostCluster['deployments']> = new Map();

  /**
   * @param inInventory - whether the inventory has a device of that name here
   * @param lastSeen - when a device was heard of before this process started
   */
  constructor(
    private readonly host: HostCluster,
    private readonly outside: {
      readonly inInventory: (node: string) => boolean;
      readonly lastSeen: (node: string) => number | undefined;
      /** Told of what KubeEdge devices report otherwise than before. */
      readonly reported: (changes: readonly TwinChange[]) => void;
    },
  ) {
    this.name = host.name;
    this.title = host.title;
    const mark = (name: string | undefined) => {
      if (name) this.#marked.add(name);
    };
    this.#nodes = new LiveStore((after, before) =>
      mark((after ?? before)?.name),
    );
    this.#leases = new LiveStore((after, before, listed) =>
      this.#beat(after, before, listed),
    );
    this.#pods = new LiveStore((after, before) => {
      // They run nothing of anybody, so they say nothing about the device.
      if (after?.pull || before?.pull) {
        file(this.#pullsOf, after?.pull, before?.pull);
        return;
      }
      file(this.#podsOf, after, before);
      mark(before?.node);
      mark(after?.node);
    });
    this.#pullJobs = new LiveStore((after, before) =>
      file(this.#pullsOf, after, before),
    );
    this.#daemonSets = new LiveStore((after, before) =>
      this.#markRunning('DaemonSet', after ?? before),
    );
    this.#groups = new LiveStore(() => undefined);
    this.#devices = new LiveStore((after, before) => {
      file(this.#devicesOf, after, before);
      this.#compareTwins(after, before?.status, after?.status);
    });
    this.#models = new LiveStore(() => {
      this.#twinRevision += 1;
    });
    this.#statuses = new LiveStore((after, before) =>
      this.#compareTwins(
        after && this.#devices.get(after),
        before?.status,
        after?.status,
      ),
    );
    const around = { ...host, changed: () => undefined };
    this.#nodeWatch = new KindWatch(nodes, around, this.#nodes);
    const podWatch = new KindWatch(pods, around, this.#pods);
    const daemonSetWatch = new KindWatch(daemonSets, around, this.#daemonSets);
    const leaseWatch = new KindWatch(leases, around, this.#leases);
    this.#pullJobWatch = new KindWatch(
      imagePrePullJobs,
      around,
      this.#pullJobs,
    );
    this.#needed = new Map(
      kindsNeeded.map(name => {
        const { api } = neededKinds[name];
        return [name, new ServedKind({ name, api }, host)];
      }),
    );
    this.#essentials = [this.#nodeWatch, leaseWatch, podWatch, daemonSetWatch];
    this.kinds = [
      this.#nodeWatch,
      leaseWatch,
      podWatch,
      daemonSetWatch,
      new KindWatch(nodeGroups, around, this.#groups),
      this.#pullJobWatch,
      new KindWatch(devices, around, this.#devices),
      new KindWatch(deviceModels, around, this.#models),
      new KindWatch(deviceStatuses, around, this.#statuses),
      ...this.#needed.values(),
    ];
  }

  /** How far what we know of its nodes can be believed. */
  freshness(now: Date): Freshness {
    return this.#nodeWatch.freshness(now);
  }

  /** The names of all nodes that are devices. */
  *deviceNames(): Iterable<string> {
    for (const { name } of this.#nodes.snapshot.values()) {
      if (this.node(name)) yield name;
    }
  }

  /** A node that is a device. */
  node(name: string): ObservedNode | undefined {
    const node = this.#nodes.get({ namespace: '', name });
    return node && isDevice(node, this.outside.inInventory(name))
      ? node
      : undefined;
  }

  heartbeat(name: string): Readonly<Beat> | undefined {
    return this.#heartbeats.get(name);
  }

  /** The nodes that were ever heard of. */
  heartbeatNames(): Iterable<string> {
    return this.#heartbeats.keys();
  }

  /** A DaemonSet of the cluster; undefined when there is none, or not known yet. */
  daemonSet(key: {
    readonly namespace: string;
    readonly name: string;
  }): ObservedDaemonSet | undefined {
    return this.#daemonSets.get(key);
  }

  /** Whether nodes, leases, DaemonSets and pods of the cluster were read once. */
  get hasRead(): boolean {
    return this.#essentials.every(({ heardAt }) => heardAt !== undefined);
  }

  /** Whether all devices were described from what was read: before, one that is missing may only be late. */
  get isDescribed(): boolean {
    return this.#isDescribed;
  }

  /** Called when every device was described after everything was read. */
  confirmDescribed(): void {
    this.#isDescribed = true;
  }

  podsOn(name: string): readonly ObservedPod[] {
    return [...(this.#podsOf.get(name) ?? noPods).values()];
  }

  /** What brings images to a device ahead of an order. */
  pullsOn(name: string): readonly ObservedPull[] {
    return [...(this.#pullsOf.get(name) ?? noPulls).values()];
  }

  /** Whether the cluster takes ImagePrePullJobs, and shows them. */
  get takesPullJobs(): boolean {
    return (
      this.#pullJobWatch.heardAt !== undefined && !this.#pullJobWatch.missing
    );
  }

  /** Kinds that actions need and that the cluster is known not to serve. */
  get unserved(): readonly NeededKind[] {
    return kindsNeeded.filter(name => this.#needed.get(name)?.missing);
  }

  /** Images that the owner of a pod asks for. */
  wantedImages(
    pod: Pick<ObservedPod, 'namespace' | 'workload'>,
  ): readonly string[] | undefined {
    const key = { namespace: pod.namespace, name: pod.workload.name };
    if (pod.workload.kind === 'DaemonSet') {
      return this.#daemonSets.get(key)?.images;
    }
    return pod.workload.kind === 'Deployment'
      ? this.host.deployments().get(keyOf(key))?.images
      : undefined;
  }

  groupsOf(name: string): readonly string[] {
    return [...this.#groups.snapshot.values()]
      .filter(group => group.nodes.includes(name))
      .map(group => group.name);
  }

  /** The KubeEdge devices that are attached to a node, with what else is known of them. */
  twinsOf(name: string): readonly {
    readonly device: ObservedDevice;
    readonly status?: ObservedDeviceStatus;
    readonly model?: ObservedDeviceModel;
  }[] {
    const attached = this.#devicesOf.get(name) ?? noDevices;
    return [...attached.values()].map(device => ({
      device,
      status: this.#statuses.get(device),
      model:
        device.model === undefined
          ? undefined
          : this.#models.get({
              namespace: device.namespace,
              name: device.model,
            }),
    }));
  }

  /** Grows when anything about a KubeEdge device has changed. */
  get twinRevision(): number {
    return this.#twinRevision;
  }

  #compareTwins(
    device: ObservedDevice | undefined,
    before: ObservedTwinStatus | undefined,
    after: ObservedTwinStatus | undefined,
  ): void {
    this.#twinRevision += 1;
    if (!device || !before || !after) return;
    const now = this.host.clock().getTime();
    this.outside.reported(
      reportedChanges(device, this.name, before, after, now),
    );
  }

  /** Marks every device, after something about all of them has changed. */
  markAll(): void {
    for (const { name } of this.#nodes.snapshot.values()) {
      this.#marked.add(name);
    }
  }

  mark(name: string): void {
    this.#marked.add(name);
  }

  /** The nodes that something has changed about since the last call, devices or not, there or gone. */
  takeMarked(): ReadonlySet<string> {
    this.#compareDeployments();
    const marked = this.#marked;
    this.#marked = new Set();
    return marked;
  }

  /** Deployments are watched by the host, which only says that one of them has changed. */
  #compareDeployments(): void {
    const now = this.host.deployments();
    const before = this.#deployments;
    if (now === before) return;
    this.#deployments = now;
    for (const [key, deployment] of now) {
      const images = before.get(key)?.images.join();
      if (images !== deployment.images.join()) {
        this.#markRunning('Deployment', deployment);
      }
    }
  }

  #markRunning(
    kind: string,
    workload: { readonly namespace: string; readonly name: string } | undefined,
  ): void {
    if (!workload) return;
    for (const pod of this.#pods.snapshot.values()) {
      if (
        pod.workload.name === workload.name &&
        pod.namespace === workload.namespace &&
        pod.workload.kind === kind
      ) {
        this.#marked.add(pod.node);
      }
    }
  }

  /**
   * A renewal that we watch is heard now, whatever the clock of the node says. From a list it is only
   * known that there was one: then the node's clock is believed as far as it can be.
   */
  #beat(
    after: ObservedLease | undefined,
    before: ObservedLease | undefined,
    listed: boolean,
  ): void {
    const name = (after ?? before)?.name ?? '';
    if (!after || after.renewedAt === undefined) {
      this.#heartbeats.delete(name);
      this.#marked.add(name);
      return;
    }
    if (before?.renewedAt === after.renewedAt) return;
    const now = this.host.clock().getTime();
    const known = this.#heartbeats.get(name);
    const seenAt = listed
      ? Math.min(
          now,
          Math.max(
            after.renewedAt,
            known?.seenAt ?? this.outside.lastSeen(name) ?? 0,
          ),
        )
      : now;
    const duration = after.duration ?? usualLeaseDuration;
    const wasSilent = !known || known.seenAt + known.duration < now;
    if (wasSilent || known.duration !== duration) this.#marked.add(name);
    if (known) Object.assign(known, { seenAt, duration });
    else this.#heartbeats.set(name, { seenAt, duration });
  }
}

/** Files an object under its node, and takes it away where it was. */
function file<
  T extends {
    readonly namespace: string;
    readonly name: string;
    readonly node: string;
  },
>(
  byNode: Map<string, Map<string, T>>,
  after: T | undefined,
  before: T | undefined,
): void {
  if (before && before.node !== after?.node) {
    const there = byNode.get(before.node);
    there?.delete(keyOf(before));
    if (there?.size === 0) byNode.delete(before.node);
  }
  if (!after || after.node === '') return;
  const there = byNode.get(after.node);
  if (there) there.set(keyOf(after), after);
  else byNode.set(after.node, new Map([[keyOf(after), after]]));
}
