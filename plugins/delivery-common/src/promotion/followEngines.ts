// SPDX-License-Identifier: Apache-2.0
import { againAt } from '../canary/order/engineOrder';
import { orderFor, type WantedOrder } from '../canary/order/orderFor';
import { isRunning } from '../canary/run/canaryRun';
import { unknown } from '../gates/known';
import { declares } from './declares';
import type { Facts, TargetFact } from './facts';
import type { TargetJudgement } from './judgeTarget';
import {
  PORTAL_ACTOR,
  wantedImages,
  type ActivePromotion,
  type TargetProgress,
} from './promotion';
import type { Target } from '../pipeline/pipeline';
import { later, type Instant, type Milliseconds } from '../time';
import type { Step, Unmet } from './step';

type Following = Extract<
  ActivePromotion,
  { phase: 'reconciling' | 'verifying' }
>;

/**
 * How long after Flux's word a Rollout may tell of the version before as if it were the new one: its
 * controller writes that it saw the newest spec, and only then which version that makes (seen in
 * Argo Rollouts 1.8.5, when a spec changes at a pause; it takes milliseconds there).
 */
const SETTLING: Milliseconds = 10_000;

interface FollowedEngine {
  readonly key: string;
  readonly target: Target;
  readonly progress: TargetProgress;
  readonly judgement: TargetJudgement;
  readonly fact: TargetFact | undefined;
}

/**
 * Steers the engines that do not ask: first the version is recorded that they took up, so that
 * another one is noticed, then they are told what is wanted. An order is given once, and again when
 * it was not followed for a while; that it was followed is seen in the cluster like everything else.
 */
export function followEngines(
  promotion: Following,
  all: readonly FollowedEngine[],
  facts: Facts,
): Step | undefined {
  const targets = all.filter(each => {
    const settled = settledAt(each);
    return settled !== undefined && settled <= facts.now;
  });
  return (
    newlyBound(promotion, targets, facts) ?? order(promotion, targets, facts)
  );
}

/** From when on an engine that takes orders can be believed to tell of this promotion's version. */
export function settledAt({
  progress,
  judgement,
  fact,
}: Pick<FollowedEngine, 'progress' | 'judgement' | 'fact'>):
  | Instant
  | undefined {
  if (judgement.state === 'unknown' || !progress.applied) return undefined;
  return fact?.state.canary?.takesOrders
    ? later(progress.applied.at, SETTLING)
    : undefined;
}

function newlyBound(
  promotion: Following,
  targets: readonly FollowedEngine[],
  { now }: Facts,
): Step | undefined {
  for (const { key, progress, fact } of targets) {
    const run = fact?.state.canary;
    if (!run?.takesOrders || !run.revision || run.behind) continue;
    if (progress.canary?.checksum !== undefined || !isRunning(run)) continue;
    if (!declares(run.declared, wantedImages(promotion))) continue;
    return {
      kind: 'record',
      event: {
        type: 'canaryBound',
        at: now,
        actor: PORTAL_ACTOR,
        target: key,
        checksum: run.revision,
      },
    };
  }
  return undefined;
}

function order(
  promotion: Following,
  targets: readonly FollowedEngine[],
  facts: Facts,
): Step | undefined {
  for (const followed of targets) {
    const wanted = wantedOrder(promotion, followed, facts);
    if (!wanted) continue;
    const again = againAt(followed.progress.canary?.order, wanted.order);
    if (again !== undefined && again > facts.now) continue;
    return {
      kind: 'perform',
      effect: {
        kind: 'orderEngine',
        promotion: promotion.id,
        target: followed.target,
        ...wanted,
      },
    };
  }
  return undefined;
}

function wantedOrder(
  promotion: Following,
  { key, target, progress, fact }: FollowedEngine,
  { now, verdicts }: Facts,
): WantedOrder | undefined {
  const run = fact?.state.canary;
  if (!run) return undefined;
  return orderFor({
    now,
    cluster: target.cluster,
    run,
    approved: promotion,
    progress: progress.canary,
    given: progress.canary?.order,
    verdict: verdicts[key] ?? unknown(now, 'Nothing is judged yet.'),
  });
}

/** An order that the cluster forbids is tried again and again; a person must see why nothing moves. */
export function refusedOrder({
  key,
  progress,
}: Pick<FollowedEngine, 'key' | 'progress'>): readonly Unmet[] {
  const given = progress.canary?.order;
  if (given?.outcome !== 'refused') return [];
  return [
    {
      target: key,
      code: 'orderRefused',
      text: `${
        given.message ?? 'The cluster refuses it.'
      } Give the portal's account the right to patch it, or tell the engine yourself.`,
      owners: [],
      since: given.at,
      problem: true,
    },
  ];
}
