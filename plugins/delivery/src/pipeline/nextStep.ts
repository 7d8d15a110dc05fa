// SPDX-License-Identifier: Apache-2.0
import type {
  AllowedAction,
  Reason,
  ReleaseRef,
  StageView,
} from '@causeway/plugin-delivery-common';
import type { OpenDialog } from './openDialog';

/** The one thing a stage offers. Whether it may be done was decided by the backend. */
export type NextStep =
  | {
      readonly kind: 'review';
      readonly promotion: string;
      readonly release?: ReleaseRef;
    }
  | {
      readonly kind: 'follow';
      readonly promotion: string;
      readonly release: ReleaseRef;
    }
  | {
      readonly kind: 'promote';
      readonly release: ReleaseRef;
      /** Every unmet reason; empty when it may be done. */
      readonly reasons: readonly Reason[];
    };

/**
 * Chooses the one action of a stage: what waits for the person who looks, then what moves, then
 * what could be started. A stage without any of these has no button; its sentence says what is next.
 */
export function nextStep(stage: StageView): NextStep | undefined {
  const approve = actionOf(stage, 'approve');
  if (approve?.allowed && approve.promotion) {
    return {
      kind: 'review',
      promotion: approve.promotion,
      release: approve.release ?? stage.active?.release,
    };
  }
  if (stage.active) {
    return {
      kind: 'follow',
      promotion: stage.active.id,
      release: stage.active.release,
    };
  }
  const promote = actionOf(stage, 'promote');
  const release = promote?.release ?? stage.candidate;
  if (!promote || !release) return undefined;
  return {
    kind: 'promote',
    release,
    reasons: promote.allowed ? [] : promote.reasons,
  };
}

/** The dialog that a stage opens: that of its one action, or else its last promotion. */
export function stageDialog(stage: StageView): OpenDialog | undefined {
  const step = nextStep(stage);
  switch (step?.kind) {
    case 'review':
    case 'follow':
      return { kind: 'promotion', id: step.promotion };
    case 'promote':
      return { kind: 'promote', stage: stage.name, release: step.release.id };
    default:
      return stage.last && { kind: 'promotion', id: stage.last.id };
  }
}

/** What the backend said about one action; an allowed one before one that is not. */
export function actionOf(
  stage: StageView,
  action: AllowedAction['action'],
): AllowedAction | undefined {
  const offered = stage.allowedActions.filter(each => each.action === action);
  return offered.find(each => each.allowed) ?? offered[0];
}
