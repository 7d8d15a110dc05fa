// SPDX-License-Identifier: Apache-2.0

export type Labels = Readonly<Record<string, string>>;

/** A sample: milliseconds since the epoch by the clock of the server, and a value that may be no number. */
export interface Sample {
  readonly at: number;
  readonly value: number;
}

/** A time series as a Prometheus server stored it. */
export interface Series {
  readonly labels: Labels;
  readonly samples: readonly Sample[];
}
