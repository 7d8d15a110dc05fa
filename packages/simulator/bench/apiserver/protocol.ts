// SPDX-License-Identifier: Apache-2.0

/** What the benchmark asks the process that holds the clusters. */
export type Question =
  | {
      readonly ask: 'empty';
      readonly devices: number;
      readonly clusters: number;
    }
  | { readonly ask: 'fill' }
  | { readonly ask: 'measure' }
  /** Renews leases of the first so many clusters, one after the other without pause, until it is asked for 0. */
  | { readonly ask: 'renew'; readonly clusters: number }
  /** Nothing is done, not even garbage is collected, so that it costs no time. */
  | { readonly ask: 'count' };

/** Where clients find the clusters. */
export interface Addresses {
  readonly urls: readonly string[];
  readonly token: string;
  readonly ca: string;
}

/** Memory in bytes, after a collection of garbage but for `count`, and processor time in seconds since the start. */
export interface Measurement {
  readonly resident: number;
  readonly heap: number;
  readonly processor: number;
  readonly objects: number;
  readonly devices: number;
  /** Renewals of leases that were answered. */
  readonly renewals: number;
}

/** What it answers, with how long it took in milliseconds. */
export type Answer = {
  readonly milliseconds: number;
  readonly addresses: Addresses;
} & Measurement;
