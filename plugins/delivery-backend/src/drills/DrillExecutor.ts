// SPDX-License-Identifier: Apache-2.0
import type {
  DrillDevice,
  DrillFault,
  Instant,
  Milliseconds,
  Target,
} from '@causeway/plugin-delivery-common';

/** A fault as an executor brings it about. */
export interface FaultOrder {
  /** Id of the drill. */
  readonly drill: string;
  readonly fault: DrillFault;
  readonly devices: readonly DrillDevice[];
  /** The workloads of the service, for faults that are about them. */
  readonly targets: readonly Target[];
  /** How long it is to hold. An executor ends it by itself some time later, should nobody tell it to. */
  readonly duration: Milliseconds;
  /** When people asked for it; it is begun soon after, or never. */
  readonly requestedAt: Instant;
}

/** What is known of the end of a fault. */
export interface FaultEnd {
  /** When nothing of it held any more, where that was before it could be seen. */
  readonly at?: Instant;
}

/** Who can bring faults about on devices. */
export interface DrillExecutor {
  /** For people: `the simulated world`. */
  readonly title: string;
  readonly faults: readonly DrillFault[];
  /** Whether it is for the devices of a cluster. */
  serves(cluster: string): boolean;
  /**
   * Resolves when the fault holds on all devices. Asked for again it changes nothing. Any other error
   * says what is waited for, and does not mean that nothing holds.
   * @throws FaultRefused when it never will; what of it may hold is ended by `end`
   */
  begin(order: FaultOrder, signal: AbortSignal): Promise<void>;
  /** Resolves when nothing of the fault holds any more, whether or not it ever did. */
  end(order: FaultOrder, signal: AbortSignal): Promise<FaultEnd>;
}

/** A fault that can not be brought about, however often it is tried. */
export class FaultRefused extends Error {}
