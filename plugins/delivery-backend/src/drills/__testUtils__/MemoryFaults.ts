// SPDX-License-Identifier: Apache-2.0
import { drillFaults } from '@causeway/plugin-delivery-common';
import type { DrillExecutor, FaultOrder } from '../DrillExecutor';

/** Devices that a test troubles: it sees which, and says when nobody answers. */
export class MemoryFaults implements DrillExecutor {
  readonly title = 'the memory of a test';
  readonly faults = drillFaults;
  /** Names of the devices on which a fault holds, by drill. */
  readonly holding = new Map<string, readonly string[]>();
  isAway = false;

  async begin({ drill, devices }: FaultOrder): Promise<void> {
    this.#answer();
    this.holding.set(
      drill,
      devices.map(({ name }) => name),
    );
  }

  async end(drill: string): Promise<void> {
    this.#answer();
    this.holding.delete(drill);
  }

  #answer(): void {
    if (this.isAway) throw new Error('Nobody answers.');
  }
}
