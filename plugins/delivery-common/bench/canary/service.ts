// SPDX-License-Identifier: Apache-2.0
import type { Arm } from '../../src/canary/judge/minutes';
import type { Random } from './random';

const layouts: readonly (readonly number[])[] = [
  [5, 10, 25, 50, 75, 100, 250, 500, 750, 1_000, 2_500, 5_000, 7_500, 10_000],
  [5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000],
  [100, 300, 500, 1_000, 1_500, 2_000, 3_000, 5_000],
  Array.from({ length: 14 }, (_, index) => 2 * 2 ** index),
];

type Bump = Readonly<Record<Arm, number>>;

/** Trouble of the surroundings that meets both versions. */
interface Incident {
  readonly from: number;
  readonly until: number;
  readonly errors: Bump;
  readonly latency: Bump;
}

/** A made-up service and the surroundings that it meets. */
export interface Service {
  readonly random: Random;
  readonly requestsPerSecond: number;
  readonly errorRate: number;
  readonly clusterMean: number;
  readonly fast: { readonly median: number; readonly spread: number };
  readonly slow: {
    readonly share: number;
    readonly median: number;
    readonly spread: number;
  };
  readonly boundsMs: readonly number[];
  readonly incident: Incident | undefined;
  readonly coldStart: number;
  readonly cpu: { readonly idle: number; readonly full: number };
  readonly memory: {
    readonly base: number;
    readonly warmUp: number;
    readonly tau: number;
  };
  readonly phase: number;
  readonly podSpread: Bump;
}

/** Draws a service. */
export function makeService(
  random: Random,
  requestsPerSecond: number,
): Service {
  const median = random.betweenLog(25, 150);
  return {
    random,
    requestsPerSecond,
    errorRate: random.betweenLog(0.0001, 0.0006),
    clusterMean: random.between(1, 3),
    fast: { median, spread: random.between(0.4, 0.7) },
    slow: {
      share: random.between(0.05, 0.15),
      median: median * random.between(2.5, 5),
      spread: random.between(0.4, 0.6),
    },
    boundsMs: random.pick(layouts),
    incident: random.chance(0.44) ? makeIncident(random) : undefined,
    coldStart: random.between(1, 4),
    cpu: { idle: random.between(4, 10), full: random.between(25, 45) },
    memory: {
      base: random.between(35, 60),
      warmUp: random.between(2, 12),
      tau: random.between(3, 20),
    },
    phase: random.between(0, 2 * Math.PI),
    podSpread: {
      baseline: Math.exp(0.015 * random.normal()),
      canary: Math.exp(0.015 * random.normal()),
    },
  };
}

function makeIncident(random: Random): Incident {
  const from = Math.floor(random.between(-20, 115));
  const uneven = () => Math.exp(random.between(-0.2, 0.2));
  const errors = random.betweenLog(0.002, 0.03);
  const latency = random.between(1.2, 2);
  return {
    from,
    until: from + Math.ceil(random.between(0, 6)),
    errors: { baseline: errors * uneven(), canary: errors * uneven() },
    latency: { baseline: latency * uneven(), canary: latency * uneven() },
  };
}

/** P95 of the old version in milliseconds. */
export function p95Of({ fast, slow }: Service): number {
  let low = 1;
  let high = 1e5;
  for (let step = 0; step < 60; step++) {
    const middle = Math.sqrt(low * high);
    const above =
      (1 - slow.share) * tail(middle, fast.median, fast.spread) +
      slow.share * tail(middle, slow.median, slow.spread);
    if (above > 0.05) low = middle;
    else high = middle;
  }
  return high;
}

/** Share of a log-normal distribution above a bound. */
export function tail(bound: number, median: number, spread: number): number {
  const z = Math.log(bound / median) / spread;
  return 0.5 * complementaryError(z / Math.SQRT2);
}

/** Abramowitz and Stegun 7.1.26. */
function complementaryError(x: number): number {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const polynomial =
    t *
    (0.254829592 +
      t *
        (-0.284496736 +
          t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const value = polynomial * Math.exp(-x * x);
  return x >= 0 ? value : 2 - value;
}
