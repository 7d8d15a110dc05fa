// SPDX-License-Identifier: Apache-2.0
import type { PromotionEvent, PromotionEventOf } from './events';
import {
  isActive,
  targetKey,
  type ActivePromotion,
  type Promotion,
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
  return isActive(promotion) ? change(promotion, event) : promotion;
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
      return promotion;
    case 'approved':
    case 'rejected':
    case 'reconfigured':
    case 'gatesPassed':
    case 'gateClosed':
    case 'cancelRequested':
    case 'cancelled':
    case 'committed':
      return beforeCommit(promotion, event);
    case 'reconcileRequested':
    case 'targetApplied':
    case 'targetBlocked':
    case 'succeeded':
      return afterCommit(promotion, event);
    case 'superseded':
      return { ...ended(promotion, event), phase: 'superseded', by: event.by };
    case 'failed':
      return {
        ...ended(promotion, event),
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
    | 'cancelRequested'
    | 'cancelled'
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
      };
    case 'gateClosed':
      return { ...promotion, phase: 'waiting', verdicts: event.verdicts };
    case 'cancelRequested':
      return {
        ...promotion,
        stop: { by: actor, at, ...(event.reason && { reason: event.reason }) },
      };
    case 'cancelled':
      return {
        ...ended(promotion, event),
        phase: 'cancelled',
        by: actor,
        ...(event.reason && { why: event.reason }),
      };
    case 'committed': {
      const { stop, attempted, ...rest } = promotion;
      return {
        ...rest,
        phase: 'reconciling',
        commit: event.commit,
        committedAt: at,
        progress: {},
      };
    }
    default:
      return unheardOf(event);
  }
}

function afterCommit(
  promotion: ActivePromotion,
  event: PromotionEventOf<
    'reconcileRequested' | 'targetApplied' | 'targetBlocked' | 'succeeded'
  >,
): Promotion {
  if (promotion.phase !== 'reconciling' && promotion.phase !== 'verifying') {
    return promotion;
  }
  switch (event.type) {
    case 'reconcileRequested': {
      const { at, outcome, message } = event;
      return progressed(promotion, event.target, before => ({
        ...before,
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
        blocked:
          before.blocked?.problem.code === event.problem.code
            ? before.blocked
            : { problem: event.problem, since: event.at },
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
