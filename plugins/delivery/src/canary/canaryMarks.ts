// SPDX-License-Identifier: Apache-2.0
import type {
  CanaryTargetView,
  CanaryVerdictView,
  CanaryView,
} from '@causeway/plugin-delivery-common';
import type { MarkKey } from '@causeway/plugin-delivery-react';
import type { Translate } from '../translation';

/** A shape with its word. */
export interface Mark {
  readonly state: MarkKey;
  readonly word: string;
}

type Outcome = NonNullable<CanaryView['outcome']>;
type Step = CanaryTargetView['steps'][number];

const outcomeShapes: Readonly<Record<Outcome, MarkKey>> = {
  promoted: 'ok',
  fastPromoted: 'bypass',
  rolledBack: 'back',
  aborted: 'back',
  superseded: 'skip',
  neverRan: 'skip',
  failed: 'bad',
};

/** How a canary ended. An outcome that these pages do not know yet is shown by its own name. */
export function outcomeMark(outcome: string, t: Translate): Mark {
  return isOutcome(outcome)
    ? { state: outcomeShapes[outcome], word: t(`canary.outcome.${outcome}`) }
    : { state: 'unsure', word: outcome };
}

function isOutcome(outcome: string): outcome is Outcome {
  return outcome in outcomeShapes;
}

/**
 * What one canary does now; in the past tense when that is only its last word.
 *
 * @param now - milliseconds since 1970
 * @param isPast - what is known is too old, or the cluster can not be seen
 */
export function situationMark(
  view: CanaryView,
  target: CanaryTargetView | undefined,
  { now, isPast }: { readonly now: number; readonly isPast: boolean },
  t: Translate,
): Mark {
  if (view.outcome) return outcomeMark(view.outcome, t);
  if (!target?.phase) return { state: 'wait', word: t('canary.now.notBegun') };
  const weight = { weight: String(target.weight) };
  if (isPast) return { state: 'stale', word: t('canary.now.out', weight) };
  if (target.phase === 'failed' || target.phase === 'terminating') {
    return { state: 'back', word: t('canary.now.failing') };
  }
  if (view.paused)
    return { state: 'hold', word: t('canary.now.paused', weight) };
  if (target.suspended) {
    return { state: 'hold', word: t('canary.now.suspended') };
  }
  switch (target.phase) {
    case 'waiting':
      return { state: 'wait', word: t('canary.now.waiting') };
    case 'waitingPromotion':
      return { state: 'wait', word: t('canary.now.lastWord') };
    case 'promoting':
    case 'finalising':
      return { state: 'run', word: t('canary.now.finishing') };
    case 'progressing':
      return isSoaking(target, now)
        ? { state: 'run', word: t('canary.now.soaking', weight) }
        : { state: 'wait', word: t('canary.now.soaked', weight) };
    default:
      return { state: 'wait', word: t('canary.now.notBegun') };
  }
}

function isSoaking(target: CanaryTargetView, now: number): boolean {
  const until = target.steps.find(({ state }) => state === 'current')?.until;
  return until !== undefined && Date.parse(until) > now;
}

/**
 * What the judge says. Only "go on" with every condition met is a tick: as long as one is open the
 * judge is not sure, and no verdict is never a good one. Of a canary that has ended the last word
 * keeps its shape; of one that can not be seen now it loses it.
 */
export function verdictMark(
  verdict: CanaryVerdictView | undefined,
  known: 'now' | 'isOver' | 'isPast',
  t: Translate,
): Mark {
  const mark = presentVerdict(verdict, t);
  if (known === 'now' || !verdict) return mark;
  return {
    state: known === 'isPast' ? 'stale' : mark.state,
    word: t('canary.verdict.was', { word: mark.word }),
  };
}

function presentVerdict(
  verdict: CanaryVerdictView | undefined,
  t: Translate,
): Mark {
  switch (verdict?.decision) {
    case undefined:
      return { state: 'unsure', word: t('canary.verdict.notJudged') };
    case 'rollBack':
      return { state: 'bad', word: t('canary.verdict.rollBack') };
    case 'hold':
      return { state: 'hold', word: t('canary.verdict.hold') };
    default:
      return verdict?.gates.every(({ open }) => open)
        ? { state: 'ok', word: t('canary.verdict.goOn') }
        : { state: 'unsure', word: t('canary.verdict.watching') };
  }
}

/** Where a step stands; of an ended canary also on which step it was taken back. */
export function stepMark(
  step: Step,
  {
    isLastTaken,
    outcome,
    isPast,
  }: {
    readonly isLastTaken: boolean;
    readonly outcome: CanaryView['outcome'];
    readonly isPast: boolean;
  },
  t: Translate,
): Mark {
  switch (step.state) {
    case 'current':
      return isPast
        ? { state: 'stale', word: t('canary.step.was') }
        : { state: 'run', word: t('canary.step.current') };
    case 'done':
      return isLastTaken && (outcome === 'rolledBack' || outcome === 'aborted')
        ? { state: 'back', word: t('canary.step.backHere') }
        : { state: 'ok', word: t('canary.step.done') };
    case 'notReached':
      return { state: 'skip', word: t('canary.step.notReached') };
    default:
      return { state: 'todo', word: t('canary.step.planned') };
  }
}
