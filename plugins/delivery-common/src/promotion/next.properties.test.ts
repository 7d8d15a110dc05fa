// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import type { CanaryDecision } from '../canary/judge/judgeCanary';
import type { CanaryPhase } from '../canary/run/canaryRun';
import type { Freshness } from '../cluster/freshness';
import { allPassed, evaluateGates } from '../gates/evaluateGates';
import { noGateFacts } from '../gates/facts';
import { known, unknown, type Known } from '../gates/known';
import {
  aDeclaration,
  after,
  approvedByJonas,
  aRun,
  aTarget,
  aTargetFact,
  at,
  commitSha,
  facts as goodFacts,
  imageOf,
  jonas,
  leads,
  mia,
  omar,
  requested,
  soaked,
} from './__fixtures__/story';
import type { PromotionEvent } from './events';
import type { Facts } from './facts';
import { evolve, fold } from './fold';
import { next } from './next';
import type { Step } from './step';
import {
  isActive,
  phases,
  PORTAL_ACTOR,
  targetKey,
  type Phase,
  type Promotion,
} from './promotion';

const targets = [
  aTarget('edge-production', 'jetson'),
  aTarget('cloud-production'),
];
const declaration = aDeclaration({ targets });

function maybe<T>(value: fc.Arbitrary<T>): fc.Arbitrary<Known<T>> {
  return fc.oneof(
    { weight: 4, arbitrary: value.map(known) },
    { weight: 1, arbitrary: fc.constant(unknown<T>(at(0), 'Nobody answers.')) },
  );
}

const freshness: fc.Arbitrary<Freshness> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constant({ state: 'live' as const, seenAt: at(1) }),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      { state: 'stale' as const, since: at(1), problem: 'Silent.' },
      { state: 'unreachable' as const, since: at(1), problem: 'Refused.' },
      { state: 'forbidden' as const, since: at(1), problem: 'No.' },
      { state: 'never' as const, since: at(1) },
    ),
  },
);

const contains = fc.constantFrom(true, true, false, undefined);

const flux = fc.constantFrom(
  {},
  {},
  { suspended: true },
  { stalled: 'AccessDenied' },
  { ready: 'False' as const, reason: 'BuildFailed' },
  { ready: 'False' as const, reason: 'ReconciliationFailed' },
  { ready: 'Unknown' as const },
);

const workload = fc.constantFrom(
  {},
  {},
  { health: 'degraded' as const },
  { health: 'missing' as const },
  { observed: false },
  { images: [] },
  { replicas: { desired: 3, updated: 1, ready: 3, available: 3 } },
);

const canary = fc.oneof(
  { weight: 24, arbitrary: fc.constant(undefined) },
  {
    weight: 1,
    arbitrary: fc
      .record({
        phase: fc.constantFrom<CanaryPhase>(
          'initializing',
          'idle',
          'waiting',
          'progressing',
          'waitingPromotion',
          'promoting',
          'failed',
        ),
        weight: fc.constantFrom(0, 5, 25, 100),
        suspended: fc.constantFrom(false, false, true),
        stable: fc.constantFrom([imageOf(0)], [imageOf(1)], undefined),
        declared: fc.constantFrom([imageOf(1)], [imageOf(1)], [imageOf(2)]),
      })
      .map(change => aRun(change)),
  },
);

const verdict = maybe(
  fc.constantFrom<CanaryDecision>('goOn', 'hold', 'rollBack').map(decision => ({
    decision,
    sentence: decision,
    faults: [],
    weight: 25,
    soaked: true,
  })),
);

/** Any facts at all, at a moment within an hour of the story. */
const anyFacts: fc.Arbitrary<Facts> = fc
  .record({
    second: fc.integer({ min: 0, max: 3_600 }),
    declaration: maybe(
      fc.constantFrom(
        declaration,
        declaration,
        declaration,
        aDeclaration({ targets, gates: [] }),
        undefined,
      ),
    ),
    stage: maybe(
      fc.constantFrom(
        soaked(),
        soaked(),
        soaked({ soaked: 1_000 }),
        soaked({ health: 'unhealthy', soaked: 0 }),
        undefined,
      ),
    ),
    member: maybe(fc.constantFrom(true, true, true, false)),
    commit: maybe(
      fc.constantFrom(undefined, undefined, {
        sha: commitSha,
        branch: 'main',
        changed: true,
      }),
    ),
    shown: fc.tuple(
      ...targets.map(target =>
        fc
          .record({
            freshness,
            flux,
            workload,
            canary,
            appliedContains: contains,
            attemptedContains: contains,
          })
          .map(shown => aTargetFact({ target, ...shown })),
      ),
    ),
    verdicts: fc.tuple(...targets.map(() => verdict)),
    predecessorsSettled: fc.constantFrom(true, true, true, false),
  })
  .map(({ second, stage, member, shown, verdicts, ...rest }) => ({
    ...rest,
    now: at(second),
    gates: {
      stages: { 'cloud-staging': stage },
      members: { [`${jonas} in ${leads}`]: member },
      drills: {},
      devices: {},
    },
    targets: Object.fromEntries(
      shown.map(fact => [targetKey(fact.state.target), fact]),
    ),
    verdicts: Object.fromEntries(
      targets.map((target, index) => [targetKey(target), verdicts[index]]),
    ),
  }));

/** Facts of a world in which all goes well for the promotion. */
function kindFacts(promotion: Promotion): Facts {
  return goodFacts({
    now: at(4_000),
    declaration: known(promotion.declaration),
    targets: Object.fromEntries(
      promotion.declaration.targets.map(target => [
        targetKey(target),
        aTargetFact({ target }),
      ]),
    ),
  });
}

/** What is recorded of a step that was carried out; undefined for waiting and finished. */
function happened(
  promotion: Promotion,
  given: Facts,
): PromotionEvent | undefined {
  const step = next(promotion, given);
  if (step.kind === 'record') return step.event;
  if (step.kind !== 'perform') return undefined;
  const by = { at: given.now, actor: PORTAL_ACTOR };
  const { effect } = step;
  const commit = { sha: commitSha, branch: 'main', changed: true };
  switch (effect.kind) {
    case 'writeCommit':
      return {
        ...by,
        type: 'committed',
        commit: { ...commit, ...(effect.hurry && { skipsAnalysis: true }) },
      };
    case 'requestReconcile':
      return {
        ...by,
        type: 'reconcileRequested',
        target: targetKey(effect.target),
        token: effect.token,
        outcome: 'accepted',
      };
    default:
      return { ...by, type: 'analysisRestored', commit };
  }
}

/** A person's move at some moment. */
const human: fc.Arbitrary<PromotionEvent> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constant({
      type: 'approved' as const,
      at: at(2),
      actor: jonas,
      gates: ['approval by team-leads'],
    }),
  },
  {
    weight: 1,
    arbitrary: fc.constant({
      type: 'cancelRequested' as const,
      at: at(3),
      actor: mia,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.constant({
      type: 'superseded' as const,
      at: at(4),
      actor: omar,
      by: { promotion: 'promotion-2', kind: 'promotion' as const },
    }),
  },
);

/** Histories that can exist: walks along `next` through arbitrary facts, with people in between. */
const reachableHistories: fc.Arbitrary<readonly PromotionEvent[]> = fc
  .record({
    kind: fc.constantFrom(
      'promotion' as const,
      'promotion' as const,
      'rollback' as const,
    ),
    moves: fc.array(
      fc.oneof(
        { weight: 5, arbitrary: anyFacts },
        { weight: 2, arbitrary: human },
      ),
      { maxLength: 25 },
    ),
  })
  .map(({ kind, moves }) => {
    const mode = kind === 'rollback' ? { mode: 'fast' as const } : {};
    const events: PromotionEvent[] = [
      requested({ kind, declaration, ...mode }),
    ];
    for (const move of moves) {
      if ('type' in move) {
        events.push(move);
        continue;
      }
      const promotion = fold(events);
      const event = promotion && happened(promotion, move);
      if (event) events.push(event);
    }
    return events;
  });

const reachable = reachableHistories.map(events => after(...events));
const runs = { numRuns: 1_000 };

function sayStep(step: Step): string {
  return step.kind === 'perform' ? step.effect.kind : step.kind;
}

function writes(promotion: Promotion, facts: Facts): boolean {
  const step = next(promotion, facts);
  return step.kind === 'perform' && step.effect.kind === 'writeCommit';
}

describe('whatever happened before', () => {
  it('the walks reach every phase that a walk can reach, and writing often', () => {
    const seen = fc.sample(reachable, { numRuns: 3_000, seed: 7 });
    const counts = new Map<Phase, number>();
    for (const { phase } of seen)
      counts.set(phase, (counts.get(phase) ?? 0) + 1);
    const byPeopleOnly: readonly string[] = ['rejected'];
    for (const phase of Object.keys(phases)) {
      if (byPeopleOnly.includes(phase)) continue;
      expect(counts.get(phase as Phase) ?? 0).toBeGreaterThan(10);
    }
  });

  it('nothing is written while a gate is not passed, whatever was approved before', () => {
    fc.assert(
      fc.property(reachable, anyFacts, (promotion, facts) => {
        if (promotion.kind === 'rollback' || !writes(promotion, facts)) return;
        const verdicts = evaluateGates(promotion.declaration.gates, {
          question: promotion,
          facts: facts.gates,
          now: facts.now,
        });
        expect(allPassed(verdicts)).toBe(true);
      }),
      runs,
    );
  });

  it('nothing is written without having looked into Git first', () => {
    fc.assert(
      fc.property(reachable, anyFacts, (promotion, facts) => {
        if (!writes(promotion, facts)) return;
        expect(facts.commit).toEqual({ known: true, value: undefined });
      }),
      runs,
    );
  });

  it('facts that are not known never advance a promotion', () => {
    fc.assert(
      fc.property(reachable, promotion => {
        const blind: Facts = {
          now: at(9_999),
          declaration: unknown(at(0), '-'),
          gates: noGateFacts,
          commit: unknown(at(0), '-'),
          targets: {},
          verdicts: {},
          predecessorsSettled: true,
        };
        const step = next(promotion, blind);
        // A person's stop before anything was tried, and a rollback that has no gates to ask.
        const harmless = [
          'wait',
          'finished',
          'promotion cancelled',
          'rollback cancelled',
          'rollback gatesPassed',
          // Needs no fact: Git is looked into when it is done.
          'restoreAnalysis',
        ];
        expect(harmless).toContain(
          step.kind === 'record'
            ? `${promotion.kind} ${step.event.type}`
            : sayStep(step),
        );
      }),
      runs,
    );
  });

  it('the same promotion and facts give the same step', () => {
    fc.assert(
      fc.property(reachable, anyFacts, (promotion, facts) => {
        const frozen = structuredClone({ promotion, facts });
        expect(next(promotion, facts)).toEqual(
          next(frozen.promotion, frozen.facts),
        );
      }),
      runs,
    );
  });

  it('every wait names a wake that can come, and says what is missing', () => {
    fc.assert(
      fc.property(reachable, anyFacts, (promotion, facts) => {
        const step = next(promotion, facts);
        if (step.kind !== 'wait') return;
        expect(step.unmet.length).toBeGreaterThan(0);
        const past = step.wake.filter(
          wake => wake.on === 'time' && wake.at <= facts.now,
        );
        expect(past).toEqual([]);
      }),
      runs,
    );
  });

  it('an effect recorded twice is the same as recorded once', () => {
    fc.assert(
      fc.property(reachableHistories, events => {
        const twice = events.flatMap((event): PromotionEvent[] =>
          event.type === 'committed' || event.type === 'reconcileRequested'
            ? [event, { ...event, at: at(9_999) }]
            : [event],
        );
        expect(fold(twice)).toEqual(fold(events));
      }),
      runs,
    );
  });

  it('a recorded step changes the promotion, so it never turns in place', () => {
    fc.assert(
      fc.property(reachable, anyFacts, (promotion, facts) => {
        const event = happened(promotion, facts);
        if (!event) return;
        expect(evolve(promotion, event)).not.toEqual(promotion);
      }),
      runs,
    );
  });

  it('trap 6: what tells engines to skip their analysis is taken back, however the rollback ends', () => {
    fc.assert(
      fc.property(reachableHistories, anyFacts, (events, facts) => {
        const promotion = after(...events);
        const step = next(promotion, facts);
        const restores = sayStep(step) === 'restoreAnalysis';
        const owes =
          !isActive(promotion) &&
          'commit' in promotion &&
          promotion.commit?.skipsAnalysis === true &&
          !events.some(({ type }) => type === 'analysisRestored');
        const hurries =
          step.kind === 'perform' &&
          step.effect.kind === 'writeCommit' &&
          Boolean(step.effect.hurry);
        expect(restores && isActive(promotion)).toBe(false);
        expect(owes && !restores).toBe(false);
        expect(hurries && promotion.kind === 'promotion').toBe(false);
      }),
      runs,
    );
  });

  it('a promotion comes to an end once the world is kind and people agree', () => {
    fc.assert(
      fc.property(reachable, reached => {
        let promotion: Promotion | undefined = reached;
        for (
          let turn = 0;
          turn < 20 && promotion && isActive(promotion);
          turn++
        ) {
          const event = happened(promotion, kindFacts(promotion));
          promotion = evolve(promotion, event ?? approvedByJonas);
        }
        expect(promotion && isActive(promotion)).toBe(false);
      }),
      runs,
    );
  });
});
