// SPDX-License-Identifier: Apache-2.0
import { KubernetesObject, Resource, StringMap } from '../runtime/resources';

/** How a node of a group is. */
export interface NodeGroupMember {
  readonly nodeName: string;
  readonly readyStatus: 'Ready' | 'NotReady' | 'Unknown';
  readonly selectionStatus: 'Succeeded' | 'Failed';
  readonly selectionStatusReason?: string;
}

/** Nodes that belong together, by name or by label. */
export interface NodeGroup extends KubernetesObject {
  readonly spec: {
    readonly nodes?: readonly string[];
    readonly matchLabels?: StringMap;
    /** Whether members get the group as their zone. */
    readonly topologyEnabled?: boolean;
  };
  readonly status?: { readonly nodeStatuses?: readonly NodeGroupMember[] };
}

export const nodeGroups: Resource<NodeGroup> = {
  apiVersion: 'apps.kubeedge.io/v1alpha1',
  kind: 'NodeGroup',
  plural: 'nodegroups',
  namespaced: false,
};

/** The label that says which group a node belongs to. */
export const belongingLabel = 'apps.kubeedge.io/belonging-to';
/** The label that a group with topology writes, and takes away when a node leaves. */
export const zoneLabel = 'topology.kubernetes.io/zone';
