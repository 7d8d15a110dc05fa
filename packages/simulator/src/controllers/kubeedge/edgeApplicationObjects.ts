// SPDX-License-Identifier: Apache-2.0
import type { Manifest } from '../flux/Renderer';
import { KubernetesObject, Resource } from '../runtime/resources';

export interface ImageOverrider {
  readonly predicate?: { readonly path: string };
  readonly component: 'Registry' | 'Repository' | 'Tag';
  readonly operator: 'add' | 'remove' | 'replace';
  readonly value?: string;
}

/** What is otherwise in one node group. */
export interface TargetNodeGroup {
  readonly name: string;
  readonly overriders?: {
    readonly replicas?: number;
    readonly imageOverriders?: readonly ImageOverrider[];
  };
}

/** How one of the objects is. */
export interface ManifestStatus {
  readonly identifier: {
    readonly ordinal: number;
    readonly group: string;
    readonly version: string;
    readonly kind: string;
    readonly namespace: string;
    readonly name: string;
  };
  readonly conditions: 'Available' | 'Processing';
}

/** Workloads that each node group gets by itself. */
export interface EdgeApplication extends KubernetesObject {
  readonly spec: {
    readonly workloadTemplate?: { readonly manifests?: readonly Manifest[] };
    readonly workloadScope: {
      readonly targetNodeGroups?: readonly TargetNodeGroup[];
    };
  };
  readonly status?: { readonly workloadStatus?: readonly ManifestStatus[] };
}

export const edgeApplications: Resource<EdgeApplication> = {
  apiVersion: 'apps.kubeedge.io/v1alpha1',
  kind: 'EdgeApplication',
  plural: 'edgeapplications',
  namespaced: true,
};
