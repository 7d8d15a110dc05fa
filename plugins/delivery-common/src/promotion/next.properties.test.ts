// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { allPassed, evaluateGates } from '../gates/evaluateGates';
import { unknown } from '../gates/known';
import {
  anyFacts,
  happened,
  kindFacts,
  reachableHistories,
} from './__fixtures__/walks';
import { after, approvedByJonas, at } from './__fixtures__/story';
import type { PromotionEvent } from './events';
import { evolve, fold } from './fold';
import type { Facts } from './facts';
import { next } from './next';
import { isActive, phases, type Phase, type Promotion } from './promotion';

const reachable = reachableHistories.map(events => after(...events));
const runs = { numRuns: 1_000 };

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
    const byPeopleOnly: readonly string[] = ['superseded', 'rejected'];
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
          gates: { stages: {}, members: {} },
          commit: unknown(at(0), '-'),
          targets: {},
          predecessorsSettled: true,
        };
        const step = next(promotion, blind);
        if (step.kind === 'record') {
          // A person's stop before anything was tried, and a rollback that has no gates to ask.
          expect(['cancelled', 'gatesPassed']).toContain(step.event.type);
          if (step.event.type === 'gatesPassed') {
            expect(promotion.kind).toBe('rollback');
          }
        } else {
          expect(['wait', 'finished']).toContain(step.kind);
        }
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
        for (const wake of step.wake) {
          if (wake.on === 'time') expect(wake.at > facts.now).toBe(true);
        }
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
