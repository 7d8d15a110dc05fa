// SPDX-License-Identifier: Apache-2.0
import type {
  ObservedCondition,
  ObservedIdentity,
} from '../../cluster/observed';

/** A step of an Argo Rollouts canary, as far as it tells where a run is. */
export type ObservedRolloutStep =
  | { readonly kind: 'setWeight'; readonly weight: number }
  /** Without a duration it ends when a person says so. */
  | { readonly kind: 'pause'; readonly duration?: string }
  | { readonly kind: 'analysis' | 'experiment' | 'other' };

/** How a Rollout replaces a version. */
export type ObservedRolloutStrategy =
  | {
      readonly kind: 'canary';
      readonly steps: readonly ObservedRolloutStep[];
      /** What counts as all traffic in weights. */
      readonly fullWeight: number;
    }
  | {
      readonly kind: 'blueGreen';
      /** It switches by itself, at once or after a time. */
      readonly autoPromotion: boolean;
    };

/**
 * What we keep of an Argo `Rollout` (argoproj.io/v1alpha1). The times of its status are left out:
 * they say nothing that is decided upon.
 */
export interface ObservedRollout extends ObservedIdentity {
  readonly desired: number;
  /** A person stopped it (`spec.paused`). */
  readonly paused: boolean;
  /** Images of its own pod template: containers first, then init containers. Empty with `workloadRef`. */
  readonly images: readonly string[];
  /** Where the pod template is, unless it is its own. */
  readonly workloadRef?: { readonly kind: string; readonly name: string };
  readonly strategy: ObservedRolloutStrategy;
  /** Counts the versions from 1, from the annotation `rollout.argoproj.io/revision`. */
  readonly revision?: string;
  /** A text, unlike the one of other kinds. */
  readonly observedGeneration?: string;
  /** Of the object behind `workloadRef`, a text too. */
  readonly workloadObservedGeneration?: string;
  readonly phase?: string;
  readonly message?: string;
  readonly aborted: boolean;
  /** A person asked for all steps at once. */
  readonly promoteFull: boolean;
  /** Why the controller paused it; empty once a person let it go on. */
  readonly pauseReasons: readonly string[];
  /** The controller paused it and has not gone on yet, whoever cleared the reasons. */
  readonly controllerPause: boolean;
  readonly currentStepIndex?: number;
  /** Names the newest version. */
  readonly currentPodHash?: string;
  /** Names the version that was rolled out completely the last time. */
  readonly stableHash?: string;
  /** What was told to a traffic router; undefined where traffic follows the number of pods. */
  readonly weights?: { readonly canary: number; readonly canaryHash?: string };
  /** Names the version that the active Service of blue/green selects. */
  readonly activeHash?: string;
  /** AnalysisRuns of the version under way, in the order: step, background, before and after the switch. */
  readonly analyses: readonly {
    readonly name: string;
    readonly status: string;
    readonly message?: string;
  }[];
  /** The analysis or experiment of the step in force could not be decided, so that a person must. */
  readonly stepInconclusive: boolean;
  /** `status.duration.completionStatus`, which older versions do not have. */
  readonly completion?: string;
  readonly conditions: readonly ObservedCondition[];
  /** Pods of all versions. */
  readonly total: number;
  readonly updated: number;
  /** Of all versions; with blue/green of the active one. */
  readonly ready: number;
  readonly available: number;
}

/** What we keep of an `AnalysisRun` (argoproj.io/v1alpha1). */
export interface ObservedAnalysisRun extends ObservedIdentity {
  /** `Pending`, `Running`, `Successful`, `Failed`, `Error` or `Inconclusive`. */
  readonly phase?: string;
  readonly message?: string;
  readonly metrics: readonly {
    readonly name: string;
    readonly phase?: string;
    readonly message?: string;
    /** Of the newest measurement. */
    readonly value?: string;
    readonly successful: number;
    readonly failed: number;
    readonly inconclusive: number;
    readonly errors: number;
    readonly dryRun: boolean;
  }[];
}
