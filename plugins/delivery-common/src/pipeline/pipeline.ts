// SPDX-License-Identifier: Apache-2.0
import type { Milliseconds } from '../time';

/** A stage's kind decides its picture and defaults. */
export type StageKind = 'local' | 'ci' | 'cloud' | 'edge';

/** One place that a stage deploys to: a Flux Kustomization in a cluster, and the workload that proves it. */
export interface Target {
  /** Name of the cluster in the portal's `kubernetes` configuration. */
  readonly cluster: string;
  /** Folder of the overlay in the fleet repository; its `kustomization.yaml` holds the `images` that promotion edits. */
  readonly path: string;
  readonly kustomization: { readonly namespace: string; readonly name: string };
  readonly workload: {
    readonly kind: 'Deployment';
    readonly namespace: string;
    readonly name: string;
  };
}

/** A named question that must be answered before a release may enter the stage. */
export type GateDefinition =
  | {
      readonly kind: 'approval';
      readonly name: string;
      /** Entity ref of the group whose members may approve. */
      readonly group: string;
      readonly count: number;
      /** An approval older than this counts no more. */
      readonly expires: Milliseconds;
    }
  | {
      readonly kind: 'soak';
      readonly name: string;
      /** The stage in which the release must have been healthy. */
      readonly stage: string;
      readonly duration: Milliseconds;
    };

export interface Stage {
  readonly name: string;
  readonly title: string;
  readonly kind: StageKind;
  /** Names of the stages that come directly before; empty for the first. */
  readonly after: readonly string[];
  /** `auto`: a release that arrived in every stage before is promoted by itself. */
  readonly promotion: 'auto' | 'manual';
  readonly gates: readonly GateDefinition[];
  /** Empty for `local` and `ci`. */
  readonly targets: readonly Target[];
}

/** A valid pipeline document with every default filled in. */
export interface Pipeline {
  /** Entity ref of the service, for example `component:default/parcel-vision`. */
  readonly service: string;
  /** Image names without tag or digest. */
  readonly images: readonly string[];
  readonly fleet: { readonly repository: string; readonly branch: string };
  /** In an order in which every stage comes after those it needs. */
  readonly stages: readonly Stage[];
}

/** What is wrong with a pipeline document, and where. */
export interface PipelineProblem {
  /** 1-based line and column in the document. */
  readonly line: number;
  readonly column: number;
  /** Stable code, for example `unknownStage`, `wrongType`, `cycle`, `unknownCluster`, `syntax`. */
  readonly code: string;
  /** A sentence that says what is wrong and what would be right. */
  readonly message: string;
}
