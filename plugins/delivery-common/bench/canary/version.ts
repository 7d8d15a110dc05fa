// SPDX-License-Identifier: Apache-2.0

/** What may be right or wrong with a version. */
export const kinds = {
  good: ['equal', 'better', 'slower by 10 %'],
  bad: [
    'errors +0.2 pp',
    'errors +1 pp',
    'errors +5 pp',
    'P95 +25 %',
    'P95 +60 %',
    'memory leak',
    'errors, slow onset',
    'latency, slow onset',
    'errors in 10 %',
    'latency in 10 %',
    'CPU at full traffic',
  ],
} as const;

export type Kind = (typeof kinds)['good' | 'bad'][number];

/** How much worse a version behaves than the old one at a moment. */
export interface Fault {
  readonly errorRate: number;
  readonly latency: number;
  /** Share of the requests that are meant. */
  readonly share: number;
}

/** What a version of a kind does at a minute, if its fault begins at `onset`. */
export function faultAt(kind: Kind, minute: number, onset: number): Fault {
  const none: Fault = { errorRate: 0, latency: 1, share: 1 };
  if (kind === 'better') return { ...none, latency: 0.95 };
  if (kind === 'slower by 10 %') return { ...none, latency: 1.1 };
  if (minute < onset) return none;
  const grown = Math.min(1, (minute - onset) / 20);
  switch (kind) {
    case 'errors +0.2 pp':
      return { ...none, errorRate: 0.002 };
    case 'errors +1 pp':
      return { ...none, errorRate: 0.01 };
    case 'errors +5 pp':
      return { ...none, errorRate: 0.05 };
    case 'P95 +25 %':
      return { ...none, latency: 1.25 };
    case 'P95 +60 %':
      return { ...none, latency: 1.6 };
    case 'errors, slow onset':
      return { ...none, errorRate: 0.04 * grown };
    case 'latency, slow onset':
      return { ...none, latency: 1 + grown };
    case 'errors in 10 %':
      return { ...none, errorRate: 0.02 };
    case 'latency in 10 %':
      return { errorRate: 0, latency: 4, share: 0.1 };
    default:
      return none;
  }
}
