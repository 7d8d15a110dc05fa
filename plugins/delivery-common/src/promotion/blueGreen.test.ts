// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import {
  otherColour,
  smokeTestName,
  type Colour,
  type ColoursState,
  type SmokeTestState,
} from '../cluster/describeColours';
import type { WorkloadState } from '../cluster/targetState';
import type { BlueGreenStrategy } from '../pipeline/pipeline';
import { known, unknown } from '../gates/known';
import {
  aDeclaration,
  after,
  aTarget,
  aTargetFact,
  aWorkload,
  at,
  commitSha,
  facts as goodFacts,
  imageOf,
  omar,
  requested,
} from './__fixtures__/story';
import { retirementOf } from './blueGreen';
import type { PromotionEvent } from './events';
import type { Facts, JudgedCanary, TargetFact } from './facts';
import { evolve, fold } from './fold';
import { next } from './next';
import { isActive, PORTAL_ACTOR, targetKey, type Promotion } from './promotion';
import { cancel } from './rules';
import { isRefused } from './refusal';
import { steer } from './steer';
import type { Step, Unmet } from './step';
import { promotionView } from '../view/promotionView';

const MINUTE = 60_000;
const blueGreen = {
  watch: 10 * MINUTE,
  keep: 30 * MINUTE,
  promotion: 'auto' as const,
};
const target = { ...aTarget('cloud-production'), coloured: true as const };
const key = targetKey(target);
const other = { ...aTarget('cloud-staging'), coloured: true as const };

function declared(change: Partial<BlueGreenStrategy> = {}, targets = [target]) {
  return aDeclaration({
    gates: [],
    targets,
    blueGreen: { ...blueGreen, ...change },
  });
}

const off = aWorkload({
  health: 'degraded',
  images: [imageOf(0)],
  replicas: { desired: 0, updated: 0, ready: 0, available: 0 },
});
const old = aWorkload({ images: [imageOf(0)] });
const fresh = aWorkload();
const newer = aWorkload({ health: 'degraded', images: [imageOf(2)] });
const broken = aWorkload({ health: 'degraded', message: 'It crashes.' });

function shows(
  live: Colour | undefined,
  blue: WorkloadState,
  green: WorkloadState,
  fact: Parameters<typeof aTargetFact>[0] = {},
  smokeTests: ColoursState['smokeTests'] = {},
): TargetFact {
  const seen: ColoursState = { live, blue, green, smokeTests };
  const { state, ...rest } = aTargetFact({ target, ...fact });
  return {
    ...rest,
    state: { ...state, colours: seen, workload: live ? seen[live] : off },
  };
}

function say(step: Step): string {
  switch (step.kind) {
    case 'record':
      return step.event.type;
    case 'perform':
      return step.effect.kind === 'switchColours'
        ? `switch ${step.effect.direction} ${step.effect.targets
            .map(({ colour }) => colour)
            .join()}`
        : step.effect.kind;
    case 'wait':
      return `wait ${step.unmet.map(({ code }) => code).join()}`;
    default:
      return step.kind;
  }
}

/** What is recorded of a step that was carried out; undefined for waiting and finished. */
function happened(step: Step, now: string): PromotionEvent | undefined {
  if (step.kind === 'record') return step.event;
  if (step.kind !== 'perform') return undefined;
  const by = { at: now, actor: PORTAL_ACTOR };
  const { effect } = step;
  const commit = { sha: commitSha, branch: 'main', changed: true };
  switch (effect.kind) {
    case 'writeCommit':
      return { ...by, type: 'committed', commit };
    case 'requestReconcile':
      return {
        ...by,
        type: 'reconcileRequested',
        target: targetKey(effect.target),
        token: effect.token,
        outcome: 'accepted',
      };
    case 'switchColours':
      return effect.direction === 'new'
        ? { ...by, type: 'coloursSwitched', commit }
        : { ...by, type: 'coloursSwitchedBack', commit };
    case 'retireColours':
      return { ...by, type: 'colourRetired', commit };
    default:
      return { ...by, type: 'analysisRestored', commit };
  }
}

/** A promotion that goes on by one step whenever something is seen. */
function follow(asked: Parameters<typeof requested>[0] = {}) {
  const events: PromotionEvent[] = [
    requested({ declaration: declared(), ...asked }),
  ];
  const promotion = () => after(...events);
  return {
    events: events as readonly PromotionEvent[],
    promotion,
    push: (event: PromotionEvent) => events.push(event),
    /** Every step up to the next wait. */
    see(
      seconds: number,
      fact: TargetFact,
      verdict?: Facts['verdicts'][string],
    ): readonly string[] {
      const said: string[] = [];
      for (let turn = 0; turn < 20; turn += 1) {
        const now = at(seconds);
        const given = goodFacts({
          now,
          declaration: known(promotion().declaration),
          targets: { [key]: fact },
          verdicts: verdict ? { [key]: verdict } : {},
        });
        const step = next(promotion(), given);
        said.push(say(step));
        const event = happened(step, now);
        if (!event) return said;
        events.push(event);
      }
      throw new Error(`It turns in place: ${said.join(', ')}`);
    },
  };
}

describe('a promotion between two colours', () => {
  it('makes the idle colour ready, switches, sees it in the cluster, watches, and keeps the old one', () => {
    const story = follow();
    expect(story.see(20, shows('blue', old, off))).toEqual([
      'gatesPassed',
      'coloursChosen',
      'writeCommit',
      'targetApplied',
      'wait rollingOut',
    ]);
    const rolling = aWorkload({ health: 'progressing' });
    expect(story.see(30, shows('blue', old, rolling))).toEqual([
      'wait rollingOut',
    ]);
    expect(story.see(60, shows('blue', old, fresh))).toEqual([
      'switchBegun',
      'switch new green',
      'requestReconcile',
      'wait switching',
    ]);
    expect(story.see(70, shows('green', old, fresh))).toEqual([
      'colourServing',
      'wait watching',
    ]);
    expect(story.see(669, shows('green', old, fresh))).toEqual([
      'wait watching',
    ]);
    expect(story.see(670, shows('green', old, fresh))).toEqual([
      'succeeded',
      'wait ',
    ]);
    expect(retirementOf(story.promotion())).toEqual({
      at: at(670 + 1_800),
      since: commitSha,
      colours: { [key]: 'blue' },
    });
    expect(story.see(2_469, shows('green', old, fresh))).toEqual(['wait ']);
    expect(story.see(2_470, shows('green', old, fresh))).toEqual([
      'retireColours',
      'finished',
    ]);
  });

  it('switches back at once when the new colour gets into trouble under watch', () => {
    const story = follow();
    story.see(20, shows('blue', old, fresh));
    story.see(70, shows('green', old, fresh));
    expect(story.see(80, shows('green', old, broken))).toEqual([
      'switchBackBegun',
      'switch back blue',
      'requestReconcile',
      'wait switchingBack',
    ]);
    expect(story.see(90, shows('blue', old, broken))).toEqual([
      'failed',
      'retireColours',
      'finished',
    ]);
    expect(story.promotion()).toMatchObject({
      problem: { code: 'switchedBack', message: /degraded/ },
    } as object);
  });

  it.each<[string, number, TargetFact, string]>([
    [
      'is not ready in time',
      700,
      shows('blue', old, broken),
      'failed retireColours finished',
    ],
    [
      'is out of sight',
      9_000,
      shows('blue', old, fresh, {
        freshness: { state: 'unreachable', since: at(1), problem: 'Refused.' },
      }),
      'wait clusterUnknown',
    ],
  ])('switches nothing while the idle colour %s', (_name, when, fact, said) => {
    const story = follow();
    story.see(20, shows('blue', old, broken));
    expect(story.see(when, fact).join(' ')).toBe(said);
  });

  it.each<[string, TargetFact]>([
    [
      'a cluster that can not be seen',
      shows('blue', old, off, { freshness: { state: 'never', since: at(0) } }),
    ],
    ['a Service that selects neither', shows(undefined, old, off)],
  ])('writes nothing with %s', (_name, fact) => {
    expect(follow().see(20, fact)).toEqual([
      'gatesPassed',
      'wait coloursUnknown',
    ]);
  });

  it('switches when the smoke test of this promotion has passed, and gives up when it failed', () => {
    const targets = [{ ...target, smokeTest: 'smoke' }];
    const name = smokeTestName('smoke', 'promotion-1', 'green');
    const tried = (state: SmokeTestState['state']) =>
      shows('blue', old, fresh, {}, { [name]: { state } });
    const begin = () => {
      const story = follow({ declaration: declared({}, targets) });
      const another = { [`smoke-another-green`]: { state: 'passed' } } as const;
      const unseen = shows('blue', old, fresh, {}, another);
      expect(story.see(20, unseen).at(-1)).toBe('wait smokeTest');
      return { ...story, unseen };
    };
    const good = begin();
    expect(good.see(30, tried('running'))).toEqual(['wait smokeTest']);
    expect(good.see(40, tried('passed'))).toContain('switchBegun');
    expect(begin().see(40, tried('failed'))).toEqual([
      'targetBlocked',
      'failed',
      'retireColours',
      'finished',
    ]);
    const silent = begin();
    expect(silent.see(140, silent.unseen)).toEqual([
      'targetBlocked',
      'wait smokeTestMissing',
    ]);
    expect(silent.see(740, silent.unseen)[0]).toBe('failed');
  });

  it('waits for a person before the switch, and takes a cancellation until then', () => {
    const manual = { declaration: declared({ promotion: 'manual' }) };
    const story = follow(manual);
    const ready = shows('blue', old, fresh);
    expect(story.see(20, ready).at(-1)).toBe('wait switchWaits');
    const word = { by: omar, at: at(30) };
    const yes = steer(
      story.promotion(),
      { ...word, action: 'promoteFully' },
      [],
    );
    const no = cancel(story.promotion(), word);
    if (isRefused(yes) || isRefused(no)) throw new Error('Refused');
    expect(retirementOf(after(...story.events, no))).toMatchObject({
      at: at(30),
      colours: { [key]: 'green' },
    });
    story.push(yes);
    expect(story.see(31, ready)).toEqual([
      'switchBegun',
      'switch new green',
      'requestReconcile',
      'wait switching',
    ]);
    expect(isRefused(cancel(story.promotion(), word))).toBe(true);
    const back = steer(
      story.promotion(),
      { ...word, action: 'abort', reason: 'Labels are wrong' },
      [],
    );
    if (isRefused(back)) throw new Error('Refused');
    story.push(back);
    expect(story.see(40, ready)).toEqual([
      'switchBackBegun',
      'switch back blue',
      'failed',
      'retireColours',
      'finished',
    ]);
  });

  it('says of a colour that it can not retire why, for as long as that lasts', () => {
    const story = follow();
    story.see(20, shows('blue', old, fresh));
    story.see(70, shows('green', old, fresh));
    story.see(670, shows('green', old, fresh));
    const stuck = {
      code: 'retrying',
      text: 'The fleet repository does not answer.',
      owners: [],
      problem: true as const,
    };
    const problemWith = (unmet: readonly Unmet[]) =>
      promotionView({ promotion: story.promotion(), unmet }).problem;
    expect(story.promotion().phase).toBe('succeeded');
    expect(problemWith([])).toBeUndefined();
    expect(problemWith([stuck])).toMatchObject({
      code: 'colourNotRetired',
      message:
        'The colour that serves nobody keeps its pods, because it could not be scaled to zero: The fleet repository does not answer.',
    });
    story.see(2_470, shows('green', old, fresh));
    expect(problemWith([stuck])).toBeUndefined();
  });

  describe('that is measured after the switch', () => {
    const metrics = (undecided: 'hold' | 'switchBack') => ({
      policy: {
        errorRatePass: 0.001,
        errorRateAboveBaseline: 0.01,
        slaP95Ms: 500,
        latencyAboveBaseline: 0.2,
      },
      undecided,
    });
    const judged = (decision: 'goOn' | 'hold' | 'rollBack', soaked = true) =>
      known({
        decision,
        sentence: `It is ${decision}.`,
        faults: [],
        weight: 100,
        soaked,
      });
    const down = unknown<JudgedCanary>(
      at(70),
      'Prometheus main does not answer.',
    );
    const serving = shows('green', old, fresh);
    /** Up to the moment in which the cluster shows the switch; the watch ends at 670. */
    function begin(undecided: 'hold' | 'switchBack' = 'hold') {
      const declaration = declared({ metrics: metrics(undecided) });
      const story = follow({ declaration });
      story.see(20, shows('blue', old, fresh));
      story.see(70, serving);
      return story;
    }

    it('ends the watch only when the metrics say that it is well', () => {
      const story = begin();
      expect(story.see(90, serving, judged('goOn', false))).toEqual([
        'canaryJudged',
        'wait watching',
      ]);
      expect(story.see(670, serving, judged('goOn', false))).toEqual([
        'wait notDecided',
      ]);
      expect(story.see(700, serving, judged('goOn'))).toEqual([
        'succeeded',
        'wait ',
      ]);
    });

    it('switches back on evidence, with its sentence', () => {
      const story = begin();
      expect(story.see(400, serving, judged('rollBack'))).toEqual([
        'canaryJudged',
        'switchBackBegun',
        'switch back blue',
        'requestReconcile',
        'wait switchingBack',
      ]);
      story.see(410, shows('blue', old, fresh));
      expect(story.promotion()).toMatchObject({
        phase: 'failed',
        problem: { code: 'switchedBack', message: 'It is rollBack.' },
      });
    });

    it.each([
      ['Prometheus does not answer', down],
      ['there is too little to be sure', judged('hold')],
      ['nothing was asked yet', undefined],
    ])('neither passes nor goes back while %s', (_name, verdict) => {
      const story = begin();
      for (const seconds of [90, 670, 1_270, 9_000]) {
        expect(story.see(seconds, serving, verdict).at(-1)).toMatch(
          /^wait (watching|notDecided)$/,
        );
      }
    });

    it('goes back undecided when as much time again is over, where the document says so', () => {
      const story = begin('switchBack');
      expect(story.see(1_269, serving, down).at(-1)).toBe('wait notDecided');
      expect(story.see(1_270, serving, down)).toContain('switchBackBegun');
      story.see(1_280, shows('blue', old, fresh));
      expect(story.promotion()).toMatchObject({
        problem: {
          message: expect.stringMatching(/not be decided.*does not answer/),
        },
      });
    });

    it('lets a person say that it passes, for a reason, and still watches the pods', () => {
      const story = begin();
      story.see(90, serving, judged('hold'));
      const word = { by: omar, at: at(100), action: 'promoteFully' as const };
      expect(steer(story.promotion(), word, [])).toMatchObject({
        code: 'reasonNeeded',
      });
      const reason = 'Prometheus is being moved';
      const yes = steer(story.promotion(), { ...word, reason }, []);
      if (isRefused(yes)) throw new Error('Refused');
      story.push(yes);
      expect(story.see(110, serving, down)).toEqual(['wait watching']);
      expect(story.see(670, serving, down)).toEqual(['succeeded', 'wait ']);
    });
  });

  it('goes back by one commit while the old colour runs, and the long way without it', () => {
    const back = { kind: 'rollback' as const, mode: 'fast' as const };
    const kept = follow(back);
    const reverse = shows('green', fresh, newer);
    expect(kept.see(20, reverse)).toEqual([
      'gatesPassed',
      'coloursChosen',
      'writeCommit',
      'targetApplied',
      'wait switching',
    ]);
    expect(kept.promotion().colours).toMatchObject({ atOnce: true });
    expect(kept.see(21, shows('blue', fresh, newer))).toEqual([
      'colourServing',
      'succeeded',
      'wait ',
    ]);
    const gone = follow(back);
    expect(gone.see(20, shows('green', off, old))).toContain('writeCommit');
    expect(gone.promotion().colours).toMatchObject({ atOnce: false });
    expect(gone.see(60, shows('green', fresh, old))).toEqual([
      'switchBegun',
      'switch new blue',
      'requestReconcile',
      'wait switching',
    ]);
  });
});

const anyOf = <T>(usual: T, ...others: readonly T[]) =>
  fc.oneof(
    { weight: 6, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: fc.constantFrom(...others) },
  );
const fact = fc
  .record({
    live: anyOf<Colour | undefined>('blue', 'green', undefined),
    blue: anyOf(old, fresh, off, broken),
    green: anyOf(fresh, old, off, broken),
    isLive: fc.constantFrom(true, true, true, true, false),
    isApplied: fc.constantFrom(true, true, true, false, undefined),
  })
  .map(({ live, blue, green, isLive, isApplied }) => ({
    live,
    blue,
    green,
    fact: {
      appliedContains: isApplied,
      ...(!isLive && {
        freshness: { state: 'stale' as const, since: at(1), problem: 'Silent' },
      }),
    },
  }));
const both = [target, other];
const anyFacts: fc.Arbitrary<Facts> = fc
  .record({
    second: fc.integer({ min: 0, max: 9_000 }),
    seen: fc.tuple(fact, fact),
  })
  .map(({ second, seen }) =>
    goodFacts({
      now: at(second),
      declaration: known(declared({}, both)),
      targets: Object.fromEntries(
        both.map((each, index) => {
          const { live, blue, green, fact: change } = seen[index];
          return [
            targetKey(each),
            shows(live, blue, green, { ...change, target: each }),
          ];
        }),
      ),
    }),
  );
const word: fc.Arbitrary<PromotionEvent> = fc.constantFrom(
  {
    type: 'canarySteered' as const,
    action: 'abort' as const,
    at: at(3),
    actor: omar,
    reason: 'Belts stop',
  },
  { type: 'cancelled' as const, at: at(3), actor: omar },
  {
    type: 'superseded' as const,
    at: at(4),
    actor: omar,
    by: { promotion: 'promotion-2', kind: 'rollback' as const },
  },
);
const histories = fc
  .record({
    kind: fc.constantFrom('promotion' as const, 'rollback' as const),
    moves: fc.array(
      fc.oneof(
        { weight: 30, arbitrary: anyFacts },
        { weight: 1, arbitrary: word },
      ),
      { maxLength: 40 },
    ),
  })
  .map(({ kind, moves }) => {
    const declaration = declared({}, both);
    const events: PromotionEvent[] = [requested({ kind, declaration })];
    for (const move of moves) {
      const promotion = fold(events);
      const event =
        'type' in move
          ? move
          : promotion && happened(next(promotion, move), move.now);
      if (event) events.push(event);
    }
    return events;
  });
const reachable = histories.map(events => after(...events));
const runs = { numRuns: 2_000 };

/** The world does what Git says, at once; an hour passes with each turn. */
function kindFacts(promotion: Promotion, turn: number): Facts {
  const { colours: progress } = promotion;
  const choices = progress?.choices ?? {};
  return goodFacts({
    now: at(20_000 + turn * 3_600),
    declaration: known(promotion.declaration),
    targets: Object.fromEntries(
      both.map(each => {
        const choice = choices[targetKey(each)];
        const isNew = progress?.switched && !progress.returned;
        const live = (isNew ? choice?.to : choice?.live) ?? 'blue';
        const wanted = choice?.to ?? 'green';
        const stateOf = (colour: Colour) => (colour === wanted ? fresh : old);
        return [
          targetKey(each),
          shows(live, stateOf('blue'), stateOf('green'), { target: each }),
        ];
      }),
    ),
  });
}

describe('whatever happened before, between two colours', () => {
  it('the walks get as far as the switch, the way back and the end', () => {
    const seen = fc.sample(histories, { numRuns: 3_000, seed: 7 }).flat();
    const types = new Set(seen.map(({ type }) => type));
    for (const type of [
      'switchBegun',
      'coloursSwitched',
      'colourServing',
      'switchBackBegun',
      'coloursSwitchedBack',
      'colourRetired',
    ])
      expect(types).toContain(type);
  });

  it('nothing is switched unless every new colour runs the release, live and at one moment', () => {
    fc.assert(
      fc.property(reachable, anyFacts, (promotion, facts) => {
        if (say(next(promotion, facts)) !== 'switchBegun') return;
        for (const each of both) {
          const { state: shown } = facts.targets[targetKey(each)];
          const choice = promotion.colours?.choices[targetKey(each)];
          expect(shown.freshness.state).toBe('live');
          expect(shown.colours?.[choice?.to ?? 'blue']).toEqual(fresh);
        }
      }),
      runs,
    );
  });

  it('the first commit never touches a colour that serves another version', () => {
    fc.assert(
      fc.property(reachable, anyFacts, (promotion, facts) => {
        if (say(next(promotion, facts)) !== 'writeCommit') return;
        for (const each of both) {
          const choice = promotion.colours?.choices[targetKey(each)];
          const shown = facts.targets[targetKey(each)].state.colours;
          const serves = shown?.live && shown[shown.live];
          const isSame = serves?.images[0] === imageOf(1);
          expect(choice?.to === shown?.live && !isSame).toBe(false);
        }
      }),
      runs,
    );
  });

  it('only what has ended retires a colour, and never the one that it left serving', () => {
    fc.assert(
      fc.property(reachable, anyFacts, (promotion, facts) => {
        const step = next(promotion, facts);
        if (step.kind !== 'perform' || step.effect.kind !== 'retireColours')
          return;
        expect(isActive(promotion)).toBe(false);
        for (const { target: each, colour } of step.effect.targets) {
          const choice = promotion.colours?.choices[targetKey(each)];
          const left =
            promotion.phase === 'succeeded' ? choice?.to : choice?.live;
          expect(colour).toBe(otherColour(left ?? colour));
        }
      }),
      runs,
    );
  });

  it('blindness switches nothing, and what is begun is finished without sight', () => {
    fc.assert(
      fc.property(reachable, promotion => {
        const blind: Facts = { ...goodFacts({ now: at(9_999) }), targets: {} };
        const said = say(next(promotion, blind));
        expect(
          said.startsWith('wait') ||
            [
              'finished',
              'gatesPassed',
              'reconfigured',
              // Decided before: Git is looked into when it is done.
              'switch new blue,blue',
              'switch new blue,green',
              'switch new green,blue',
              'switch new green,green',
              'switch back blue,blue',
              'switch back blue,green',
              'switch back green,blue',
              'switch back green,green',
              'switchBackBegun',
              'retireColours',
            ].includes(said),
        ).toBe(true);
      }),
      runs,
    );
  });

  it('a recorded step changes the promotion, the same facts give the same step, twice is once', () => {
    fc.assert(
      fc.property(reachable, anyFacts, (promotion, facts) => {
        const step = next(promotion, facts);
        expect(next(structuredClone(promotion), facts)).toEqual(step);
        const event = happened(step, facts.now);
        if (!event) return;
        const once = evolve(promotion, event);
        expect(once).not.toEqual(promotion);
        // An effect may be recorded again after a crash.
        const again = step.kind === 'perform' ? evolve(once, event) : once;
        expect(again).toEqual(once);
      }),
      runs,
    );
  });

  it('the promotion ends in a kind world, and leaves one colour without need running for nobody', () => {
    fc.assert(
      fc.property(reachable, reached => {
        let promotion: Promotion = reached;
        for (let turn = 0; turn < 40; turn += 1) {
          const given = kindFacts(promotion, turn);
          const event = happened(next(promotion, given), given.now);
          promotion = (event && evolve(promotion, event)) ?? promotion;
        }
        expect(isActive(promotion)).toBe(false);
        expect(retirementOf(promotion)).toBeUndefined();
      }),
      runs,
    );
  });
});
