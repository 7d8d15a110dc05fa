// SPDX-License-Identifier: Apache-2.0
import type { DeviceInWave } from './device';

/** Devices in order, of which some are taken out again and again without touching all the others. */
export class PlanQueue {
  readonly classes: ReadonlySet<string>;
  size: number;
  /** The place after each place; place 0 is before the first device. */
  readonly #next: Int32Array;

  constructor(private readonly entries: readonly DeviceInWave[]) {
    this.classes = new Set(entries.map(({ device }) => device.hardware));
    this.size = entries.length;
    this.#next = Int32Array.from({ length: entries.length + 1 }, (_, place) =>
      place < entries.length ? place + 1 : 0,
    );
  }

  /** Takes out the wanted devices, in order, until nothing more can be wanted. */
  takeWhile(
    goesOn: () => boolean,
    isWanted: (entry: DeviceInWave) => boolean,
  ): readonly DeviceInWave[] {
    const taken: DeviceInWave[] = [];
    let before = 0;
    for (let at = this.#next[0]; at > 0 && goesOn(); at = this.#next[at]) {
      const entry = this.entries[at - 1];
      if (isWanted(entry)) {
        taken.push(entry);
        this.#next[before] = this.#next[at];
      } else before = at;
    }
    this.size -= taken.length;
    return taken;
  }

  /** Whether a device is at a site that is not one of these. */
  hasElsewhere(sites: ReadonlySet<string>): boolean {
    return this.entries.some(({ device }) => !sites.has(device.site));
  }
}
