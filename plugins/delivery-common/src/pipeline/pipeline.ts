// SPDX-License-Identifier: Apache-2.0
import type { SwitchPolicy } from '../canary/judge/judgeSwitch';
import type { CanaryPolicy } from '../canary/judge/policy';
import type { DrillPolicy } from '../drill/drill';
import type { Milliseconds } from '../time';
import type { WavePolicy } from '../wave/policy';

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
    /** With a wave a DaemonSet, whose update strategy is `OnDelete`, unless the target is for one device or node group. */
    readonly kind: 'Deployment' | 'DaemonSet';
    readonly namespace: string;
    readonly name: string;
  };
  /**
   * There are two Deployments, `<workload>-blue` and `<workload>-green`, and a Service of the
   * workload's name decides which of them gets the requests.
   */
  readonly coloured?: true;
  /** Of two colours: name of the Job that tries a colour, without what is added for promotion and colour. */
  readonly smokeTest?: string;
  /** The one node that this target is for; a wave gives it a release by a commit to its overlay. */
  readonly device?: string;
  /**
   * The one NodeGroup of KubeEdge that this target is for; a wave gives it a release by a commit to its
   * override in the EdgeApplication of the overlay, which all groups of the cluster share.
   */
  readonly nodeGroup?: string;
}

/**
 * Whether the targets of a stage are devices with an overlay each, or node groups with an override each.
 * All targets of such a stage name what they are for, and all name the same sort.
 */
export function haveOverlays(targets: readonly Target[]): boolean {
  return targets.some(
    ({ device, nodeGroup }) => device !== undefined || nodeGroup !== undefined,
  );
}

/** Whether a wave over these targets orders node groups, each as a whole, instead of devices. */
export function areNodeGroups(targets: readonly Target[]): boolean {
  return targets.some(({ nodeGroup }) => nodeGroup !== undefined);
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
    }
  | {
      readonly kind: 'drill';
      readonly name: string;
      /** The stage whose devices must have been drilled. */
      readonly stage: string;
      /** Names of the kinds of drills that must have passed. */
      readonly drills: readonly string[];
      /** A drill that was over longer ago counts no more. */
      readonly maxAge: Milliseconds;
    }
  | {
      readonly kind: 'deviceHealth';
      readonly name: string;
      /** The stage whose devices must be healthy. */
      readonly stage: string;
      /** Of the devices that count, above 0 and at most 100. */
      readonly healthyPercent: number;
      /** How long each of these must have been healthy. */
      readonly duration: Milliseconds;
      /** A device that is away for so long counts no more; undefined where it always counts. */
      readonly ignoreAway?: Milliseconds;
      /** So many devices must be heard. */
      readonly atLeast: number;
    };

/** How the portal judges new versions that an engine in the cluster gives their traffic step by step. */
export interface CanaryStrategy {
  readonly kind: 'canary';
  /** How long each step is watched at least. */
  readonly soak: Milliseconds;
  /** A canary that could not be decided this long after its soak is taken back. */
  readonly longestWait: Milliseconds;
  /** `auto`: it passes after the last step by itself; `manual`: when a person lets it. */
  readonly promotion: 'auto' | 'manual';
  /** What evidence against the new version leads to. */
  readonly onFault: 'rollBack' | 'hold';
  /** Whether metrics are compared; without it only time and people decide. */
  readonly analysis: boolean;
  readonly policy: CanaryPolicy;
}

/** How new versions are tried beside the one that serves, and then get all requests at once. */
export interface BlueGreenStrategy {
  /** How long the new colour is watched after the switch. */
  readonly watch: Milliseconds;
  /** How long the old colour is kept after that, so that switching back takes one commit. */
  readonly keep: Milliseconds;
  /** `auto`: the switch follows when the new colour is ready; `manual`: when a person says so. */
  readonly promotion: 'auto' | 'manual';
  /** Set where the watch measures, too. */
  readonly metrics?: SwitchMetrics;
}

/** What the metrics of a new colour must keep to after the switch. */
export interface SwitchMetrics {
  readonly policy: SwitchPolicy;
  /** What is done when the watch and as much again are over and the metrics have not said that it is well. */
  readonly undecided: 'hold' | 'switchBack';
}

/** How new versions reach devices: some first, then more as evidence grows. */
export interface WaveStrategy {
  /** What the document says; the rest is as usual for the devices of the stage. */
  readonly policy: Partial<WavePolicy>;
}

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
  /** Left out: what is applied gets the traffic when its pods are ready. */
  readonly strategy?: CanaryStrategy;
  /** Set where every target has two colours; never together with `strategy`. */
  readonly blueGreen?: BlueGreenStrategy;
  /** Set where a wave brings new versions to the devices; every target is a DaemonSet then, or every one names its device or node group. */
  readonly wave?: WaveStrategy;
  /** Set where devices may be drilled; only for stages of kind `edge`. */
  readonly drills?: DrillPolicy;
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
