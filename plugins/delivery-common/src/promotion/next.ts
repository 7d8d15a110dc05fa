// SPDX-License-Identifier: Apache-2.0
import { allPassed, evaluateGates } from '../gates/evaluateGates';
import type { GateVerdict } from '../gates/verdict';
import { later, type Instant, type Milliseconds } from '../time';
import { canonicalJson } from './canonicalJson';
import type { PromotionEvent } from './events';
import type { Facts } from './facts';
import {
  PORTAL_ACTOR,
  wantedImages,
  type ActivePromotion,
  type Declaration,
  type Promotion,
} from './promotion';
import { followTargets } from './followTargets';
import type { Step, Unmet, Wake } from './step';

/**
 * The one next step of a promotion. Total and pure: the same promotion and facts give the same step.
 *
 * Order inside a phase is policy: what Git or a cluster already shows is recorded first; then a
 * human's stop; then the world; then progress. Gates are asked again in `writing`, right before the
 * commit. Facts that are not known hold a promotion and never move it.
 */
export function next(promotion: Promotion, facts: Facts): Step {
  switch (promotion.phase) {
    case 'waiting':
      return (
        commitFound(promotion, facts) ??
        stopped(promotion, facts) ??
        predecessorAtWork(facts) ??
        declarationChanged(promotion, facts) ??
        openGates(promotion, facts)
      );
    case 'writing':
      return (
        commitFound(promotion, facts) ??
        stopped(promotion, facts) ??
        predecessorAtWork(facts) ??
        declarationChanged(promotion, facts) ??
        closedGate(promotion, facts) ??
        writeCommit(promotion)
      );
    case 'reconciling':
    case 'verifying':
      return followTargets(promotion, facts);
    case 'succeeded':
    case 'failed':
    case 'cancelled':
    case 'superseded':
    case 'rejected':
      return { kind: 'finished' };
    default:
      return unheardOf(promotion);
  }
}

type BeforeCommit = Extract<ActivePromotion, { phase: 'waiting' | 'writing' }>;

/** How soon to look again at something that does not call back. */
const LOOK_AGAIN: Milliseconds = 10_000;

/** A commit of an earlier attempt counts, whatever was decided since. Not knowing holds. */
function commitFound(promotion: BeforeCommit, facts: Facts): Step | undefined {
  if (!promotion.attempted) return undefined;
  const { commit } = facts;
  if (!commit.known) {
    return wait([lookAgain(facts)], {
      code: 'fleetUnreachable',
      text: commit.problem,
      owners: [],
      since: commit.since,
      problem: true,
    });
  }
  return commit.value
    ? record({ ...byPortal(facts), type: 'committed', commit: commit.value })
    : undefined;
}

/** Reached only when Git shows that nothing was written. */
function stopped({ stop }: BeforeCommit, facts: Facts): Step | undefined {
  if (!stop) return undefined;
  return record({
    type: 'cancelled',
    at: facts.now,
    actor: stop.by,
    ...(stop.reason && { reason: stop.reason }),
  });
}

/** A promotion that gave way may be pushing at this moment; writing before it would be undone. */
function predecessorAtWork(facts: Facts): Step | undefined {
  if (facts.predecessorsSettled) return undefined;
  return wait([{ on: 'time', at: later(facts.now, 250) }], {
    code: 'predecessorAtWork',
    text: 'The promotion that gave way is finishing its last step.',
    owners: [],
  });
}

/**
 * What was agreed to must still be what the pipeline document says. A rollback keeps what it was
 * asked with: a document that broke or changed must not stand between a fault and its repair.
 */
function declarationChanged(
  promotion: BeforeCommit,
  facts: Facts,
): Step | undefined {
  if (promotion.kind === 'rollback') return undefined;
  const { declaration } = facts;
  if (!declaration.known) {
    return wait([{ on: 'pipeline' }, lookAgain(facts)], {
      code: 'pipelineUnknown',
      text: declaration.problem,
      owners: [promotion.service],
      since: declaration.since,
      problem: true,
    });
  }
  if (!declaration.value) {
    return record({
      ...byPortal(facts),
      type: 'failed',
      problem: {
        code: 'stageGone',
        message: `The pipeline document no longer has a stage ${promotion.stage} with targets.`,
        hint: 'Nothing was written. Promote to a stage that exists.',
      },
    });
  }
  if (agreed(declaration.value) === agreed(promotion.declaration)) {
    return undefined;
  }
  return record({
    ...byPortal(facts),
    type: 'reconfigured',
    declaration: declaration.value,
    withdrawn: promotion.approvals.map(({ by }) => by),
  });
}

/** What an approval covers; a title may change without asking anybody. */
function agreed(declaration: Declaration): string {
  const { stageTitle, stageKind, ...rest } = declaration;
  return canonicalJson(rest);
}

function openGates(promotion: BeforeCommit, facts: Facts): Step {
  const verdicts = ask(promotion, facts);
  if (allPassed(verdicts))
    return record({ ...byPortal(facts), type: 'gatesPassed', verdicts });
  const open = verdicts.filter(verdict => !allPassed([verdict]));
  return {
    kind: 'wait',
    wake: [
      { on: 'decision' },
      { on: 'pipeline' },
      ...open.flatMap(({ expected }): Wake[] =>
        expected ? [{ on: 'time', at: expected }] : [],
      ),
      ...promotion.declaration.gates.flatMap((gate): Wake[] =>
        gate.kind === 'soak' ? [{ on: 'stage', stage: gate.stage }] : [],
      ),
    ],
    unmet: open.map(unmetGate),
  };
}

function unmetGate(verdict: GateVerdict): Unmet {
  const { gate, code, reason, owners, since, expected } = verdict;
  return {
    gate,
    code,
    text: reason,
    owners,
    ...(since && { since }),
    ...(expected && { expected }),
  };
}

function closedGate(promotion: BeforeCommit, facts: Facts): Step | undefined {
  const verdicts = ask(promotion, facts);
  return allPassed(verdicts)
    ? undefined
    : record({ ...byPortal(facts), type: 'gateClosed', verdicts });
}

/** The gates' answers now. A rollback has no gates. */
function ask(promotion: BeforeCommit, facts: Facts): readonly GateVerdict[] {
  if (promotion.kind === 'rollback') return [];
  return evaluateGates(promotion.declaration.gates, {
    question: promotion,
    facts: facts.gates,
    now: facts.now,
  });
}

function writeCommit(promotion: BeforeCommit): Step {
  const { declaration, release } = promotion;
  return {
    kind: 'perform',
    effect: {
      kind: 'writeCommit',
      promotion: promotion.id,
      fleet: declaration.fleet,
      targets: declaration.targets,
      images: wantedImages(promotion),
      message: {
        kind: promotion.kind,
        service: promotion.service,
        stage: promotion.stage,
        version: release.version,
        requestedBy: promotion.requestedBy,
        approvedBy: promotion.approvals.map(({ by }) => by),
        ...(promotion.reason && { reason: promotion.reason }),
      },
    },
  };
}

/** Signs a step of the portal itself, at the moment of the facts. */
function byPortal(facts: Facts): {
  readonly at: Instant;
  readonly actor: string;
} {
  return { at: facts.now, actor: PORTAL_ACTOR };
}

function record(event: PromotionEvent): Step {
  return { kind: 'record', event };
}

function wait(wake: readonly [Wake, ...Wake[]], unmet: Unmet): Step {
  return { kind: 'wait', wake, unmet: [unmet] };
}

function lookAgain(facts: Facts): Wake {
  return { on: 'time', at: later(facts.now, LOOK_AGAIN) };
}

function unheardOf(promotion: never): never {
  throw new TypeError(`Unknown promotion ${JSON.stringify(promotion)}`);
}
