// SPDX-License-Identifier: Apache-2.0
import type { Coordinates } from './device';

/** What the inventory file says of a site. */
export interface InventorySite {
  readonly title?: string;
  readonly coordinates?: Coordinates;
  /** Entity ref, or any text. */
  readonly owner?: string;
}

/** What the inventory file says of a device. */
export interface InventoryDevice {
  /** Of which clusters; of any when left out. */
  readonly cluster?: string;
  readonly site?: string;
  readonly hardware?: string;
  readonly owner?: string;
  readonly coordinates?: Coordinates;
}

/** The inventory: what nobody can read from the clusters. */
export interface Inventory {
  readonly sites: ReadonlyMap<string, InventorySite>;
  /** By node name. */
  readonly devices: ReadonlyMap<string, InventoryDevice>;
}

/** Something that is wrong with an inventory file. */
export interface InventoryProblem {
  /** Both from 1. */
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** An inventory without entries. */
export const emptyInventory: Inventory = {
  sites: new Map(),
  devices: new Map(),
};

/** What the inventory says of the node of a cluster. */
export function inventoryEntry(
  inventory: Inventory,
  cluster: string,
  node: string,
): InventoryDevice | undefined {
  const entry = inventory.devices.get(node);
  return entry?.cluster === undefined || entry.cluster === cluster
    ? entry
    : undefined;
}
