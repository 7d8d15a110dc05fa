// SPDX-License-Identifier: Apache-2.0
import { Condition, KubernetesObject, Resource } from '../runtime/resources';
import { LabelSelection, Toleration } from '../workloads/workloads';

/** How pods leave a node before its upgrade. */
export interface DrainSpec {
  /** Nanoseconds; no end when left out. */
  readonly timeout?: number;
  /** Seconds that pods get to end. */
  readonly gracePeriod?: number;
  readonly ignoreDaemonSets?: boolean;
  readonly force?: boolean;
  readonly disableEviction?: boolean;
}

/** What runs on each node. */
export interface UpgradeContainer {
  readonly image: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
}

/** An upgrade of the operating system, or of K3s, of some nodes. */
export interface Plan extends KubernetesObject {
  readonly spec: {
    /** How many nodes at a time; none when 0. */
    readonly concurrency?: number;
    readonly nodeSelector?: LabelSelection;
    readonly version?: string;
    readonly channel?: string;
    readonly upgrade: UpgradeContainer;
    readonly prepare?: UpgradeContainer;
    readonly cordon?: boolean;
    readonly drain?: DrainSpec;
    readonly serviceAccountName?: string;
    readonly tolerations?: readonly Toleration[];
    readonly jobActiveDeadlineSecs?: number;
  };
  readonly status?: PlanStatus;
}

/** Status of a plan. */
export interface PlanStatus {
  readonly conditions?: readonly Condition[];
  readonly latestVersion?: string;
  /** What nodes are marked with when they have it. */
  readonly latestHash?: string;
  /** Names of the nodes that are worked on. */
  readonly applying?: readonly string[];
}

export const plans: Resource<Plan> = {
  apiVersion: 'upgrade.cattle.io/v1',
  kind: 'Plan',
  plural: 'plans',
  namespaced: true,
};

/** The label of a node that says which state of a plan it has; `disabled` keeps the plan away. */
export function planLabel(plan: string): string {
  return `plan.upgrade.cattle.io/${plan}`;
}

export const nodeLabel = 'upgrade.cattle.io/node';
export const planNameLabel = 'upgrade.cattle.io/plan';
export const versionLabel = 'upgrade.cattle.io/version';
export const controllerLabel = 'upgrade.cattle.io/controller';
