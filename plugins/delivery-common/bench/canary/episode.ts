// SPDX-License-Identifier: Apache-2.0
import type { CanaryMinute, CanaryPlan } from '../../src/canary/judge/minutes';
import { ArmHistory } from './ArmHistory';
import { Random } from './random';
import { makeService, p95Of } from './service';
import { kinds, type Kind } from './version';

/** One made-up canary: what a judge would be given minute by minute, and the truth that it is not told. */
export interface Episode {
  readonly kind: Kind;
  readonly minutes: readonly CanaryMinute[];
  readonly boundsMs: readonly number[];
  readonly plan: CanaryPlan;
  readonly slaP95Ms: number;
  /** The minute in which the fault begins; undefined for a good version. */
  readonly onset: number | undefined;
  /** Failures of each canary minute beyond what the old version would have had, by minute from 1. */
  readonly excessErrors: readonly number[];
}

const soakMinutes = 30;
const weights = [5, 25, 50, 100];
const plan: CanaryPlan = {
  weights,
  soakMinutes,
  stepStarts: weights.map((_, index) => index * soakMinutes + 1),
};
const history = 30;

function weightAt(minute: number): number {
  return minute < 1 ? 0 : weights[Math.floor((minute - 1) / soakMinutes)];
}

/** A seeded episode of 4 × 30 minutes behind 30 minutes of history. */
export function makeEpisode(
  seed: number,
  kind: Kind,
  requestsPerSecond: number,
): Episode {
  const random = new Random(seed);
  const service = makeService(random, requestsPerSecond);
  const isBad = (kinds.bad as readonly Kind[]).includes(kind);
  const late = random.chance(0.3) && kind !== 'memory leak';
  const onset = late ? Math.floor(random.between(2, 45)) : 1;
  const last = weights.length * soakMinutes;
  const arms = {
    baseline: new ArmHistory(
      service,
      'baseline',
      { kind: 'equal', onset },
      soakMinutes,
    ),
    canary: new ArmHistory(service, 'canary', { kind, onset }, soakMinutes),
  };
  const minutes: CanaryMinute[] = [];
  let burst = 0;
  let sharedLatency = 0;
  for (let minute = 1 - history; minute <= last; minute++) {
    const weightPercent = weightAt(minute);
    burst = 0.8 * burst + 0.1 * random.normal();
    sharedLatency = 0.9 * sharedLatency + 0.03 * random.normal();
    const dependency = Math.exp(0.5 * random.normal() - 0.125);
    const now = { minute, weightPercent, burst, sharedLatency, dependency };
    minutes.push({
      minute,
      weightPercent,
      baseline: arms.baseline.minuteOf(now),
      canary: arms.canary.minuteOf(now),
    });
  }
  return {
    kind,
    minutes,
    boundsMs: service.boundsMs,
    plan,
    slaP95Ms: p95Of(service) * random.between(1.6, 2.5),
    onset: isBad ? onset : undefined,
    excessErrors: arms.canary.excess,
  };
}
