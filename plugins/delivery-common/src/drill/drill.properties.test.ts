// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { later } from '../time';
import {
  aCandidate,
  aDrill,
  at,
  away,
  sight,
  well,
} from './__fixtures__/drills';
import { drillCatalogue } from './catalogue';
import type { Drill, DrillSight } from './drill';
import { siteBudget, siteKey, whyNotDrill } from './mayDrill';
import {
  afterDrillEffect,
  nextDrillStep,
  usualDrillPatience,
  type DrillEffectResult,
} from './nextDrillStep';

const sights: readonly DrillSight[] = [
  {},
  sight(),
  sight(away),
  sight(well(), away),
  sight(well({ health: 'critical', healthReason: 'Storage is full.' })),
  sight(well({ temperature: { value: 99, critical: 95 }, processors: 97 })),
  sight(well({ pods: {} })),
];
const results: readonly DrillEffectResult[] = [
  { kind: 'done' },
  { kind: 'done' },
  { kind: 'failed', problem: 'No answer.' },
  { kind: 'refused', problem: 'There is no such device.' },
];

interface Look {
  /** Seconds since the one before. */
  readonly after: number;
  readonly sight: DrillSight;
  readonly result: DrillEffectResult;
  readonly abort: boolean;
  /** The process dies after the effect, before it is written down. */
  readonly dies: boolean;
}

const look: fc.Arbitrary<Look> = fc.record({
  after: fc.oneof(
    { weight: 12, arbitrary: fc.integer({ min: 1, max: 60 }) },
    { weight: 1, arbitrary: fc.integer({ min: 91, max: 9_000 }) },
  ),
  sight: fc.constantFrom(...sights),
  result: fc.constantFrom(...results),
  abort: fc.integer({ min: 0, max: 40 }).map(lot => lot === 0),
  dies: fc.integer({ min: 0, max: 10 }).map(lot => lot === 0),
});
const kinds = fc.constantFrom(...drillCatalogue);
const course = fc.array(look, { minLength: 1, maxLength: 120 });

/** What is really true of the device, beside what the drill believes. */
interface Played {
  readonly drill: Drill;
  readonly isFaulty: boolean;
  /** Seconds of faults that held although the process looked at least every 90 s. */
  readonly longestFault: number;
}

function play(kind: (typeof drillCatalogue)[number], looks: readonly Look[]) {
  let drill = aDrill(kind);
  let isFaulty = false;
  let faultSince = 0;
  let seconds = 0;
  let longestFault = 0;
  const states: Played[] = [];
  for (const { after, sight: seen, result, abort, dies } of looks) {
    seconds += after;
    const now = at(seconds);
    if (abort && drill.phase !== 'over') {
      drill = { ...drill, abort: { by: 'omar', at: now, reason: 'Stop.' } };
    }
    const turn = nextDrillStep(drill, { now, sight: seen });
    drill = turn.drill;
    if (turn.effect && result.kind === 'done') {
      if (turn.effect === 'beginFault' && !isFaulty) {
        isFaulty = true;
        faultSince = seconds;
      }
      if (turn.effect === 'endFault' && isFaulty) {
        isFaulty = false;
        longestFault = Math.max(longestFault, seconds - faultSince);
      }
    }
    if (turn.effect && !dies) {
      drill = afterDrillEffect(drill, result, now).drill;
    }
    states.push({ drill, isFaulty, longestFault });
  }
  return { states, seconds };
}

it('never is over while its fault holds, whatever fails and whoever dies', () =>
  fc.assert(
    fc.property(kinds, course, (kind, looks) => {
      for (const { drill, isFaulty } of play(kind, looks).states) {
        expect(drill.phase === 'over' && isFaulty).toBe(false);
      }
    }),
    { numRuns: 500 },
  ));

it('comes to its end from everywhere, once somebody looks and effects work', () =>
  fc.assert(
    fc.property(kinds, course, (kind, looks) => {
      const played = play(kind, looks);
      let { drill } = played.states[played.states.length - 1];
      const limit =
        kind.duration + kind.recovery + usualDrillPatience.begin + 60_000;
      const start = at(played.seconds);
      for (let passed = 5_000; drill.phase !== 'over'; passed += 5_000) {
        expect(passed).toBeLessThanOrEqual(limit);
        const now = later(start, passed);
        const turn = nextDrillStep(drill, { now, sight: sight() });
        drill = turn.effect
          ? afterDrillEffect(turn.drill, { kind: 'done' }, now).drill
          : turn.drill;
      }
      expect(drill.findings.every(({ outcome }) => outcome !== 'open')).toBe(
        true,
      );
    }),
    { numRuns: 300 },
  ));

it('holds a fault no longer than planned, beyond the time between two looks and what failed', () =>
  fc.assert(
    fc.property(
      kinds,
      fc.array(
        look.map(each => ({
          ...each,
          after: Math.min(each.after, 60),
          result: { kind: 'done' as const },
          dies: false,
        })),
        { minLength: 30, maxLength: 200 },
      ),
      (kind, looks) => {
        const { states } = play(kind, looks);
        const { longestFault } = states[states.length - 1];
        expect(longestFault).toBeLessThanOrEqual(kind.duration / 1_000 + 60);
      },
    ),
  ));

it('passes only what was met on every device, all its time watched', () => {
  const calm = fc.array(
    look.map(each => ({
      ...each,
      sight: sights[each.after % 3],
      result: { kind: 'done' as const },
      abort: false,
    })),
    { minLength: 40, maxLength: 120 },
  );
  let passed = 0;
  fc.assert(
    fc.property(calm, looks => {
      const { states } = play(drillCatalogue[0], looks);
      const { drill } = states[states.length - 1];
      if (drill.verdict !== 'passed') return;
      passed += 1;
      expect(drill.findings.every(({ outcome }) => outcome === 'met')).toBe(
        true,
      );
      expect(drill.ending?.reason).toBe('done');
    }),
    { seed: 7, numRuns: 300 },
  );
  // Otherwise nothing was shown.
  expect(passed).toBeGreaterThan(10);
});

it('decides the same on the same facts', () =>
  fc.assert(
    fc.property(kinds, course, (kind, looks) => {
      expect(play(kind, looks)).toEqual(play(kind, looks));
    }),
    { numRuns: 50 },
  ));

it('never lets more of a site be drilled or away than its share', () =>
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          site: fc.constantFrom('oslo', 'bergen'),
          isLive: fc.boolean(),
          isChosen: fc.boolean(),
        }),
        { minLength: 1, maxLength: 12 },
      ),
      fc.double({ min: 0.01, max: 1, noNaN: true }),
      (devices, siteShare) => {
        const candidates = devices.map(({ site, isLive }, index) =>
          aCandidate({
            name: `device-${index}`,
            site,
            axes: { connectivity: isLive ? 'live' : 'offline' },
          }),
        );
        const chosen = candidates
          .filter((_, index) => devices[index].isChosen)
          .map(({ id }) => id);
        const policy = { siteShare, longest: 86_400_000 };
        if (whyNotDrill(drillCatalogue[0], policy, candidates, chosen).length) {
          return;
        }
        for (const key of new Set(candidates.map(siteKey))) {
          const there = candidates.filter(each => siteKey(each) === key);
          const drilled = there.filter(({ id }) => chosen.includes(id)).length;
          const gone = there.filter(
            ({ id, axes }) =>
              chosen.includes(id) || axes.connectivity !== 'live',
          ).length;
          const budget = siteBudget(policy, there.length);
          expect(drilled === 0 || gone <= budget).toBe(true);
        }
      },
    ),
  ));
