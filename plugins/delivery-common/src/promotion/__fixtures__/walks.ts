// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import type { Freshness } from '../../cluster/freshness';
import { known, unknown, type Known } from '../../gates/known';
import type { PromotionEvent } from '../events';
import type { Facts } from '../facts';
import { fold } from '../fold';
import { next } from '../next';
import { PORTAL_ACTOR, targetKey, type Promotion } from '../promotion';
import {
  aDeclaration,
  aTarget,
  aTargetFact,
  at,
  commitSha,
  facts,
  jonas,
  leads,
  mia,
  requested,
  soaked,
} from './story';

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

/** Any facts at all, at a moment within an hour of the story. */
export const anyFacts: fc.Arbitrary<Facts> = fc
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
            appliedContains: contains,
            attemptedContains: contains,
          })
          .map(shown => aTargetFact({ target, ...shown })),
      ),
    ),
    predecessorsSettled: fc.constantFrom(true, true, true, false),
  })
  .map(({ second, stage, member, shown, ...rest }) => ({
    ...rest,
    now: at(second),
    gates: {
      stages: { 'cloud-staging': stage },
      members: { [`${jonas} in ${leads}`]: member },
    },
    targets: Object.fromEntries(
      shown.map(fact => [targetKey(fact.state.target), fact]),
    ),
  }));

/** Facts of a world in which all goes well for the promotion. */
export function kindFacts(promotion: Promotion): Facts {
  return facts({
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
export function happened(
  promotion: Promotion,
  given: Facts,
): PromotionEvent | undefined {
  const step = next(promotion, given);
  if (step.kind === 'record') return step.event;
  if (step.kind !== 'perform') return undefined;
  const by = { at: given.now, actor: PORTAL_ACTOR };
  return step.effect.kind === 'writeCommit'
    ? {
        ...by,
        type: 'committed',
        commit: { sha: commitSha, branch: 'main', changed: true },
      }
    : {
        ...by,
        type: 'reconcileRequested',
        target: targetKey(step.effect.target),
        token: step.effect.token,
        outcome: 'accepted',
      };
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
);

/** Histories that can exist: walks along `next` through arbitrary facts, with people in between. */
export const reachableHistories: fc.Arbitrary<readonly PromotionEvent[]> = fc
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
    const events: PromotionEvent[] = [requested({ kind, declaration })];
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
