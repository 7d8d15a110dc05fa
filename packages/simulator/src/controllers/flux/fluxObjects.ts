// SPDX-License-Identifier: Apache-2.0
import {
  Condition,
  KubernetesObject,
  Resource,
  StringMap,
} from '../runtime/resources';

/** The annotation that asks a Flux controller for a look now. */
export const requestedAtAnnotation = 'reconcile.fluxcd.io/requestedAt';

/** What a source has stored. */
export interface Artifact {
  readonly digest: string;
  readonly lastUpdateTime: string;
  readonly path: string;
  /** `main@sha1:…` */
  readonly revision: string;
  /** Bytes of the archive. */
  readonly size: number;
  readonly url: string;
}

/** A Git repository that Flux follows. */
export interface GitRepository extends KubernetesObject {
  readonly spec: {
    readonly url: string;
    readonly interval: string;
    readonly timeout?: string;
    readonly suspend?: boolean;
    readonly ref?: {
      readonly branch?: string;
      readonly tag?: string;
      readonly commit?: string;
    };
    readonly secretRef?: { readonly name: string };
  };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly conditions?: readonly Condition[];
    readonly artifact?: Artifact;
    readonly lastHandledReconcileAt?: string;
  };
}

/** One applied object, as the inventory names it. */
export interface InventoryEntry {
  /** `namespace_name_group_Kind` */
  readonly id: string;
  /** Version of the API it was applied with. */
  readonly v: string;
}

/** One line of the history of a Kustomization. */
export interface HistoryEntry {
  readonly digest: string;
  readonly firstReconciled: string;
  readonly lastReconciled: string;
  readonly lastReconciledDuration: string;
  readonly lastReconciledStatus: string;
  readonly totalReconciliations: number;
  readonly metadata: StringMap;
}

/** A reference to an object, as in `dependsOn` and `sourceRef`. */
export interface NamedReference {
  readonly name: string;
  readonly namespace?: string;
}

/** How the health of a custom kind is told, in CEL over the live object. */
export interface HealthCheckExpressions {
  readonly apiVersion: string;
  readonly kind: string;
  readonly current: string;
  readonly inProgress?: string;
  readonly failed?: string;
}

/** A folder of a source that Flux applies. */
export interface Kustomization extends KubernetesObject {
  readonly spec: {
    readonly interval: string;
    readonly retryInterval?: string;
    readonly timeout?: string;
    readonly path?: string;
    readonly prune: boolean;
    readonly wait?: boolean;
    readonly suspend?: boolean;
    readonly sourceRef: NamedReference & { readonly kind: string };
    readonly dependsOn?: readonly NamedReference[];
    readonly healthChecks?: readonly (NamedReference & {
      readonly apiVersion?: string;
      readonly kind: string;
    })[];
    readonly healthCheckExprs?: readonly HealthCheckExpressions[];
    readonly postBuild?: {
      readonly substitute?: StringMap;
      readonly substituteFrom?: readonly {
        readonly kind: 'ConfigMap' | 'Secret';
        readonly name: string;
        readonly optional?: boolean;
      }[];
    };
  };
  readonly status?: KustomizationStatus;
}

/** Status of a Kustomization. */
export interface KustomizationStatus {
  readonly observedGeneration?: number;
  readonly conditions?: readonly Condition[];
  readonly lastAppliedRevision?: string;
  readonly lastAttemptedRevision?: string;
  readonly lastHandledReconcileAt?: string;
  readonly inventory?: { readonly entries: readonly InventoryEntry[] };
  readonly history?: readonly HistoryEntry[];
}

export const gitRepositories: Resource<GitRepository> = {
  apiVersion: 'source.toolkit.fluxcd.io/v1',
  kind: 'GitRepository',
  plural: 'gitrepositories',
  namespaced: true,
};

export const kustomizations: Resource<Kustomization> = {
  apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
  kind: 'Kustomization',
  plural: 'kustomizations',
  namespaced: true,
};

/** An object that Flux controllers look at when they are asked to. */
interface Askable extends KubernetesObject {
  readonly status?: { readonly lastHandledReconcileAt?: string };
}

/** The request for a look that has not been answered yet; undefined when there is none. */
export function openRequest(object: Askable): string | undefined {
  const requested = object.metadata.annotations?.[requestedAtAnnotation];
  return requested && requested !== object.status?.lastHandledReconcileAt
    ? requested
    : undefined;
}

/** What a status says once the open request has been answered; nothing when there is none. */
export function handledRequest(object: Askable): {
  readonly lastHandledReconcileAt?: string;
} {
  const request = openRequest(object);
  return request ? { lastHandledReconcileAt: request } : {};
}
