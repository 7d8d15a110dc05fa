// SPDX-License-Identifier: Apache-2.0
import { parseDuration } from '../flux/durations';
import type { Canary } from './flaggerObjects';

/** All of the traffic, in percent. */
export const totalWeight = 100;

const shortestInterval = 10_000;
const usualInterval = 60_000;
const usualDeadline = 600;
const usualReadyThreshold = 100;

/** How traffic moves. */
export type Strategy = 'canary' | 'abTesting' | 'blueGreen';

/** The settings of a canary with every default filled in. */
export interface Analysis {
  /** Between two looks, in milliseconds; never under ten seconds. */
  readonly interval: number;
  /** Failed checks after which it is rolled back. */
  readonly threshold: number;
  readonly iterations: number;
  readonly strategy: Strategy;
  readonly skipped: boolean;
  readonly mirror: boolean;
  /** The weight after which it is promoted. */
  readonly maxWeight: number;
  /** Seconds a rollout may stand still. */
  readonly progressDeadline: number;
  /** Share of the pods that must be available, in percent. */
  readonly readyThreshold: {
    readonly primary: number;
    readonly canary: number;
  };
}

/** Reads the settings of a canary. */
export function analysisOf({ spec }: Canary): Analysis {
  const given = spec.analysis ?? {};
  const iterations = given.iterations ?? 0;
  const weights = given.stepWeights ?? [];
  const last = weights[weights.length - 1];
  return {
    interval: Math.max(
      shortestInterval,
      parseDuration(given.interval, usualInterval),
    ),
    threshold: Math.max(1, given.threshold ?? 0),
    iterations,
    strategy: strategyOf(iterations, given.match ?? []),
    skipped: spec.analysis === undefined || spec.skipAnalysis === true,
    mirror: given.mirror ?? false,
    maxWeight:
      last === undefined
        ? given.maxWeight || totalWeight
        : Math.min(totalWeight, last),
    progressDeadline: spec.progressDeadlineSeconds ?? usualDeadline,
    readyThreshold: {
      primary: given.primaryReadyThreshold ?? usualReadyThreshold,
      canary: given.canaryReadyThreshold ?? usualReadyThreshold,
    },
  };
}

function strategyOf(iterations: number, match: readonly object[]): Strategy {
  if (iterations <= 0) return 'canary';
  return match.length > 0 ? 'abTesting' : 'blueGreen';
}

/**
 * By how much the weight grows next. At the last of the steps it is 1, which
 * moves nothing but lets the promotion begin; 0 means that there are no steps.
 */
export function nextStep({ spec }: Canary, weight: number): number {
  const { stepWeight = 0, stepWeights = [] } = spec.analysis ?? {};
  if (stepWeight > 0 || stepWeights.length === 0) return stepWeight;
  const left = totalWeight - weight;
  if (left === 0) return 1;
  if (weight === 0) return Math.min(left, stepWeights[0]);
  const index = stepWeights.indexOf(weight);
  return index >= 0 && index < stepWeights.length - 1
    ? Math.min(left, stepWeights[index + 1] - weight)
    : left;
}
