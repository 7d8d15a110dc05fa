// SPDX-License-Identifier: Apache-2.0
import type { Addresses } from '../apiserver/protocol';

/** What the benchmark asks the process of the world. */
export type WorldQuestion =
  | {
      readonly ask: 'start';
      readonly devices: number;
      readonly clusters: number;
    }
  | { readonly ask: 'measure' };

/** What it answers: milliseconds it took, memory in bytes, processor time since its start in seconds. */
export interface WorldAnswer {
  readonly milliseconds: number;
  readonly resident: number;
  readonly heap: number;
  readonly processor: number;
  /** API servers of the clusters at the edge. */
  readonly addresses: Addresses;
  /** Addresses of their Prometheus. */
  readonly metrics: readonly string[];
}
