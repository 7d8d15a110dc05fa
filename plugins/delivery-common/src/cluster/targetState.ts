// SPDX-License-Identifier: Apache-2.0
import type { CanaryRun } from '../canary/run/canaryRun';
import type { Target } from '../pipeline/pipeline';
import type { ColoursState } from './describeColours';
import type { Freshness } from './freshness';

/** What Flux says about the Kustomization that deploys a target. Undefined fields were not reported. */
export interface FluxState {
  readonly ready: 'True' | 'False' | 'Unknown';
  readonly reason?: string;
  readonly message?: string;
  /** Set when the Kustomization can not make progress by itself (condition Stalled). */
  readonly stalled?: string;
  readonly suspended: boolean;
  /** Flux revision, for example `main@sha1:<40 hex>`. */
  readonly lastAppliedRevision?: string;
  readonly lastAttemptedRevision?: string;
  readonly lastHandledReconcileAt?: string;
  /** The GitRepository behind it; it alone shows authentication and fetch faults. */
  readonly source?: {
    readonly ready: 'True' | 'False' | 'Unknown';
    readonly reason?: string;
    readonly message?: string;
    readonly suspended: boolean;
    readonly revision?: string;
    readonly lastHandledReconcileAt?: string;
  };
}

/** What runs in the cluster for a target. */
export interface WorkloadState {
  readonly health: 'healthy' | 'progressing' | 'degraded' | 'missing';
  /** One sentence when it is not healthy, from the workload's own conditions. */
  readonly message?: string;
  /** Images of the pod template, as declared: `name:tag@sha256:…`. Empty where the cluster does not tell them. */
  readonly images: readonly string[];
  readonly replicas: {
    readonly desired: number;
    readonly updated: number;
    readonly ready: number;
    readonly available: number;
  };
  /** The controller has acted on the newest template (observedGeneration caught up). */
  readonly observed: boolean;
}

/** Everything a cluster shows about one target at one moment. Read from memory; never waits for the cluster. */
export interface TargetState {
  readonly target: Target;
  readonly freshness: Freshness;
  /** Undefined when the Kustomization was not found (or nothing was ever heard). */
  readonly flux?: FluxState;
  /**
   * What serves users: with a canary the stable version, of two colours the live one, else the
   * workload itself. Undefined when
   * nothing was ever heard; `health: 'missing'` when the cluster has no such workload.
   */
  readonly workload?: WorkloadState;
  /** Set where an engine in the cluster moves the traffic to new versions of the workload. */
  readonly canary?: CanaryRun;
  /** Set where the target has two colours. */
  readonly colours?: ColoursState;
}
