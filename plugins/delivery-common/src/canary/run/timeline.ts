// SPDX-License-Identifier: Apache-2.0
import { later, type Instant, type Milliseconds } from '../../time';
import type { CanaryPlan } from '../judge/minutes';
import type { CanaryPhase, CanaryRun } from './canaryRun';

const MINUTE: Milliseconds = 60_000;

/** A phase and a weight of a canary, seen first at a moment. */
export interface CanaryMove {
  readonly at: Instant;
  readonly phase: CanaryPhase;
  /** In percent. */
  readonly weight: number;
}

/** A weight that the canary had, and from when on. */
export interface WeightChange {
  readonly at: Instant;
  readonly percent: number;
}

/** Where the run begins that is under way: engines begin anew when a newer version arrives. */
function beginOf(moves: readonly CanaryMove[]): number {
  return moves.reduce(
    (last, { phase, weight }, index) =>
      phase === 'progressing' && weight === 0 ? index : last,
    0,
  );
}

/** The weights of the run that is under way, from its first traffic on. */
export function weightsOf(
  moves: readonly CanaryMove[],
): readonly WeightChange[] {
  const changes: WeightChange[] = [];
  for (const { at, phase, weight } of moves.slice(beginOf(moves))) {
    const isTested = phase === 'progressing' || phase === 'waitingPromotion';
    const last = changes[changes.length - 1];
    if (isTested && weight > 0 && last?.percent !== weight)
      changes.push({ at, percent: weight });
  }
  return changes;
}

/**
 * When the step in force began; where traffic is not split, when the new version began to be tested.
 * Undefined when that was not seen.
 */
export function stepSince(
  moves: readonly CanaryMove[],
  run: Pick<CanaryRun, 'steps' | 'weight'>,
): Instant | undefined {
  if (run.steps.length === 0) {
    const first = moves[beginOf(moves)];
    const isTested =
      first?.phase === 'progressing' || first?.phase === 'waitingPromotion';
    return isTested ? first.at : undefined;
  }
  const changes = weightsOf(moves);
  const last = changes[changes.length - 1];
  return last?.percent === run.weight ? last.at : undefined;
}

/** When the step in force has been watched long enough. */
export function soakEnd(
  moves: readonly CanaryMove[],
  run: Pick<CanaryRun, 'steps' | 'weight'>,
  soak: Milliseconds,
): Instant | undefined {
  const since = stepSince(moves, run);
  return since === undefined ? undefined : later(since, soak);
}

/**
 * When the comparison of a run begins, and its steps so far for the judge; undefined before the first
 * traffic. Steps to come are left out: a step that is held goes on for as long as that lasts.
 */
export function planOf(
  moves: readonly CanaryMove[],
  soak: Milliseconds,
): { readonly begin: Instant; readonly plan: CanaryPlan } | undefined {
  const changes = weightsOf(moves);
  const [first] = changes;
  if (!first) return undefined;
  const minuteOf = (at: Instant) =>
    Math.floor((Date.parse(at) - Date.parse(first.at)) / MINUTE) + 1;
  return {
    begin: first.at,
    plan: {
      stepStarts: changes.map(({ at }) => minuteOf(at)),
      weights: changes.map(({ percent }) => percent),
      soakMinutes: Math.max(1, Math.ceil(soak / MINUTE)),
    },
  };
}
