// SPDX-License-Identifier: Apache-2.0
import type { CustomCheck } from './checks/customCheck';

/** Limits of a quantile of the latency beside P95. */
export interface QuantilePolicy {
  /** How far it may lie above the baseline's, as a share of it. */
  readonly aboveBaseline: number;
  /** What it must keep to, in milliseconds; undefined is not asked. */
  readonly limitMs?: number;
}

/** The limits a team sets. Shares are between 0 and 1. */
export interface CanaryPolicy {
  /** A version may fail this share of its requests and still be promoted. */
  readonly errorRatePass: number;
  /** More than this share of failures is never tolerated. */
  readonly errorRateRollback: number;
  /** How far the share of failures may lie above the baseline's. */
  readonly errorRateAboveBaseline: number;
  /** How far the latency may lie above the baseline's, as a share of it. */
  readonly latencyAboveBaseline: number;
  /** What P95 must keep to, in milliseconds. */
  readonly slaP95Ms: number;
  /** P95 above this many times its limit is never tolerated. */
  readonly slaRollbackFactor: number;
  /** Half of the requests, and the slowest hundredth; left out, they are not judged. */
  readonly p50?: QuantilePolicy;
  readonly p99?: QuantilePolicy;
  readonly cpuMaxPercent: number;
  readonly memoryMaxPercent: number;
  /** Minutes in which the latency and CPU of new pods say nothing; as in {@link JudgeParameters} when left out. */
  readonly warmUpMinutes?: number;
  /** What the team checks besides, each title once. */
  readonly checks?: readonly CustomCheck[];
}

/** The limits that hold where a team has set none. */
export const defaultCanaryPolicy: CanaryPolicy = {
  errorRatePass: 0.001,
  errorRateRollback: 0.01,
  errorRateAboveBaseline: 0.01,
  latencyAboveBaseline: 0.2,
  slaP95Ms: 500,
  slaRollbackFactor: 2,
  cpuMaxPercent: 80,
  memoryMaxPercent: 85,
};

/**
 * The limits of P50 and P99 where a team has them judged. They are no part of the usual limits, because
 * they hold a few more good versions; docs/performance.md has the figures.
 */
export const usualQuantiles = {
  p50: { aboveBaseline: 0.2 },
  // Noisier: a few slow requests move it.
  p99: { aboveBaseline: 0.5 },
} as const;

/** Settings of the method. They were chosen by measurement; `docs/decisions` says how. */
export interface JudgeParameters {
  /** Share of good versions that one test may condemn by chance. */
  readonly alpha: number;
  /** The same for P50, and for P99. */
  readonly alphaOfQuantile: number;
  /** The same for all checks of the team together; they share it. */
  readonly alphaOfChecks: number;
  /** What the evidence without its strongest minute must reach, as a logarithm: one burst is no pattern. */
  readonly strongestMinuteLog: number;
  /** How many times the baseline's error rate is tolerated. */
  readonly errorSlack: number;
  /** How many times the tolerated error rate a fault may show; each is tested. */
  readonly errorRatios: readonly number[];
  readonly latencySlack: number;
  readonly latencyRatios: readonly number[];
  /** A fault may begin at any multiple of this many minutes. */
  readonly startEvery: number;
  /** Over-dispersion expected beforehand, and the minutes (latency) or errors that this expectation weighs. */
  readonly phi: {
    readonly errors: readonly [prior: number, weight: number];
    readonly latency: readonly [prior: number, weight: number];
  };
  /** Minutes left out at the start, and at the start of each step. */
  readonly warmUp: {
    readonly errors: number;
    readonly latency: number;
    readonly eachStep: number;
  };
  /** By how much two sets of equal pods differ in latency, as a share. */
  readonly podSpread: number;
  /** What the upper bound of the error rate must keep to at the end of a step, for 5, 25, 50 and 100 %. */
  readonly gateErrorUpper: readonly [number, number, number, number];
  /** The same for the ratio of P95; null is not asked. */
  readonly gateLatencyUpper: readonly [
    number | null,
    number | null,
    number | null,
    number | null,
  ];
  /** What the upper bound of a share that the team checks must keep to, as a multiple of its limit. */
  readonly gateShareUpper: readonly [number, number, number, number];
  /** How sure those upper bounds are, in standard deviations. */
  readonly gateZ: { readonly errors: number; readonly latency: number };
  /** Minutes left out at 100 %, where trouble of all versions can not be told from the canary's. */
  readonly worstMinutesAt100: number;
  readonly leak: {
    /** Minutes in which a warm-up may settle; each is tried. */
    readonly taus: readonly number[];
    readonly rollbackFrom: number;
    readonly rollbackAhead: number;
    readonly rollbackZ: number;
    readonly gateFrom: number;
    readonly gateAhead: number;
    readonly gateZ: number;
  };
}

/** The settings that were measured. */
export const defaultJudgeParameters: JudgeParameters = {
  alpha: 0.002,
  alphaOfQuantile: 0.001,
  alphaOfChecks: 0.004,
  strongestMinuteLog: 3,
  errorSlack: 2,
  errorRatios: [1.5, 2.5, 5, 10, 25, 100],
  latencySlack: 1.05,
  latencyRatios: [1.1, 1.25, 1.6, 2.5, 5],
  startEvery: 10,
  phi: { errors: [2, 20], latency: [1.5, 10] },
  warmUp: { errors: 1, latency: 6, eachStep: 3 },
  podSpread: 0.03,
  gateErrorUpper: [0.02, 0.01, 0.003, 0.003],
  gateLatencyUpper: [2, 1.5, 1.2, null],
  gateShareUpper: [3, 2, 1.5, 1.5],
  gateZ: { errors: 1.645, latency: 1.28 },
  worstMinutesAt100: 6,
  leak: {
    taus: [4, 8, 15, 25],
    rollbackFrom: 60,
    rollbackAhead: 120,
    rollbackZ: 3.3,
    gateFrom: 85,
    gateAhead: 240,
    gateZ: 2.33,
  },
};
