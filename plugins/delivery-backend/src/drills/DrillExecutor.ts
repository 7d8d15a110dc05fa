// SPDX-License-Identifier: Apache-2.0
import type {
  DrillDevice,
  DrillFault,
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
}

/** Who can bring faults about on devices. */
export interface DrillExecutor {
  /** For people: `the simulated world`. */
  readonly title: string;
  readonly faults: readonly DrillFault[];
  /**
   * Resolves when the fault holds on all devices. Asked for again it changes nothing.
   * @throws FaultRefused when it never will; then nothing of it holds
   */
  begin(order: FaultOrder, signal: AbortSignal): Promise<void>;
  /** Resolves when nothing of the drill's fault holds any more, whether or not it ever did. */
  end(drill: string, signal: AbortSignal): Promise<void>;
}

/** A fault that can not be brought about, however often it is tried. */
export class FaultRefused extends Error {}
