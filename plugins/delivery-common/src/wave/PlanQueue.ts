// SPDX-License-Identifier: Apache-2.0

/** A site in the plan. */
export interface PlannedSite {
  /** Devices there, whether they can be reached or not. */
  total: number;
}

/** What the plan asks of a device, gathered: a large fleet is gone through many times. */
export interface PlannedDevice {
  readonly id: string;
  readonly site: string;
  readonly hardware: string;
  /** Whose budgets it uses. */
  readonly sites: readonly PlannedSite[];
}

/** Devices in order, of which some are taken out again and again without touching all the others. */
export class PlanQueue {
  readonly classes: ReadonlySet<string>;
  size: number;
  /** The place after each place; place 0 is before the first device. */
  readonly #next: Int32Array;

  constructor(private readonly devices: readonly PlannedDevice[]) {
    this.classes = new Set(devices.map(({ hardware }) => hardware));
    this.size = devices.length;
    this.#next = Int32Array.from({ length: devices.length + 1 }, (_, place) =>
      place < devices.length ? place + 1 : 0,
    );
  }

  /** Takes out the wanted devices, in order, until nothing more can be wanted. */
  takeWhile(
    goesOn: () => boolean,
    isWanted: (device: PlannedDevice) => boolean,
  ): readonly PlannedDevice[] {
    const taken: PlannedDevice[] = [];
    let before = 0;
    for (let at = this.#next[0]; at > 0 && goesOn(); at = this.#next[at]) {
      const device = this.devices[at - 1];
      if (isWanted(device)) {
        taken.push(device);
        this.#next[before] = this.#next[at];
      } else before = at;
    }
    this.size -= taken.length;
    return taken;
  }

  /** Whether a device is at a site that is not one of these. */
  hasElsewhere(sites: ReadonlySet<string>): boolean {
    return this.devices.some(({ site }) => !sites.has(site));
  }
}
