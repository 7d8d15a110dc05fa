// SPDX-License-Identifier: Apache-2.0
import { haveOverlays, type Target } from '../pipeline/pipeline';
import { later, type Instant, type Milliseconds } from '../time';
import { canBeTakenBack, isJudged, isRunning } from '../canary/run/canaryRun';
import { usualCanaryStrategy } from '../pipeline/strategy';
import type { Facts, TargetFact } from './facts';
import { followColours, giveUp } from './followColours';
import { followDevices } from './followDevices';
import { followEngines, refusedOrder, settledAt } from './followEngines';
import { factOfColour, judgeColour } from './judgeColours';
import { judgeTarget, type TargetJudgement } from './judgeTarget';
import { judgeWave } from './judgeWave';
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

/** How often a canary that gets traffic is judged. */
const JUDGE_EVERY: Milliseconds = 15_000;

/** One target with what was recorded of it and what it shows now. */
interface Followed {
  readonly key: string;
  readonly target: Target;
  readonly progress: TargetProgress;
  readonly judgement: TargetJudgement;
  readonly fact: TargetFact | undefined;
}

/**
 * The next step after the commit: Flux must apply it to every target and every workload must prove
 * it, all live at the same moment. What a cluster shows is recorded before anything is asked of it.
 * A target that can not be seen holds the promotion for as long as that lasts.
 */
export function followTargets(promotion: Following, facts: Facts): Step {
  if (haveOverlays(promotion.declaration.targets))
    return followDevices(promotion, facts);
  const targets = promotion.declaration.targets.map(target =>
    look(promotion, target, facts),
  );
  return (
    newlyApplied(targets, facts) ??
    newlyMoved(targets, facts) ??
    newlyJudged(promotion, targets, facts) ??
    followEngines(promotion, targets, facts) ??
    (promotion.colours
      ? followColours(promotion, targets, facts)
      : allProven(promotion, targets, facts)) ??
    newProblem(targets, facts) ??
    goneProblem(targets, facts) ??
    lostPatience(promotion, targets, facts) ??
    askForReconcile(promotion, targets) ??
    watchTargets(promotion, targets, facts)
  );
}

function look(promotion: Following, target: Target, facts: Facts): Followed {
  const key = targetKey(target);
  const progress = promotion.progress[key] ?? {};
  const fact = facts.targets[key];
  const shown = fact ?? {
    state: {
      target,
      freshness: { state: 'never' as const, since: facts.now },
    },
  };
  const judged = judgeTarget(factOfColour(promotion, shown), {
    commit: promotion.commit.sha,
    images: wantedImages(promotion),
    progress,
    abort: promotion.steering?.abort,
    now: facts.now,
  });
  const judgement = promotion.declaration.wave
    ? judgeWave(target, judged, shown, facts)
    : judgeColour(promotion, target, judged, facts);
  return { key, target, progress, judgement, fact };
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

/** The engine's steps are recorded as they are seen; they tell how long each has been watched. */
function newlyMoved(
  targets: readonly Followed[],
  { now }: Facts,
): Step | undefined {
  for (const { key, progress, judgement, fact } of targets) {
    const run = fact?.state.canary;
    if (!run || run.behind || !progress.applied) continue;
    if (judgement.state === 'unknown') continue;
    const moves = progress.canary?.moves ?? [];
    const last = moves[moves.length - 1];
    // How it ended before this release was applied is not this promotion's.
    const begins = isRunning(run) || moves.length > 0;
    const isNew = last?.phase !== run.phase || last.weight !== run.weight;
    if (!begins || !isNew) continue;
    return {
      kind: 'record',
      event: {
        type: 'canaryMoved',
        at: now,
        actor: PORTAL_ACTOR,
        target: key,
        phase: run.phase,
        weight: run.weight,
      },
    };
  }
  return undefined;
}

/** Another decision than before, or the first about a step. Evidence against a version stays. */
function newlyJudged(
  promotion: Following,
  targets: readonly Followed[],
  { now, verdicts }: Facts,
): Step | undefined {
  const { analysis } = promotion.declaration.strategy ?? usualCanaryStrategy;
  const isHurried = promotion.kind === 'rollback' && promotion.mode !== 'safe';
  if (!analysis || isHurried) return undefined;
  for (const { key, progress, fact } of targets) {
    const run = fact?.state.canary;
    const verdict = verdicts[key];
    if (!run || !isJudged(run, promotion.declaration) || !verdict) continue;
    if (run.weight === 0 || !canBeTakenBack(run)) continue;
    const last = progress.canary?.judgement;
    const judged = verdict.known
      ? verdict.value
      : { decision: 'hold' as const, sentence: verdict.problem, faults: [] };
    const isNew =
      last?.decision !== judged.decision || last.weight !== run.weight;
    if (!isNew || last?.decision === 'rollBack') continue;
    return {
      kind: 'record',
      event: {
        type: 'canaryJudged',
        at: now,
        actor: PORTAL_ACTOR,
        target: key,
        decision: judged.decision,
        sentence: judged.sentence,
        faults: judged.faults,
        weight: run.weight,
      },
    };
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
    const isNew = progress.blocked?.problem.code !== judgement.problem.code;
    if (isNew || progress.blocked?.goneAt) {
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

/** A cluster that can not be seen says nothing about a problem. */
function goneProblem(
  targets: readonly Followed[],
  { now }: Facts,
): Step | undefined {
  for (const { key, progress, judgement } of targets) {
    if (judgement.state === 'problem' || judgement.state === 'unknown')
      continue;
    if (!progress.blocked || progress.blocked.goneAt) continue;
    return {
      kind: 'record',
      event: {
        type: 'targetUnblocked',
        at: now,
        actor: PORTAL_ACTOR,
        target: key,
      },
    };
  }
  return undefined;
}

function lostPatience(
  promotion: Following,
  targets: readonly Followed[],
  facts: Facts,
): Step | undefined {
  for (const followed of targets) {
    const { key, judgement } = followed;
    const end = endOfPatience(followed);
    if (judgement.state === 'problem' && end !== undefined && end <= facts.now)
      return giveUp(promotion, { ...judgement.problem, target: key }, facts);
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

function watchTargets(
  { declaration }: Following,
  targets: readonly Followed[],
  { now }: Facts,
): Step {
  const [first, ...others] = targets.map(
    ({ target }): Wake => ({ on: 'cluster', cluster: target.cluster }),
  );
  const times = targets.flatMap((followed): Wake[] => {
    const { judgement, fact } = followed;
    // Metrics do not call back.
    const run = fact?.state.canary;
    const settled = settledAt(followed);
    if (settled !== undefined && settled > now)
      return [{ on: 'time', at: settled }];
    if (run && isJudged(run, declaration) && canBeTakenBack(run))
      return [{ on: 'time', at: later(now, JUDGE_EVERY) }];
    const at =
      judgement.state === 'moving' ? judgement.until : endOfPatience(followed);
    return at ? [{ on: 'time', at }] : [];
  });
  return {
    kind: 'wait',
    // A promotion always has targets; without any it would wait for a decision.
    wake: [first ?? { on: 'decision' }, ...others, ...times],
    unmet: targets.flatMap(followed => [
      ...unmetTarget(followed),
      ...refusedOrder(followed),
    ]),
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
