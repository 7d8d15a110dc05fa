// SPDX-License-Identifier: Apache-2.0
import type { Draws } from './Draws';
import type { ServiceProfile } from './profile';

/** Upper bounds of the latency buckets in seconds, as Prometheus clients have them by default; the last one takes everything. */
export const bucketBounds: readonly number[] = [
  0.005,
  0.01,
  0.025,
  0.05,
  0.1,
  0.25,
  0.5,
  1,
  2.5,
  5,
  10,
  Infinity,
];

/** The answers that are told apart. */
export const statuses = ['200', '500'] as const;

/** How a request was answered. */
export type Status = (typeof statuses)[number];

const buckets = bucketBounds.length;
const sums = statuses.length * buckets;
const cpu = sums + statuses.length;

/** How many counters a pod has. */
export const columnCount = cpu + 1;

/** Where a pod's counters stand in a row of them. */
export const columns = {
  /** Answers within the bound of a bucket. */
  bucket: (status: Status, bucket: number) =>
    statuses.indexOf(status) * buckets + bucket,
  /** All answers. */
  count: (status: Status) => statuses.indexOf(status) * buckets + buckets - 1,
  /** Seconds that all answers took. */
  sum: (status: Status) => sums + statuses.indexOf(status),
  cpuSeconds: cpu,
} as const;

/** A while in which nothing about a pod changes, and what holds for it then. */
export interface Piece
  extends Pick<
    ServiceProfile,
    | 'errorRate'
    | 'errorCluster'
    | 'medianSeconds'
    | 'latencySpread'
    | 'cpuSecondsPerRequest'
    | 'idleCores'
  > {
  readonly seconds: number;
  /** Requests to be expected. */
  readonly requests: number;
}

/** Requests come in small clusters: somebody opens a page and asks for several things. */
const requestCluster = 1.3;
/** What fails is answered sooner than what works. */
const failsSooner = 0.7;

/** Adds to a row of counters what happens during a piece. */
export function addPiece(row: Float64Array, piece: Piece, draws: Draws): void {
  const requests = draws.clustered(piece.requests, requestCluster);
  const expected = requests * piece.errorRate;
  const failed = Math.min(
    requests,
    draws.clustered(expected, piece.errorCluster),
  );
  addAnswers(row, '200', requests - failed, piece, draws);
  addAnswers(row, '500', failed, piece, draws);
  const idle = piece.idleCores * piece.seconds;
  const effort = Math.exp(0.05 * draws.normal());
  row[columns.cpuSeconds] +=
    (idle + requests * piece.cpuSecondsPerRequest) * effort;
}

function addAnswers(
  row: Float64Array,
  status: Status,
  count: number,
  { medianSeconds, latencySpread }: Piece,
  draws: Draws,
): void {
  if (count === 0) return;
  const median = medianSeconds * (status === '200' ? 1 : failsSooner);
  let within = 0;
  let shareBelow = 0;
  for (let bucket = 0; bucket < buckets; bucket++) {
    if (within < count) {
      const share = shareWithin(bucketBounds[bucket], median, latencySpread);
      // Of those beyond the bound before, how many are within this one.
      const chance = (share - shareBelow) / (1 - shareBelow);
      within += draws.binomial(count - within, chance);
      shareBelow = share;
    }
    row[columns.bucket(status, bucket)] += within;
  }
  const variance = latencySpread ** 2;
  const mean = median * Math.exp(variance / 2);
  const error = Math.sqrt(Math.expm1(variance) / count) * draws.normal();
  row[columns.sum(status)] += count * mean * Math.max(0.2, 1 + error);
}

/** Share of a log-normal distribution that lies within a bound. */
export function shareWithin(
  bound: number,
  median: number,
  spread: number,
): number {
  if (bound === Infinity) return 1;
  return standardNormal(Math.log(bound / median) / spread);
}

/** The distribution function of the standard normal distribution, by Abramowitz and Stegun 26.2.17: off by less than 1e-7. */
function standardNormal(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const coefficients = [
    1.330274429, -1.821255978, 1.781477937, -0.356563782, 0.31938153,
  ];
  const series = coefficients.reduce((sum, each) => (sum + each) * t, 0);
  const tail = (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * series;
  return z > 0 ? 1 - tail : tail;
}
