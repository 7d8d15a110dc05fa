// SPDX-License-Identifier: Apache-2.0
import { canBeTakenBack, type CanaryRun } from '../canary/run/canaryRun';
import { allPassed, evaluateGates } from '../gates/evaluateGates';
import type { GateVerdict } from '../gates/verdict';
import { haveOverlays } from '../pipeline/pipeline';
import type { ReleaseImage } from '../release/release';
import { later, type Instant, type Milliseconds } from '../time';
import { chooseColours, retirementOf } from './blueGreen';
import { canonicalJson } from './canonicalJson';
import { declares } from './declares';
import type { PromotionEvent } from './events';
import type { Facts } from './facts';
import {
  owesAnalysis,
  PORTAL_ACTOR,
  targetKey,
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
        runToBeTakenBack(promotion, facts) ??
        coloursToChoose(promotion, facts) ??
        writeCommit(promotion, facts)
      );
    case 'reconciling':
    case 'verifying':
      return followTargets(promotion, facts);
    case 'succeeded':
    case 'failed':
    case 'cancelled':
    case 'superseded':
    case 'rejected':
      if (owesAnalysis(promotion)) return restoreAnalysis(promotion);
      return retireColours(promotion, facts) ?? { kind: 'finished' };
    default:
      return unheardOf(promotion);
  }
}

type BeforeCommit = Extract<ActivePromotion, { phase: 'waiting' | 'writing' }>;

/** How soon to look again at something that does not call back. */
const LOOK_AGAIN: Milliseconds = 10_000;

/** How long an engine may need to take its canary back: some looks, and its own work. */
const TAKING_BACK: Milliseconds = 30_000;
const TAKING_BACK_LOOKS = 3;

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
        'stage' in gate ? [{ on: 'stage', stage: gate.stage }] : [],
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

/**
 * Going back in Git while an engine tests a version is not seen by it: the run would go on and end
 * as a success (seen in Flagger 1.44). So the engine first takes its canary back, which it does at
 * its next looks, and then Git follows. An engine that does not is not waited for.
 */
function runToBeTakenBack(
  promotion: BeforeCommit,
  facts: Facts,
): Step | undefined {
  if (promotion.kind !== 'rollback') return undefined;
  for (const target of promotion.declaration.targets) {
    const key = targetKey(target);
    const state = facts.targets[key]?.state;
    const run = state?.canary;
    const isLive = state?.freshness.state === 'live';
    if (!run || !isLive || !canBeTakenBack(run)) continue;
    if (!run.asks.includes('rollback')) continue;
    const until = later(
      promotion.requestedAt,
      TAKING_BACK + TAKING_BACK_LOOKS * run.interval,
    );
    if (until <= facts.now) continue;
    return wait(
      [
        { on: 'cluster', cluster: target.cluster },
        { on: 'time', at: until },
      ],
      {
        target: key,
        code: 'canaryTakingBack',
        text: `Flagger is taking the canary in ${target.cluster} back; then Git follows.`,
        owners: [],
        expected: until,
      },
    );
  }
  return undefined;
}

/** Chosen and recorded before anything is written, so that every attempt means the same colours. */
function coloursToChoose(
  promotion: BeforeCommit,
  facts: Facts,
): Step | undefined {
  const { declaration, colours } = promotion;
  if (!declaration.blueGreen) return undefined;
  const chosen = chooseColours(promotion, facts.targets);
  if (typeof chosen === 'string') {
    return wait(
      [
        lookAgain(facts),
        ...declaration.targets.map(
          ({ cluster }): Wake => ({ on: 'cluster', cluster }),
        ),
      ],
      { code: 'coloursUnknown', text: chosen, owners: [], problem: true },
    );
  }
  const { choices, atOnce } = chosen;
  const isSame =
    colours?.atOnce === atOnce &&
    canonicalJson(colours.choices) === canonicalJson(choices);
  return isSame
    ? undefined
    : record({ ...byPortal(facts), type: 'coloursChosen', choices, atOnce });
}

function writeCommit(promotion: BeforeCommit, facts: Facts): Step {
  const { declaration, release, colours } = promotion;
  return {
    kind: 'perform',
    effect: {
      kind: 'writeCommit',
      promotion: promotion.id,
      fleet: declaration.fleet,
      // Where devices have an overlay each, the wave gives them the release.
      targets: haveOverlays(declaration.targets) ? [] : declaration.targets,
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
      hurry: hurries(promotion, facts),
      ...(declaration.blueGreen &&
        colours && {
          colours: { choices: colours.choices, atOnce: colours.atOnce },
        }),
    },
  };
}

/** What is not seen may compare, and then a fault would wait for it; Git knows which engines there are. */
function hurries(promotion: BeforeCommit, facts: Facts): boolean {
  if (promotion.mode !== 'fast') return false;
  return promotion.declaration.targets.some(target => {
    const state = facts.targets[targetKey(target)]?.state;
    if (state?.freshness.state !== 'live') return true;
    return (
      state.canary !== undefined &&
      wouldCompare(state.canary, wantedImages(promotion))
    );
  });
}

/** After a failure the engine takes the stable version back without a run (seen in Flagger 1.44). */
function wouldCompare(
  { phase, stable }: CanaryRun,
  images: readonly ReleaseImage[],
): boolean {
  return !(phase === 'failed' && declares(stable ?? [], images));
}

/**
 * By the promotion that caused it, however it ended: a success is not held up by it, a failure does
 * not leave it behind, and one that gave way has it done beside the newer one.
 */
function restoreAnalysis(promotion: Promotion): Step {
  const { id, declaration, service, stage } = promotion;
  const { fleet, targets } = declaration;
  return {
    kind: 'perform',
    effect: {
      kind: 'restoreAnalysis',
      promotion: id,
      fleet,
      targets,
      service,
      stage,
    },
  };
}

/** A debt like that of the analysis; what it costs to wait with it is pods, so it may wait. */
function retireColours(promotion: Promotion, facts: Facts): Step | undefined {
  const retirement = retirementOf(promotion);
  if (!retirement) return undefined;
  const { at, since, colours } = retirement;
  if (at > facts.now) {
    return { kind: 'wait', wake: [{ on: 'time', at }], unmet: [] };
  }
  const { id, declaration, service, stage } = promotion;
  return {
    kind: 'perform',
    effect: {
      kind: 'retireColours',
      promotion: id,
      since,
      fleet: declaration.fleet,
      targets: declaration.targets.flatMap(target => {
        const colour = colours[targetKey(target)];
        return colour ? [{ target, colour }] : [];
      }),
      service,
      stage,
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
