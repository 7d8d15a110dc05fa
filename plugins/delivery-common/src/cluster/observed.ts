// SPDX-License-Identifier: Apache-2.0

/** One condition of a Kubernetes object, as its controller wrote it. */
export interface ObservedCondition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason?: string;
  readonly message?: string;
  /** Generation of the spec that the condition speaks about, when the controller says so. */
  readonly observedGeneration?: number;
}

/** Names an object within its kind. */
export interface ObservedIdentity {
  readonly namespace: string;
  readonly name: string;
  /** Counts changes of the spec. */
  readonly generation?: number;
  /** Deletion was asked for and has not ended. */
  readonly deleting: boolean;
}

/** What we keep of a Flux `Kustomization` (kustomize.toolkit.fluxcd.io/v1). */
export interface ObservedKustomization extends ObservedIdentity {
  readonly suspended: boolean;
  readonly source: {
    readonly kind: string;
    readonly namespace: string;
    readonly name: string;
  };
  readonly conditions: readonly ObservedCondition[];
  readonly lastAppliedRevision?: string;
  readonly lastAttemptedRevision?: string;
  readonly lastHandledReconcileAt?: string;
}

/** What we keep of a Flux `GitRepository` (source.toolkit.fluxcd.io/v1). */
export interface ObservedGitRepository extends ObservedIdentity {
  readonly suspended: boolean;
  readonly conditions: readonly ObservedCondition[];
  /** Revision of the stored artifact. */
  readonly revision?: string;
  readonly lastHandledReconcileAt?: string;
}

/** What we keep of a `Deployment` (apps/v1). */
export interface ObservedDeployment extends ObservedIdentity {
  readonly paused: boolean;
  /** Images of the pod template: containers first, then init containers. */
  readonly images: readonly string[];
  /** Labels of the pod template. */
  readonly podLabels?: Readonly<Record<string, string>>;
  /** `spec.replicas`; the API server fills in 1 when it was left out. */
  readonly desired: number;
  readonly conditions: readonly ObservedCondition[];
  readonly observedGeneration?: number;
  /** Pods of all templates, old ones included. */
  readonly total: number;
  readonly updated: number;
  readonly ready: number;
  readonly available: number;
}

/** What we keep of a `Service` (v1). */
export interface ObservedService extends ObservedIdentity {
  /** Labels of the pods that get its requests; empty where somebody else tells them. */
  readonly selector: Readonly<Record<string, string>>;
}

/** What we keep of a `Job` (batch/v1). */
export interface ObservedJob extends ObservedIdentity {
  readonly conditions: readonly ObservedCondition[];
}

/** The condition of that type, if the controller wrote one. */
export function conditionOf(
  object: { readonly conditions: readonly ObservedCondition[] },
  type: string,
): ObservedCondition | undefined {
  return object.conditions.find(condition => condition.type === type);
}
