// SPDX-License-Identifier: Apache-2.0
import { Condition, KubernetesObject, Resource } from '../../runtime/resources';

/** One release of a chart, as the history of a HelmRelease keeps it. */
export interface Snapshot {
  readonly name: string;
  readonly namespace: string;
  /** 1, 2, 3 … */
  readonly version: number;
  readonly status: 'deployed' | 'superseded' | 'failed';
  readonly chartName: string;
  readonly chartVersion: string;
  readonly configDigest: string;
  readonly digest: string;
  readonly firstDeployed: string;
  readonly lastDeployed: string;
}

/** What is done when an action fails. */
export interface Remediation {
  readonly retries?: number;
  readonly remediateLastFailure?: boolean;
}

/** A chart that Flux installs and upgrades. */
export interface HelmRelease extends KubernetesObject {
  readonly spec: {
    readonly interval: string;
    readonly releaseName?: string;
    readonly targetNamespace?: string;
    readonly suspend?: boolean;
    readonly chart: {
      readonly spec: { readonly chart: string; readonly version?: string };
    };
    readonly values?: object;
    readonly timeout?: string;
    readonly install?: { readonly remediation?: Remediation };
    readonly upgrade?: { readonly remediation?: Remediation };
  };
  readonly status?: HelmReleaseStatus;
}

/** Status of a HelmRelease. */
export interface HelmReleaseStatus {
  readonly observedGeneration?: number;
  readonly conditions?: readonly Condition[];
  readonly history?: readonly Snapshot[];
  readonly failures?: number;
  readonly installFailures?: number;
  readonly upgradeFailures?: number;
  readonly lastAttemptedGeneration?: number;
  readonly lastAttemptedRevision?: string;
  readonly lastAttemptedConfigDigest?: string;
  readonly lastAttemptedReleaseAction?: 'install' | 'upgrade';
  readonly lastHandledReconcileAt?: string;
  readonly storageNamespace?: string;
}

export const helmReleases: Resource<HelmRelease> = {
  apiVersion: 'helm.toolkit.fluxcd.io/v2',
  kind: 'HelmRelease',
  plural: 'helmreleases',
  namespaced: true,
};
