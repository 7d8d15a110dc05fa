// SPDX-License-Identifier: Apache-2.0
import type {
  HistoryItem,
  PromotionView,
  ReleaseRef,
  State,
} from '../api/views';
import { canariesOf, canaryOutcome } from '../canary/canaryOutcome';
import type { GateVerdict } from '../gates/verdict';
import { haveOverlays } from '../pipeline/pipeline';
import { retirementOf } from '../promotion/blueGreen';
import {
  owesAnalysis,
  targetKey,
  type PromotedRelease,
  type Promotion,
  type PromotionProblem,
} from '../promotion/promotion';
import type { Unmet } from '../promotion/step';
import type { PromotionInView } from './situation';

/** The short name of a release: version, short commit and the first line of its message. */
export function releaseRef(release: PromotedRelease): ReleaseRef {
  return {
    id: release.id,
    version: release.version,
    commit: release.commit.sha.slice(0, 7),
    message: release.commit.message.split('\n', 1)[0],
    ...(release.commit.url && { url: release.commit.url }),
  };
}

/** A promotion as the HTTP API shows it. `mine`: the viewer may decide it. */
export function promotionView(
  { promotion, unmet }: PromotionInView,
  viewer: { readonly mine: boolean } = { mine: false },
): PromotionView {
  const { declaration } = promotion;
  return {
    id: promotion.id,
    service: promotion.service,
    stage: promotion.stage,
    stageTitle: declaration.stageTitle,
    kind: promotion.kind,
    ...(promotion.rollback && { rollback: promotion.rollback }),
    phase: promotion.phase,
    state: promotionState(promotion, unmet, viewer.mine),
    release: releaseRef(promotion.release),
    ...(promotion.replaces && { replaces: releaseRef(promotion.replaces) }),
    ...(promotion.reason && { reason: promotion.reason }),
    requestedAt: promotion.requestedAt,
    requestedBy: promotion.requestedBy,
    ...('finishedAt' in promotion && { finishedAt: promotion.finishedAt }),
    ...canaryOf(promotion),
    gates: gatesOf(promotion, unmet),
    approvals: promotion.approvals,
    ...commitOf(promotion),
    targets: declaration.targets.map(target => ({
      cluster: target.cluster,
      name: target.workload.name,
      state: haveOverlays([target])
        ? deviceState(promotion, targetKey(target))
        : targetState(promotion, unmet, targetKey(target)),
    })),
    ...problemOf(promotion, unmet),
  };
}

/** Why it failed, and what it left behind in Git and could not take back yet. */
function problemOf(
  promotion: Promotion,
  unmet: readonly Unmet[],
): Pick<PromotionView, 'problem'> {
  const failure = promotion.phase === 'failed' ? promotion.problem : undefined;
  const left = leftBehind(promotion, unmet);
  if (!left) return failure ? { problem: failure } : {};
  return {
    problem: failure
      ? {
          ...left,
          code: failure.code,
          message: `${failure.message} ${left.message}`,
        }
      : left,
  };
}

/** What an ended promotion owes and could not do yet; undefined while nothing keeps it from that. */
export function leftBehind(
  promotion: Promotion,
  unmet: readonly Unmet[],
): PromotionProblem | undefined {
  const why = unmet.find(({ problem }) => problem);
  if (!why) return undefined;
  if (owesAnalysis(promotion)) {
    return {
      code: 'analysisSkipped',
      message: `Engines still skip their analysis because of this rollback: ${why.text}`,
      hint: 'The portal tries again. Until then, changes of this stage are not compared.',
    };
  }
  return retirementOf(promotion)
    ? {
        code: 'colourNotRetired',
        message: `The colour that serves nobody keeps its pods, because it could not be scaled to zero: ${why.text}`,
        hint: 'The portal tries again. Until then it costs pods, and nothing else.',
      }
    : undefined;
}

/** One line of the history. */
export function historyItem(stored: PromotionInView): HistoryItem {
  const { promotion } = stored;
  const finishedAt =
    'finishedAt' in promotion ? promotion.finishedAt : undefined;
  const why = whyOf(promotion);
  return {
    id: promotion.id,
    promotion: promotion.id,
    at: finishedAt ?? promotion.requestedAt,
    stage: promotion.stage,
    stageTitle: promotion.declaration.stageTitle,
    release: releaseRef(promotion.release),
    state: promotionState(promotion, stored.unmet, false),
    who: promotion.requestedBy,
    ...(why && { why }),
    ...(finishedAt && {
      took: Date.parse(finishedAt) - Date.parse(promotion.requestedAt),
    }),
    ...commitOf(promotion),
  };
}

/** The canary that went least far, since the promotion is where its slowest target is. */
function canaryOf(promotion: Promotion): Pick<PromotionView, 'canary'> {
  const last = canariesOf(promotion).flatMap(({ moves }) =>
    moves.slice(-1).map(({ phase, weight }) => ({ phase, weight })),
  );
  const [canary] = last.sort((left, right) => left.weight - right.weight);
  return canary ? { canary } : {};
}

function commitOf(
  promotion: Promotion,
): Pick<PromotionView, 'commit'> | undefined {
  const commit = 'commit' in promotion ? promotion.commit : undefined;
  if (!commit) return undefined;
  return {
    commit: { sha: commit.sha, ...(commit.url && { url: commit.url }) },
  };
}

const FIRST_VERSION = 'First version there: nothing was compared.';

function whyOf(promotion: Promotion): string | undefined {
  switch (promotion.phase) {
    case 'failed':
      return promotion.problem.message;
    case 'rejected':
    case 'cancelled':
      return promotion.why ?? promotion.reason;
    case 'succeeded':
      return canaryOutcome(promotion) === 'neverRan'
        ? [promotion.reason, FIRST_VERSION].filter(Boolean).join(' · ')
        : promotion.reason;
    default:
      return promotion.reason;
  }
}

/** The word and the key of a promotion, by phase and by what holds it. */
export function promotionState(
  promotion: Promotion,
  unmet: readonly Unmet[],
  mine: boolean,
): State {
  const problem = unmet.find(missing => missing.problem);
  const isRollback = promotion.kind === 'rollback';
  switch (promotion.phase) {
    case 'waiting':
      return waitingState(unmet, mine);
    case 'writing':
      return problem
        ? { key: 'warn', word: 'Blocked', detail: problem.text }
        : { key: 'run', word: 'Writing to Git' };
    case 'reconciling':
    case 'verifying':
      if (problem) {
        return problem.code === 'clusterUnknown'
          ? { key: 'hold', word: 'Held', detail: problem.text }
          : { key: 'warn', word: 'Blocked', detail: problem.text };
      }
      return { key: 'run', word: rolloutWord(promotion) };
    case 'succeeded':
      return isRollback
        ? { key: 'back', word: 'Rolled back' }
        : { key: 'ok', word: 'Succeeded' };
    case 'failed':
      return { key: 'bad', word: 'Failed', detail: promotion.problem.message };
    case 'cancelled':
      return { key: 'skip', word: 'Cancelled' };
    case 'superseded':
      return { key: 'skip', word: 'Superseded' };
    case 'rejected':
      return { key: 'bad', word: 'Rejected', detail: promotion.why };
    default:
      return unheardOf(promotion);
  }
}

/** What the clusters do with the release once its commit is in Git. */
function rolloutWord(
  promotion: Extract<Promotion, { phase: 'reconciling' | 'verifying' }>,
): string {
  if (promotion.phase === 'reconciling') return 'Flux applies it';
  const weight = testedWeight(canaryOf(promotion));
  return weight === undefined ? 'Rolling out' : `Canary at ${weight} %`;
}

/** Share of the traffic in percent with which a release is tested now; undefined when it is not. */
export function testedWeight({
  canary,
}: Pick<PromotionView, 'canary'>): number | undefined {
  const isTested =
    canary?.phase === 'progressing' || canary?.phase === 'waitingPromotion';
  return isTested && canary.weight > 0 ? canary.weight : undefined;
}

function waitingState(unmet: readonly Unmet[], mine: boolean): State {
  const detail = unmet[0]?.text;
  const withDetail = (state: State): State =>
    detail ? { ...state, detail } : state;
  if (mine) return withDetail({ key: 'you', word: 'Waits for you' });
  if (unmet.some(missing => missing.problem)) {
    return withDetail({ key: 'hold', word: 'Held' });
  }
  if (unmet.some(missing => missing.owners.length > 0)) {
    return withDetail({ key: 'wait', word: 'Waits for approval' });
  }
  if (unmet.some(missing => missing.code === 'soaking')) {
    return withDetail({ key: 'run', word: 'Soaking' });
  }
  return withDetail({ key: 'wait', word: 'Waiting' });
}

/**
 * The gates as last answered. While a promotion waits, what is unmet is the newest word; a gate of
 * which nothing is known yet is waiting, never passed.
 */
function gatesOf(
  promotion: Promotion,
  unmet: readonly Unmet[],
): readonly GateVerdict[] {
  if (promotion.kind === 'rollback') return [];
  const asked = promotion.verdicts.length > 0 || unmet.length > 0;
  return promotion.declaration.gates.map((definition): GateVerdict => {
    const about = { gate: definition.name, kind: definition.kind };
    const missing =
      promotion.phase === 'waiting'
        ? unmet.find(candidate => candidate.gate === definition.name)
        : undefined;
    if (missing) {
      return {
        ...about,
        verdict: 'waiting',
        code: missing.code,
        reason: missing.text,
        owners: missing.owners,
        ...(missing.since && { since: missing.since }),
        ...(missing.expected && { expected: missing.expected }),
      };
    }
    const earlier = promotion.verdicts.find(
      verdict => verdict.gate === definition.name,
    );
    if (
      earlier &&
      (promotion.phase !== 'waiting' || earlier.verdict === 'passed')
    ) {
      return earlier;
    }
    return promotion.phase === 'waiting' && asked
      ? {
          ...about,
          verdict: 'passed',
          code: 'passed',
          reason: 'Passed.',
          owners: [],
        }
      : {
          ...about,
          verdict: 'waiting',
          code: 'notAsked',
          reason: 'Not asked yet.',
          owners: [],
        };
  });
}

function targetState(
  promotion: Promotion,
  unmet: readonly Unmet[],
  key: string,
): State {
  if (promotion.phase === 'succeeded') return { key: 'ok', word: 'Done' };
  const progress =
    'progress' in promotion ? promotion.progress?.[key] : undefined;
  const missing = unmet.find(candidate => candidate.target === key);
  if (missing?.problem) {
    return missing.code === 'clusterUnknown'
      ? { key: 'stale', word: 'Not seen', detail: missing.text }
      : { key: 'warn', word: 'Blocked', detail: missing.text };
  }
  const blocked = progress?.blocked;
  if (promotion.phase === 'failed' && blocked && !blocked.goneAt) {
    if (!progress.applied)
      return { key: 'bad', word: 'Failed', detail: blocked.problem.message };
  }
  if (progress?.applied) {
    return promotion.phase === 'reconciling' || promotion.phase === 'verifying'
      ? {
          key: 'run',
          word: 'Rolling out',
          ...(missing && { detail: missing.text }),
        }
      : { key: 'ok', word: 'Applied' };
  }
  if (progress?.requested) return { key: 'wait', word: 'Asked to look' };
  return { key: 'todo', word: 'Not started' };
}

/** Of a device with an overlay of its own, which the wave tells more about. */
function deviceState(promotion: Promotion, key: string): State {
  switch (promotion.phase) {
    case 'succeeded':
      return promotion.proof.some(({ target }) => target === key)
        ? { key: 'ok', word: 'Done' }
        : { key: 'wait', word: 'Left to the wave' };
    case 'verifying':
      return { key: 'run', word: 'In the wave' };
    default:
      return 'commit' in promotion && promotion.commit
        ? { key: 'wait', word: 'Left to the wave' }
        : { key: 'todo', word: 'Not started' };
  }
}

/** A rollback ended with this release gone from the stage. */
export function wasTakenBack(
  stored: PromotionInView | undefined,
  release: string,
): boolean {
  return (
    stored?.promotion.kind === 'rollback' &&
    stored.promotion.phase === 'succeeded' &&
    stored.promotion.replaces?.id === release
  );
}

function unheardOf(promotion: never): never {
  throw new TypeError(`Unknown phase ${JSON.stringify(promotion)}`);
}
