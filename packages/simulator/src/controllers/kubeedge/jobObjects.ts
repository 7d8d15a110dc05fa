// SPDX-License-Identifier: Apache-2.0
import { KubernetesObject, Resource, StringMap } from '../runtime/resources';

/** Phase of a job. */
export type EdgeJobPhase = 'Init' | 'InProgress' | 'Completed' | 'Failure';

/** Phase of a job on one node; `Unknown` means that it took too long. */
export type NodeTaskPhase =
  | 'Pending'
  | 'InProgress'
  | 'Successful'
  | 'Failure'
  | 'Unknown';

/** One step of a job on one node, done or failed. */
export interface NodeAction {
  readonly action: string;
  readonly status: 'True' | 'False';
  readonly reason?: string;
  /** RFC 3339. */
  readonly time: string;
}

/** How a job goes on one node. */
export interface NodeTask {
  readonly nodeName: string;
  readonly phase: NodeTaskPhase;
  readonly reason?: string;
  readonly actionFlow?: readonly NodeAction[];
  /** Of upgrades: versions of KubeEdge after and before. */
  readonly currentVersion?: string;
  readonly historicVersion?: string;
  /** Of pre-pulls. */
  readonly imageStatus?: readonly {
    readonly image: string;
    readonly status: 'True' | 'False';
    readonly reason?: string;
  }[];
}

/** Status of a job. */
export interface EdgeJobStatus {
  readonly phase?: EdgeJobPhase;
  readonly reason?: string;
  readonly nodeStatus?: readonly NodeTask[];
}

/** Where a job runs and how carefully. */
export interface EdgeJobScope {
  readonly nodeNames?: readonly string[];
  readonly labelSelector?: { readonly matchLabels?: StringMap };
  /** How many nodes at a time. Default 1. */
  readonly concurrency?: number;
  /** Share of nodes that may fail, as text: `0.1`. Default 0. */
  readonly failureTolerate?: string;
  /** Seconds from the last step of a node, or from the beginning of the job; no end when left out. */
  readonly timeoutSeconds?: number;
  readonly checkItems?: readonly string[];
}

/** Puts another version of KubeEdge on nodes. */
export interface NodeUpgradeJob extends KubernetesObject {
  readonly spec: EdgeJobScope & {
    /** `v1.23.1` */
    readonly version: string;
    readonly image?: string;
    /** Whether somebody has to agree at the device. */
    readonly requireConfirmation?: boolean;
  };
  readonly status?: EdgeJobStatus;
}

/** Fetches images to nodes ahead of time. */
export interface ImagePrePullJob extends KubernetesObject {
  readonly spec: {
    readonly imagePrePullTemplate: EdgeJobScope & {
      readonly images: readonly string[];
      readonly retryTimes?: number;
      /** `namespace/name` */
      readonly imageSecrets?: string;
    };
  };
  readonly status?: EdgeJobStatus;
}

const operationsApi = 'operations.kubeedge.io/v1alpha2';

export const nodeUpgradeJobs: Resource<NodeUpgradeJob> = {
  apiVersion: operationsApi,
  kind: 'NodeUpgradeJob',
  plural: 'nodeupgradejobs',
  namespaced: false,
};

export const imagePrePullJobs: Resource<ImagePrePullJob> = {
  apiVersion: operationsApi,
  kind: 'ImagePrePullJob',
  plural: 'imageprepulljobs',
  namespaced: false,
};
