// SPDX-License-Identifier: Apache-2.0
import { histogramOf, latencyQuantile } from '../../src/canary/judge/buckets';
import { judgeCanary } from '../../src/canary/judge/judgeCanary';
import {
  addBuckets,
  type Arm,
  type CanaryMinute,
} from '../../src/canary/judge/minutes';
import {
  defaultCanaryPolicy,
  type CanaryPolicy,
} from '../../src/canary/judge/policy';
import { median } from '../../src/canary/judge/statistics';
import type { Episode } from './episode';

/** How a canary ended: taken back, held at a closed gate, or promoted. */
export interface Outcome {
  readonly end: 'rolledBack' | 'held' | 'promoted';
  /** The minute of it. */
  readonly minute: number;
}

/** Runs an episode to its end. Nobody extends it: a gate that is closed at the end of a step ends it. */
export type Judge = (episode: Episode) => Outcome;

const lastMinute = ({ plan }: Episode) =>
  plan.weights.length * plan.soakMinutes;

type Values = Readonly<Record<Arm, readonly number[]>>;

function valuesOf(
  minutes: readonly CanaryMinute[],
  of: (
    arm: CanaryMinute[Arm],
    name: Arm,
    minute: CanaryMinute,
  ) => number | undefined,
): Values {
  const read = (name: Arm) =>
    minutes.flatMap(each => of(each[name], name, each) ?? []);
  return { baseline: read('baseline'), canary: read('canary') };
}

function latencyOf(
  minutes: readonly CanaryMinute[],
  arm: Arm,
  bounds: readonly number[],
  share: number,
): number | undefined {
  const counts = addBuckets(minutes, arm, bounds.length + 1);
  return latencyQuantile(histogramOf(counts, bounds), share)?.value;
}

function isWorse({ baseline, canary }: Values, effect: number): boolean {
  if (baseline.length < 5 || canary.length < 5) return true;
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const usual = mean(baseline);
  if (mean(canary) < effect * usual) return false;
  let greater = 0;
  for (const mine of canary)
    for (const theirs of baseline)
      greater += (Math.sign(mine - theirs) + 1) / 2;
  const pairs = canary.length * baseline.length;
  const deviation = Math.sqrt(
    (pairs * (canary.length + baseline.length + 1)) / 12,
  );
  const z = (greater - pairs / 2) / deviation;
  return z > 2.326 && (median(canary) ?? 0) >= (median(baseline) ?? 0);
}

/** The judge of this product, with what it judges beside the usual limits. */
export const ours =
  (more: Partial<CanaryPolicy> = {}): Judge =>
  episode => {
    const { minutes, boundsMs, plan, slaP95Ms } = episode;
    const policy = { ...defaultCanaryPolicy, slaP95Ms, ...more };
    const last = lastMinute(episode);
    for (let minute = 1; minute <= last; minute++) {
      const known = minutes.filter(each => each.minute <= minute);
      const { decision, findings } = judgeCanary(known, boundsMs, plan, policy);
      if (decision === 'rollBack') return { end: 'rolledBack', minute };
      if (decision === 'hold' && findings.soaked)
        return { end: 'held', minute };
    }
    return { end: 'promoted', minute: last };
  };

/** Flagger's rule: each minute success of at least 99 % and P99 of at most 500 ms, or a failed check; none is ever forgiven. */
export const flagger =
  (threshold: number): Judge =>
  episode => {
    const last = lastMinute(episode);
    let failed = 0;
    for (const each of episode.minutes) {
      const { minute, canary } = each;
      if (minute < 1) continue;
      const p99 = latencyOf([each], 'canary', episode.boundsMs, 0.99);
      const success = 1 - canary.errors / canary.requests;
      // Without requests the query is empty, which counts as a failure too.
      if (!(success >= 0.99 && p99 !== undefined && p99 <= 500)) failed++;
      if (failed >= threshold) return { end: 'rolledBack', minute };
    }
    return { end: 'promoted', minute: last };
  };

/**
 * A judge of the kind of Kayenta: at the end of each step the minutes of both arms are compared by the
 * rank test of Mann and Whitney at 98 %; significantly worse by at least `effect` fails.
 */
export const mannWhitney =
  (effect: { readonly errors: number; readonly latency: number }): Judge =>
  episode => {
    const { plan, boundsMs, minutes } = episode;
    for (const [index, start] of plan.stepStarts.entries()) {
      if (plan.weights[index] >= 100) break;
      const end = start + plan.soakMinutes - 1;
      const step = minutes.filter(
        each => each.minute >= start + 5 && each.minute <= end,
      );
      const errors = valuesOf(step, each =>
        each.requests > 0 ? each.errors / each.requests : undefined,
      );
      const latency = valuesOf(step, (_, arm, minute) =>
        latencyOf([minute], arm, boundsMs, 0.95),
      );
      if (isWorse(errors, effect.errors) || isWorse(latency, effect.latency))
        return { end: 'rolledBack', minute: end };
    }
    return { end: 'promoted', minute: lastMinute(episode) };
  };
