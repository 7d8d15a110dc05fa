// SPDX-License-Identifier: Apache-2.0
import type { PromotionEvent, PromotionEventOf } from './events';
import { withCanary } from './foldCanary';
import { withColours, withCommit } from './foldColours';
import { haveOverlays } from '../pipeline/pipeline';
import { later, type Milliseconds } from '../time';
import {
  isActive,
  targetKey,
  type ActivePromotion,
  type Promotion,
  type TargetBlocked,
  type TargetProgress,
} from './promotion';

/**
 * The promotion that its events describe; undefined without a first `requested`. An event that does
 * not fit the phase changes nothing, so recording an effect twice is the same as recording it once.
 */
export function fold(events: readonly PromotionEvent[]): Promotion | undefined {
  return events.reduce<Promotion | undefined>(evolve, undefined);
}

/** The promotion after one more event. */
export function evolve(
  promotion: Promotion | undefined,
  event: PromotionEvent,
): Promotion | undefined {
  if (!promotion) {
    return event.type === 'requested' ? asked(event) : undefined;
  }
  if (isActive(promotion)) return change(promotion, event);
  switch (event.type) {
    case 'analysisRestored':
      return { ...promotion, skipsAnalysis: false };
    case 'colourRetired':
      return promotion.colours
        ? { ...promotion, colours: { ...promotion.colours, retired: true } }
        : promotion;
    default:
      return promotion;
  }
}

function asked(event: PromotionEventOf<'requested'>): Promotion {
  const { type, at, actor, promotion, ...rest } = event;
  return {
    ...rest,
    phase: 'waiting',
    id: promotion,
    requestedBy: actor,
    requestedAt: at,
    approvals: [],
    verdicts: [],
    attempted: false,
  };
}

function change(promotion: ActivePromotion, event: PromotionEvent): Promotion {
  switch (event.type) {
    case 'requested':
    case 'analysisRestored':
    case 'colourRetired':
      return promotion;
    case 'approved':
    case 'rejected':
    case 'reconfigured':
    case 'gatesPassed':
    case 'gateClosed':
    case 'coloursChosen':
    case 'cancelRequested':
    case 'committed':
      return beforeCommit(promotion, event);
    case 'cancelled':
      return cancelled(promotion, event);
    case 'reconcileRequested':
    case 'targetApplied':
    case 'targetBlocked':
    case 'targetUnblocked':
    case 'succeeded':
      return afterCommit(promotion, event);
    case 'canaryMoved':
    case 'canaryBound':
    case 'canaryJudged':
    case 'canaryOrdered':
    case 'canarySteered':
      return promotion.phase === 'waiting' || promotion.phase === 'writing'
        ? promotion
        : withCanary(promotion, event);
    case 'switchBegun':
    case 'coloursSwitched':
    case 'colourServing':
    case 'switchBackBegun':
    case 'coloursSwitchedBack':
      return promotion.phase === 'waiting' || promotion.phase === 'writing'
        ? promotion
        : withColours(promotion, event);
    case 'superseded':
      return { ...ended(promotion, event), phase: 'superseded', by: event.by };
    case 'failed':
      return {
        ...ended(promotion, event),
        ...(isWritten(promotion) ? {} : nothingOwed(promotion)),
        phase: 'failed',
        problem: event.problem,
      };
    default:
      return unheardOf(event);
  }
}

function beforeCommit(
  promotion: ActivePromotion,
  event: PromotionEventOf<
    | 'approved'
    | 'rejected'
    | 'reconfigured'
    | 'gatesPassed'
    | 'gateClosed'
    | 'coloursChosen'
    | 'cancelRequested'
    | 'committed'
  >,
): Promotion {
  if (promotion.phase !== 'waiting' && promotion.phase !== 'writing') {
    return promotion;
  }
  const { at, actor } = event;
  switch (event.type) {
    case 'approved': {
      const others = promotion.approvals.filter(({ by }) => by !== actor);
      const given = {
        by: actor,
        at,
        ...(event.reason && { reason: event.reason }),
      };
      return { ...promotion, approvals: [...others, given] };
    }
    case 'rejected':
      return {
        ...ended(promotion, event),
        phase: 'rejected',
        by: actor,
        why: event.reason,
      };
    case 'reconfigured':
      return {
        ...promotion,
        phase: 'waiting',
        declaration: event.declaration,
        approvals: [],
      };
    case 'gatesPassed':
      return {
        ...promotion,
        phase: 'writing',
        attempted: true,
        verdicts: event.verdicts,
        // From here on a commit may exist that nobody recorded.
        ...(promotion.mode === 'fast' && { skipsAnalysis: true }),
      };
    case 'gateClosed':
      return { ...promotion, phase: 'waiting', verdicts: event.verdicts };
    case 'coloursChosen': {
      const { choices, atOnce } = event;
      return { ...promotion, colours: { choices, atOnce, serving: {} } };
    }
    case 'cancelRequested':
      return {
        ...promotion,
        stop: { by: actor, at, ...(event.reason && { reason: event.reason }) },
      };
    case 'committed': {
      const { stop, attempted, ...rest } = promotion;
      const colours = withCommit(rest.colours, event.commit, at);
      return {
        ...rest,
        // A commit that changes no overlay needs not to be applied.
        phase: haveOverlays(promotion.declaration.targets)
          ? 'verifying'
          : 'reconciling',
        ...(event.commit.skipsAnalysis ? {} : nothingOwed(promotion)),
        commit: event.commit,
        committedAt: at,
        progress: {},
        ...(colours && { colours }),
      };
    }
    default:
      return unheardOf(event);
  }
}

/** After the commit it comes in time only where no requests follow a commit by themselves. */
function cancelled(
  promotion: ActivePromotion,
  event: PromotionEventOf<'cancelled'>,
): Promotion {
  const { colours } = promotion;
  if (isWritten(promotion) && (!colours || colours.switching)) return promotion;
  return {
    ...ended(promotion, event),
    ...(isWritten(promotion) ? {} : nothingOwed(promotion)),
    phase: 'cancelled',
    by: event.actor,
    ...(event.reason && { why: event.reason }),
  };
}

function afterCommit(
  promotion: ActivePromotion,
  event: PromotionEventOf<
    | 'reconcileRequested'
    | 'targetApplied'
    | 'targetBlocked'
    | 'targetUnblocked'
    | 'succeeded'
  >,
): Promotion {
  if (promotion.phase !== 'reconciling' && promotion.phase !== 'verifying') {
    return promotion;
  }
  switch (event.type) {
    case 'reconcileRequested': {
      const { at, outcome, message, token } = event;
      return progressed(promotion, event.target, before => ({
        ...before,
        ...(promotion.colours && {
          asked: [...new Set([...(before.asked ?? []), token])],
        }),
        requested: before.requested ?? {
          at,
          outcome,
          ...(message && { message }),
        },
      }));
    }
    case 'targetApplied':
      return progressed(promotion, event.target, before => ({
        ...before,
        applied: before.applied ?? { at: event.at, revision: event.revision },
      }));
    case 'targetBlocked':
      return progressed(promotion, event.target, before => ({
        ...before,
        blocked: blockedBy(event, before.blocked),
      }));
    case 'targetUnblocked':
      return progressed(promotion, event.target, before => ({
        ...before,
        ...(before.blocked && {
          blocked: { ...before.blocked, goneAt: event.at },
        }),
      }));
    case 'succeeded': {
      if (promotion.phase !== 'verifying') return promotion;
      return {
        ...ended(promotion, event),
        phase: 'succeeded',
        commit: promotion.commit,
        proof: event.proof,
      };
    }
    default:
      return unheardOf(event);
  }
}

/** Between two crashes a workload looks well for a moment; that does not start its patience anew. */
const BACK_WITHIN: Milliseconds = 2 * 60_000;

function blockedBy(
  { at, problem }: PromotionEventOf<'targetBlocked'>,
  before: TargetBlocked | undefined,
): TargetBlocked {
  const isSame = before?.problem.code === problem.code;
  const isBack = !before?.goneAt || at <= later(before.goneAt, BACK_WITHIN);
  return { problem, since: before && isSame && isBack ? before.since : at };
}

/** It is proven that Git tells no engine to skip anything. */
function nothingOwed({ skipsAnalysis }: Promotion) {
  return skipsAnalysis ? { skipsAnalysis: false } : {};
}

function isWritten({ phase }: Promotion): boolean {
  return phase === 'reconciling' || phase === 'verifying';
}

/** What stays of a promotion when it ends. */
function ended(promotion: ActivePromotion, event: PromotionEvent) {
  if (promotion.phase === 'waiting' || promotion.phase === 'writing') {
    const { phase, stop, attempted, ...kept } = promotion;
    return { ...kept, finishedAt: event.at };
  }
  const { phase, committedAt, ...kept } = promotion;
  return { ...kept, finishedAt: event.at };
}

/** Verifying begins when every target has applied the commit. */
function progressed(
  promotion: Extract<ActivePromotion, { phase: 'reconciling' | 'verifying' }>,
  target: string,
  update: (before: TargetProgress) => TargetProgress,
): Promotion {
  const progress = {
    ...promotion.progress,
    [target]: update(promotion.progress[target] ?? {}),
  };
  const applied = promotion.declaration.targets.every(
    each => progress[targetKey(each)]?.applied,
  );
  return {
    ...promotion,
    progress,
    phase: applied ? 'verifying' : 'reconciling',
  };
}

function unheardOf(event: never): never {
  throw new TypeError(`Unknown event ${JSON.stringify(event)}`);
}
