// SPDX-License-Identifier: Apache-2.0
import { drillFaults, type DrillFault } from '@causeway/plugin-delivery-common';
import type { DrillExecutor, FaultEnd, FaultOrder } from '../DrillExecutor';

/** Devices that a test troubles: it sees which, and says when nobody answers. */
export class MemoryFaults implements DrillExecutor {
  readonly title: string = 'the memory of a test';
  readonly faults: readonly DrillFault[] = drillFaults;
  /** Names of the devices on which a fault holds, by drill. */
  readonly holding = new Map<string, readonly string[]>();
  isAway = false;

  serves(_cluster: string): boolean {
    return true;
  }

  async begin({ drill, devices }: FaultOrder): Promise<void> {
    this.#answer();
    this.holding.set(
      drill,
      devices.map(({ name }) => name),
    );
  }

  async end({ drill }: FaultOrder): Promise<FaultEnd> {
    this.#answer();
    this.holding.delete(drill);
    return {};
  }

  #answer(): void {
    if (this.isAway) throw new Error('Nobody answers.');
  }
}
