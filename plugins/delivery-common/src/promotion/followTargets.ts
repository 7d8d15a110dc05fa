// SPDX-License-Identifier: Apache-2.0
import type { Target } from '../pipeline/pipeline';
import { later, type Instant } from '../time';
import type { Facts } from './facts';
import { judgeTarget, type TargetJudgement } from './judgeTarget';
import { targetProblems } from './problems';
import {
  PORTAL_ACTOR,
  targetKey,
  wantedImages,
  type ActivePromotion,
  type TargetProgress,
} from './promotion';
import type { Step, Unmet, Wake } from './step';

type Following = Extract<
  ActivePromotion,
  { phase: 'reconciling' | 'verifying' }
>;

/** One target with what was recorded of it and what it shows now. */
interface Followed {
  readonly key: string;
  readonly target: Target;
  readonly progress: TargetProgress;
  readonly judgement: TargetJudgement;
}

/**
 * The next step after the commit: Flux must apply it to every target and every workload must prove
 * it, all live at the same moment. What a cluster shows is recorded before anything is asked of it.
 * A target that can not be seen holds the promotion for as long as that lasts.
 */
export function followTargets(promotion: Following, facts: Facts): Step {
  const targets = promotion.declaration.targets.map(target =>
    look(promotion, target, facts),
  );
  return (
    newlyApplied(targets, facts) ??
    allProven(promotion, targets, facts) ??
    newProblem(targets, facts) ??
    lostPatience(targets, facts) ??
    askForReconcile(promotion, targets) ??
    watchTargets(targets)
  );
}

function look(promotion: Following, target: Target, facts: Facts): Followed {
  const key = targetKey(target);
  const progress = promotion.progress[key] ?? {};
  const fact = facts.targets[key] ?? {
    state: {
      target,
      freshness: { state: 'never' as const, since: facts.now },
    },
  };
  const judgement = judgeTarget(fact, {
    commit: promotion.commit.sha,
    images: wantedImages(promotion),
    progress,
    now: facts.now,
  });
  return { key, target, progress, judgement };
}

function newlyApplied(
  targets: readonly Followed[],
  { now }: Facts,
): Step | undefined {
  for (const { key, progress, judgement } of targets) {
    if (judgement.state === 'unknown' || progress.applied) continue;
    if (judgement.applied) {
      return {
        kind: 'record',
        event: {
          type: 'targetApplied',
          at: now,
          actor: PORTAL_ACTOR,
          target: key,
          ...judgement.applied,
        },
      };
    }
  }
  return undefined;
}

function allProven(
  promotion: Following,
  targets: readonly Followed[],
  { now }: Facts,
): Step | undefined {
  if (promotion.phase !== 'verifying') return undefined;
  const proof = targets.flatMap(({ judgement }) =>
    judgement.state === 'proven' ? [judgement.proof] : [],
  );
  if (proof.length < targets.length) return undefined;
  return {
    kind: 'record',
    event: { type: 'succeeded', at: now, actor: PORTAL_ACTOR, proof },
  };
}

/** A problem is recorded once, when it is first seen, so that its patience survives restarts. */
function newProblem(
  targets: readonly Followed[],
  { now }: Facts,
): Step | undefined {
  for (const { key, progress, judgement } of targets) {
    if (judgement.state !== 'problem') continue;
    if (progress.blocked?.problem.code !== judgement.problem.code) {
      return {
        kind: 'record',
        event: {
          type: 'targetBlocked',
          at: now,
          actor: PORTAL_ACTOR,
          target: key,
          problem: judgement.problem,
        },
      };
    }
  }
  return undefined;
}

function lostPatience(
  targets: readonly Followed[],
  { now }: Facts,
): Step | undefined {
  for (const followed of targets) {
    const { key, judgement } = followed;
    const end = endOfPatience(followed);
    if (judgement.state === 'problem' && end !== undefined && end <= now) {
      return {
        kind: 'record',
        event: {
          type: 'failed',
          at: now,
          actor: PORTAL_ACTOR,
          target: key,
          problem: judgement.problem,
        },
      };
    }
  }
  return undefined;
}

/** Asked once per target, and only of clusters that answer. */
function askForReconcile(
  promotion: Following,
  targets: readonly Followed[],
): Step | undefined {
  const unasked = targets.find(
    ({ progress, judgement }) =>
      judgement.state !== 'unknown' && !progress.applied && !progress.requested,
  );
  if (!unasked) return undefined;
  return {
    kind: 'perform',
    effect: {
      kind: 'requestReconcile',
      promotion: promotion.id,
      target: unasked.target,
      actor: promotion.requestedBy,
      token: promotion.id,
    },
  };
}

function watchTargets(targets: readonly Followed[]): Step {
  const [first, ...others] = targets.map(
    ({ target }): Wake => ({ on: 'cluster', cluster: target.cluster }),
  );
  const times = targets.flatMap((followed): Wake[] => {
    const { judgement } = followed;
    const at =
      judgement.state === 'moving' ? judgement.until : endOfPatience(followed);
    return at ? [{ on: 'time', at }] : [];
  });
  return {
    kind: 'wait',
    // A promotion always has targets; without any it would wait for a decision.
    wake: [first ?? { on: 'decision' }, ...others, ...times],
    unmet: targets.flatMap(unmetTarget),
  };
}

function unmetTarget(followed: Followed): readonly Unmet[] {
  const { key, judgement, progress } = followed;
  switch (judgement.state) {
    case 'unknown':
      return [
        {
          target: key,
          code: judgement.code,
          text: judgement.text,
          owners: [],
          since: judgement.since,
          problem: true,
        },
      ];
    case 'problem':
      return [
        {
          target: key,
          code: judgement.problem.code,
          text: [judgement.problem.message, judgement.problem.hint].join(' '),
          owners: [],
          ...(progress.blocked && { since: progress.blocked.since }),
          problem: true,
        },
      ];
    case 'moving':
      return [
        { target: key, code: judgement.code, text: judgement.text, owners: [] },
      ];
    default:
      return [];
  }
}

/** When the promotion fails because of the target's present problem. */
function endOfPatience({ judgement, progress }: Followed): Instant | undefined {
  if (judgement.state !== 'problem' || !progress.blocked) return undefined;
  const { patience } = targetProblems[judgement.problem.code];
  return later(progress.blocked.since, patience);
}
