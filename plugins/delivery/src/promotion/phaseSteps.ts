// SPDX-License-Identifier: Apache-2.0
import type {
  PromotionDetail,
  StateKey,
} from '@causeway/plugin-delivery-common';

/** One step of a promotion's road, with when it was done. */
export interface PhaseStep {
  readonly step: Step;
  readonly state: StateKey;
  /** When it was done or where it ended; undefined while it is not. */
  readonly at?: string;
}

type Step = 'requested' | 'waiting' | 'writing' | 'reconciling' | 'verifying';
type Events = PromotionDetail['events'];
type Promotion = PromotionDetail['promotion'];

/** The steps in order. */
const steps: readonly Step[] = [
  'requested',
  'waiting',
  'writing',
  'reconciling',
  'verifying',
];

/** The mark of the step in which a promotion ended without success. */
const endings = {
  failed: 'bad',
  rejected: 'bad',
  cancelled: 'skip',
  superseded: 'skip',
} as const satisfies Record<
  Exclude<Promotion['phase'], 'succeeded' | Step>,
  StateKey
>;

/**
 * How far a promotion has come, step by step. Times are those of the events: a step is done when the
 * event that ends it happened. The gates of a rollback are not asked.
 */
export function phaseSteps(detail: PromotionDetail): readonly PhaseStep[] {
  const { promotion, events } = detail;
  const done: Record<Step, string | undefined> = {
    requested: promotion.requestedAt,
    waiting: lastOf(events, 'gatesPassed') ?? lastOf(events, 'committed'),
    writing: lastOf(events, 'committed'),
    reconciling: reconciledAt(promotion, events),
    verifying: lastOf(events, 'succeeded'),
  };
  const isSkipped = (step: Step) =>
    step === 'waiting' && promotion.kind === 'rollback';
  const current = steps.find(
    step => !isSkipped(step) && done[step] === undefined,
  );
  return steps.map(step => {
    if (isSkipped(step)) return { step, state: 'skip' };
    const at = done[step];
    if (at !== undefined) return { step, state: 'ok', at };
    if (step !== current) return { step, state: 'todo' };
    return { step, ...currentState(promotion) };
  });
}

function currentState(promotion: Promotion): Pick<PhaseStep, 'state' | 'at'> {
  switch (promotion.phase) {
    case 'failed':
    case 'rejected':
    case 'cancelled':
    case 'superseded':
      return { state: endings[promotion.phase], at: promotion.finishedAt };
    default:
      return { state: promotion.state.key };
  }
}

/** Flux is done when every target was applied; the rollout is waited for afterwards. */
function reconciledAt(promotion: Promotion, events: Events) {
  const isBeyond =
    promotion.phase === 'verifying' || promotion.phase === 'succeeded';
  if (!isBeyond) return undefined;
  return (
    lastOf(events, 'targetApplied') ??
    lastOf(events, 'succeeded') ??
    lastOf(events, 'committed')
  );
}

function lastOf(events: Events, type: string): string | undefined {
  return events.filter(event => event.type === type).at(-1)?.at;
}
