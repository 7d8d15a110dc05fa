// SPDX-License-Identifier: Apache-2.0
import type { SimulatedWorld } from '@causeway/plugin-simulation-common';
import type { Faults } from '../apiserver';

/** What a description of the world is made from. */
export interface WorldFacts {
  readonly now: Date;
  readonly seed: number;
  readonly clusters: readonly {
    readonly name: string;
    readonly faults: Pick<Faults, 'current'>;
  }[];
  /** Each with the name of its site. */
  readonly devices: readonly { readonly site: string }[];
  /** How many there are. */
  readonly services: number;
  /** How many scenarios run. */
  readonly runs: number;
}

/** The world at a glance. */
export function describeWorld({
  now,
  seed,
  clusters,
  devices,
  services,
  runs,
}: WorldFacts): SimulatedWorld {
  return {
    now: now.toISOString(),
    seed,
    counts: {
      clusters: clusters.length,
      sites: new Set(devices.map(({ site }) => site)).size,
      devices: devices.length,
      services,
      runs,
    },
    clusters: clusters.map(({ name, faults }) => ({
      name,
      fault: faults.current?.kind ?? 'none',
    })),
  };
}
