// SPDX-License-Identifier: Apache-2.0

/** The boards that stand at the edge. */
export type HardwareClass =
  | 'jetson-orin-nx'
  | 'raspberry-pi-4'
  | 'raspberry-pi-5';

/** How a site is connected to the rest of the world. */
export type Uplink = 'fibre' | 'cable' | 'dsl' | 'mobile';

/** A place with devices. */
export interface Site {
  /** Also the value of the label `causeway.dev/site`. */
  readonly name: string;
  /** As people write it: `Malmö`. */
  readonly title: string;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  /** Degrees north. */
  readonly latitude: number;
  /** Degrees east. */
  readonly longitude: number;
  readonly uplink: Uplink;
  /** The cluster that its devices belong to. */
  readonly cluster: string;
}

/** A device of the fleet: one board, one node. */
export interface Device {
  /** Name of its node, unique in the world: `gdansk-jetson-01`. */
  readonly name: string;
  /** Its place in the plan, from 0. */
  readonly index: number;
  readonly hardware: HardwareClass;
  readonly site: Site;
}
