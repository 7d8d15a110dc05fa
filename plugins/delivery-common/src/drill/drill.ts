// SPDX-License-Identifier: Apache-2.0
import type { Target } from '../pipeline/pipeline';
import type { Connectivity, Health } from '../fleet/device';
import type { ReleaseImage } from '../release/release';
import type { Instant, Milliseconds } from '../time';
import type { DrillKind, DrillQuestion } from './drillKind';

/** Which devices of a stage may be drilled, and how far. */
export interface DrillPolicy {
  /** Only devices at these sites; all of the stage when left out. */
  readonly sites?: readonly string[];
  /** The share of a site that may be under a drill or away, above 0 and at most 1; one device may always. */
  readonly siteShare: number;
  /** The longest time from the beginning of a drill to its end. */
  readonly longest: Milliseconds;
}

export const defaultDrillPolicy: DrillPolicy = {
  siteShare: 0.5,
  longest: 2 * 60 * 60_000,
};

/** A device of a drill. */
export interface DrillDevice {
  /** `<cluster>/<node name>`. */
  readonly id: string;
  readonly cluster: string;
  readonly name: string;
  readonly site?: string;
  readonly hardware?: string;
}

/** What a person asked for, with what was true at that moment. Never changes. */
export interface DrillOrder {
  readonly id: string;
  /** Entity ref. */
  readonly service: string;
  readonly stage: string;
  /** As the catalogue had it then. */
  readonly kind: DrillKind;
  /** What ran on all of the devices. */
  readonly release: {
    readonly id: string;
    readonly version: string;
    readonly images: readonly ReleaseImage[];
  };
  readonly targets: readonly Target[];
  readonly devices: readonly DrillDevice[];
  readonly longest: Milliseconds;
  readonly reason: string;
  readonly requestedBy: string;
  readonly requestedAt: Instant;
}

/** What was seen of a pod at one look. */
export interface PodSight {
  readonly running: boolean;
  /** How often its containers were started anew, all together. */
  readonly restarts: number;
  /** The same of each container, where it has several. */
  readonly containerRestarts?: readonly number[];
}

/** What was seen of a device at one look. */
export interface DeviceSight {
  readonly site?: string;
  readonly connectivity: Connectivity;
  readonly health: Health;
  readonly healthReason?: string;
  /** Pods of the service there, by name. What a device does that is away is not known. */
  readonly pods: Readonly<Record<string, PodSight>>;
  /** Of its last boot, where it tells that. */
  readonly bootId?: string;
  /** Whether all of them have the images of the release; undefined without any. */
  readonly isRelease?: boolean;
  /** °C, with the critical one of the hardware. Not older than the hardware's limits allow. */
  readonly temperature?: { readonly value: number; readonly critical: number };
  /** Percent. */
  readonly processors?: number;
}

/**
 * What was seen at one look, by the ids of devices: those of the drill and all others at their sites.
 * Devices of a cluster that is not heard are left out: nothing is known of them.
 */
export type DrillSight = Readonly<Record<string, DeviceSight>>;

/** What became of one expectation on one device. */
export interface DrillFinding {
  /** Id of the device. */
  readonly device: string;
  readonly asks: DrillQuestion;
  /** Which expectation of that question: of a kind it is named by both. */
  readonly during: 'fault' | 'recovery' | 'throughout';
  readonly outcome: 'open' | 'met' | 'notMet' | 'notSeen';
  /** When it was decided. */
  readonly at?: Instant;
  /** What was seen last, or what decided it: `offline`, `71 °C`. */
  readonly value?: string;
}

/** Why a fault was ended. Only `done` is as planned. */
export type EndReason =
  | 'done'
  | 'notMet'
  | 'aborted'
  | 'interrupted'
  | 'tooLong'
  | 'notBegun';

export type DrillPhase = 'beginning' | 'fault' | 'ending' | 'recovery' | 'over';

/**
 * - `passed`: every expectation was met on every device;
 * - `failed`: at least one was not;
 * - `unclear`: none was not met, but not all could be seen;
 * - `aborted`: a person ended it; `interrupted`: nobody watched it, or it took too long;
 * - `notBegun`: the fault could not be brought about.
 */
export type DrillVerdict =
  | 'passed'
  | 'failed'
  | 'unclear'
  | 'aborted'
  | 'interrupted'
  | 'notBegun';

/** What a person said of a finished drill. */
export interface DrillSignature {
  readonly decision: 'signedOff' | 'sentBack';
  readonly by: string;
  readonly at: Instant;
  readonly reason?: string;
}

/** A drill with all that its next step is decided from. */
export interface Drill {
  readonly order: DrillOrder;
  readonly phase: DrillPhase;
  /** What was seen before the fault. */
  readonly before: DrillSight;
  readonly findings: readonly DrillFinding[];
  readonly lookedAt: Instant;
  readonly faultBeganAt?: Instant;
  readonly faultEndedAt?: Instant;
  readonly overAt?: Instant;
  /** Why the fault was ended, once that is decided. */
  readonly ending?: { readonly reason: EndReason; readonly message: string };
  /** A person wants it to end. */
  readonly abort?: {
    readonly by: string;
    readonly at: Instant;
    readonly reason: string;
  };
  /** What keeps the fault from beginning or ending, in words. */
  readonly problem?: string;
  readonly verdict?: DrillVerdict;
  readonly signature?: DrillSignature;
}

/** What a gate has to know of a drill that is over. */
export interface DrillResult {
  readonly id: string;
  /** Name of its kind. */
  readonly kind: string;
  /** Id of the release that ran on the devices. */
  readonly release: string;
  readonly verdict: DrillVerdict;
  readonly overAt: Instant;
  readonly signature?: DrillSignature;
}
