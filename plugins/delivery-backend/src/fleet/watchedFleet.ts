// SPDX-License-Identifier: Apache-2.0
import type { ObservedIdentity } from '@causeway/plugin-delivery-common';
import type { WatchedKind } from '@causeway/plugin-delivery-node';
import { trimDaemonSet, trimPod } from './trimPods';
import {
  trimDevice,
  trimDeviceModel,
  trimDeviceStatus,
  trimNodeGroup,
} from './trimKubeEdge';
import { trimPullJob } from './trimPulls';
import { trimLease, trimNode } from './trimNodes';

const coreHint =
  'Let the portal list and watch it there, as docs/fleet.md says.';
const kubeEdgeHint = 'The cluster has no KubeEdge; that is no problem.';

/** What is watched of a cluster for its devices. */
export const nodes = {
  name: 'nodes',
  path: '/api/v1/nodes',
  hint: coreHint,
  trim: trimNode,
} satisfies WatchedKind<ObservedIdentity>;

/** The heartbeats of nodes. */
export const leases = {
  name: 'leases.coordination.k8s.io',
  path: '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases',
  hint: coreHint,
  trim: trimLease,
} satisfies WatchedKind<ObservedIdentity>;

export const pods = {
  name: 'pods',
  path: '/api/v1/pods',
  hint: coreHint,
  trim: trimPod,
} satisfies WatchedKind<ObservedIdentity>;

export const daemonSets = {
  name: 'daemonsets.apps',
  path: '/apis/apps/v1/daemonsets',
  hint: coreHint,
  trim: trimDaemonSet,
} satisfies WatchedKind<ObservedIdentity>;

export const nodeGroups = {
  name: 'nodegroups.apps.kubeedge.io',
  path: '/apis/apps.kubeedge.io/v1alpha1/nodegroups',
  hint: kubeEdgeHint,
  trim: trimNodeGroup,
} satisfies WatchedKind<ObservedIdentity>;

export const imagePrePullJobs = {
  name: 'imageprepulljobs.operations.kubeedge.io',
  path: '/apis/operations.kubeedge.io/v1alpha2/imageprepulljobs',
  hint: 'Without them pods bring images to devices ahead of a wave.',
  trim: trimPullJob,
} satisfies WatchedKind<ObservedIdentity>;

export const devices = {
  name: 'devices.devices.kubeedge.io',
  path: '/apis/devices.kubeedge.io/v1beta1/devices',
  hint: kubeEdgeHint,
  trim: trimDevice,
} satisfies WatchedKind<ObservedIdentity>;

export const deviceModels = {
  name: 'devicemodels.devices.kubeedge.io',
  path: '/apis/devices.kubeedge.io/v1beta1/devicemodels',
  hint: kubeEdgeHint,
  trim: trimDeviceModel,
} satisfies WatchedKind<ObservedIdentity>;

export const deviceStatuses = {
  name: 'devicestatuses.devices.kubeedge.io',
  path: '/apis/devices.kubeedge.io/v1beta1/devicestatuses',
  hint: 'Up to KubeEdge 1.22 the twins are in the Devices.',
  trim: trimDeviceStatus,
} satisfies WatchedKind<ObservedIdentity>;
