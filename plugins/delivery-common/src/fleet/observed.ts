// SPDX-License-Identifier: Apache-2.0
import type { ObservedCondition, ObservedIdentity } from '../cluster/observed';
import type { Instant, Milliseconds } from '../time';

/** A condition of a node, with when it last changed. How often it is confirmed is not kept. */
export interface ObservedNodeCondition extends ObservedCondition {
  readonly since?: Instant;
}

/** What we keep of a Node (v1). Nodes have no namespace: it is empty. */
export interface ObservedNode extends ObservedIdentity {
  readonly labels: Readonly<Record<string, string>>;
  /** Annotation `causeway.dev/coordinates`, as it is written. */
  readonly coordinates?: string;
  /** Annotation `causeway.dev/site-title`. */
  readonly siteName?: string;
  /** Annotation `causeway.dev/hold`: why an operator keeps it from being updated. */
  readonly heldBecause?: string;
  /** Annotation `causeway.dev/pinned`: that the hold was put there by the action Pin, and by whom. */
  readonly pinMark?: string;
  readonly unschedulable: boolean;
  /** The taint `causeway.dev/quarantine`, with its value. */
  readonly quarantine?: string;
  readonly conditions: readonly ObservedNodeCondition[];
  /** `kubeletVersion`. */
  readonly version?: string;
  readonly architecture?: string;
  readonly systemImage?: string;
  /** Of its last boot. */
  readonly bootId?: string;
  readonly kernel?: string;
  readonly runtime?: string;
  /** Graphics processors that can be given to pods. */
  readonly graphicsProcessors?: number;
  /** Digests of images that it has, as far as it tells: kubelets name fifty at most. */
  readonly imageDigests?: readonly string[];
}

/** What we keep of a node's Lease (coordination.k8s.io/v1 in kube-node-lease). */
export interface ObservedLease extends ObservedIdentity {
  /** Milliseconds since the epoch by the clock of the node, which may be wrong. */
  readonly renewedAt?: number;
  readonly duration?: Milliseconds;
}

/** How a pod does, as far as a device's page tells. */
export type PodState =
  | 'running'
  | 'starting'
  | 'failing'
  | 'held'
  | 'ending'
  | 'finished'
  | 'unknown';

/** What we keep of a Pod (v1). */
export interface ObservedPod extends ObservedIdentity {
  /** Empty while it has no node. */
  readonly node: string;
  /** Who owns it: the Deployment of its ReplicaSet, a DaemonSet, or the pod itself. */
  readonly workload: { readonly kind: string; readonly name: string };
  readonly images: readonly string[];
  readonly state: PodState;
  /** Why, in the words of the kubelet: `CrashLoopBackOff`. */
  readonly reason?: string;
  /** Since when it is ready, in milliseconds since the epoch by the clock of the device, which may be wrong. */
  readonly readySince?: number;
  readonly restarts: number;
  /** The same of each container, in their order, where it has several. */
  readonly containerRestarts?: readonly number[];
  /** Of the node itself: mirrored static pods, and what the cluster runs in `kube-system`. */
  readonly ofSystem: boolean;
}

/** What we keep of a DaemonSet (apps/v1). */
export interface ObservedDaemonSet extends ObservedIdentity {
  readonly images: readonly string[];
  /** Pods get the newest template only when somebody deletes them. */
  readonly onDelete: boolean;
  readonly observedGeneration?: number;
  /** Nodes that should have a pod, and pods among them by how far they are. */
  readonly desired: number;
  readonly updated: number;
  readonly ready: number;
  readonly available: number;
}

/** What we keep of a NodeGroup (apps.kubeedge.io/v1alpha1). It has no namespace. */
export interface ObservedNodeGroup extends ObservedIdentity {
  readonly nodes: readonly string[];
}

/** One value of a twin. All values are text. */
export interface ObservedTwinValue {
  readonly value: string;
  /** Milliseconds since the epoch, from the metadata. */
  readonly at?: number;
}

export interface ObservedTwin {
  readonly property: string;
  readonly observedDesired?: ObservedTwinValue;
  readonly reported?: ObservedTwinValue;
}

/** What KubeEdge says of a device, wherever it says it. */
export interface ObservedTwinStatus {
  readonly twins: readonly ObservedTwin[];
  readonly state?: string;
  readonly lastOnline?: Instant;
}

/** What we keep of a KubeEdge Device (devices.kubeedge.io/v1beta1). */
export interface ObservedDevice extends ObservedIdentity {
  readonly node: string;
  readonly model?: string;
  readonly desired: readonly {
    readonly property: string;
    readonly value?: string;
    /** When it was set, where whoever did wrote that; milliseconds since the epoch. */
    readonly at?: number;
  }[];
  /** Up to KubeEdge 1.22. */
  readonly status?: ObservedTwinStatus;
}

/** What we keep of a DeviceStatus, which has the name of its Device from KubeEdge 1.23 on. */
export interface ObservedDeviceStatus extends ObservedIdentity {
  readonly status: ObservedTwinStatus;
}

/** What we keep of a DeviceModel. */
export interface ObservedDeviceModel extends ObservedIdentity {
  readonly properties: readonly {
    readonly name: string;
    readonly type?: string;
    readonly unit?: string;
    readonly access?: 'readWrite' | 'readOnly';
    /** Of numbers, as the model writes them. */
    readonly minimum?: string;
    readonly maximum?: string;
  }[];
}
