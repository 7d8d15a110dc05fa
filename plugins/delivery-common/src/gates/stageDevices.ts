// SPDX-License-Identifier: Apache-2.0
import type { Connectivity, Health } from '../fleet/device';
import type { Instant } from '../time';

/** A device on which a release runs, or should. */
export interface StageDevice {
  readonly name: string;
  readonly connectivity: Connectivity;
  readonly connectivitySince?: Instant;
  readonly health: Health;
  readonly healthSince?: Instant;
  /** What is wrong with it, in words of clusters and of the fleet: text and nothing else. */
  readonly healthReason?: string;
  /** Whether everything that health is judged by and that it has ever reported was measured lately. */
  readonly isMeasured: boolean;
  /** When what was measured ceased to tell about the present, if it was measured before. */
  readonly unmeasuredSince?: Instant;
  /** When measurements came back after a gap, as far as it was seen. */
  readonly measuredSince?: Instant;
  /** What the service's pods on it show of the release. */
  readonly release: 'ready' | 'notReady' | 'another';
  /** Since when all of them are ready, as far as it is told. */
  readonly readySince?: Instant;
  /** Why they are not, in the words of the kubelet. */
  readonly releaseReason?: string;
}

/** What was seen of the devices of a stage. */
export interface StageDevices {
  readonly devices: readonly StageDevice[];
  /** How many more should run it and have no pod. */
  readonly withoutPod: number;
}
