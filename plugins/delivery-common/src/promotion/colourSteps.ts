// SPDX-License-Identifier: Apache-2.0
import type { Target } from '../pipeline/pipeline';
import type { Instant } from '../time';
import type { PromotionEvent } from './events';
import type { Facts, TargetFact } from './facts';
import type { TargetJudgement } from './judgeTarget';
import {
  PORTAL_ACTOR,
  type ActivePromotion,
  type PromotionProblem,
} from './promotion';
import type { Step, Unmet, Wake } from './step';

/** A promotion between two colours after its first commit. */
export type Following = Extract<
  ActivePromotion,
  { phase: 'reconciling' | 'verifying' }
>;

/** One target, as the steps between two colours see it. */
export interface Seen {
  readonly key: string;
  readonly target: Target;
  readonly judgement: TargetJudgement;
  readonly fact: TargetFact | undefined;
}

/** From here the requests go back to the old colour. */
export function beginReturn(facts: Facts, cause: PromotionProblem): Step {
  return record({
    ...byPortal(facts),
    type: 'switchBackBegun',
    problem: {
      ...cause,
      hint: 'The version before serves again. Look at the pods and logs of the other colour before trying again.',
    },
  });
}

/** Nothing to do until one of the wakes or a change in a cluster comes. */
export function wait(
  targets: readonly Seen[],
  wake: readonly Wake[],
  unmet: Unmet,
): Step {
  const [first, ...others] = [
    ...wake,
    ...targets.map(
      ({ target }): Wake => ({ on: 'cluster', cluster: target.cluster }),
    ),
  ];
  return {
    kind: 'wait',
    wake: [first ?? { on: 'decision' }, ...others],
    unmet: [unmet],
  };
}

/** A transition that needs no effect. */
export function record(event: PromotionEvent): Step {
  return { kind: 'record', event };
}

/** Signs a step of the portal itself. */
export function byPortal({ now }: Facts): {
  readonly at: Instant;
  readonly actor: string;
} {
  return { at: now, actor: PORTAL_ACTOR };
}
