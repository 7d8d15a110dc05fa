// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { known, unknown } from '../../gates/known';
import { usualCanaryStrategy } from '../../pipeline/strategy';
import {
  aDeclaration,
  after,
  applied,
  aRelease,
  aRun,
  asked,
  aTarget,
  at,
  committed,
  gatesPassed,
  imageOf,
  mia,
  requested,
} from '../../promotion/__fixtures__/story';
import type { PromotionEvent, SteeringAction } from '../../promotion/events';
import { PORTAL_ACTOR, targetKey } from '../../promotion/promotion';
import type { CanaryStrategy } from '../../pipeline/pipeline';
import type { JudgedCanary } from '../../promotion/facts';
import type { CanaryDecision } from '../judge/judgeCanary';
import type { CanaryHook } from '../run/canaryRun';
import { answerGate, type GateQuestionOfEngine } from './answerGate';

const target = aTarget('cloud-production');
const minutes = (count: number) => at(count * 60);
const says = (change: Partial<JudgedCanary>) =>
  known<JudgedCanary>({
    decision: 'goOn',
    sentence: 'All is well.',
    faults: [],
    weight: 25,
    soaked: true,
    ...change,
  });
const goOn = says({});
const hold = says({ decision: 'hold', sentence: 'Too few yet.' });
const rollBack = says({ decision: 'rollBack', sentence: '38 errors.' });

/** What was recorded of the judge. */
const judged = (minute: number, decision: CanaryDecision): PromotionEvent => ({
  type: 'canaryJudged',
  at: minutes(minute),
  actor: PORTAL_ACTOR,
  target: targetKey(target),
  decision,
  sentence: '38 errors.',
  faults: [],
  weight: 25,
});

const moved = (minute: number, weight: number): PromotionEvent => ({
  type: 'canaryMoved',
  at: minutes(minute),
  actor: PORTAL_ACTOR,
  target: targetKey(target),
  phase: 'progressing',
  weight,
});

const steer = (action: SteeringAction, weight?: number): PromotionEvent => ({
  type: 'canarySteered',
  at: minutes(36),
  actor: mia,
  action,
  reason: 'Belts stop',
  ...(weight !== undefined && { weight }),
});

/** A canary that reached 25 % after 35 minutes, soaks 30 minutes a step, and was never steered. */
function question(
  change: Partial<GateQuestionOfEngine> & {
    readonly events?: readonly PromotionEvent[];
    readonly strategy?: Partial<CanaryStrategy>;
  } = {},
): GateQuestionOfEngine {
  const { events = [], strategy, ...rest } = change;
  const approved = after(
    requested({
      declaration: aDeclaration({
        strategy: { ...usualCanaryStrategy, ...strategy },
      }),
    }),
    gatesPassed,
    committed,
    asked(target),
    applied(target),
    moved(1, 0),
    moved(2, 5),
    moved(35, 25),
    ...events,
  );
  return {
    hook: 'confirm-traffic-increase',
    now: minutes(70),
    cluster: 'cloud-production',
    checksum: 'a1',
    run: aRun(),
    approved,
    rollback: undefined,
    progress:
      'progress' in approved
        ? approved.progress?.[targetKey(target)]?.canary
        : undefined,
    verdict: goOn,
    ...rest,
  };
}

const answer = (change: Parameters<typeof question>[0]) => {
  const { open, code } = answerGate(question(change));
  return `${open ? 'open' : 'closed'} ${code}`;
};

const bound: PromotionEvent = {
  type: 'canaryBound',
  at: minutes(2),
  actor: PORTAL_ACTOR,
  target: targetKey(target),
  checksum: 'a1',
};

describe('more traffic', () => {
  it.each<[string, Parameters<typeof question>[0], string]>([
    ['watched and good', {}, 'open soaked'],
    ['not watched long enough', { now: minutes(64) }, 'closed soaking'],
    ['watched and not decided', { verdict: hold }, 'closed notDecided'],
    [
      'metrics out of reach',
      { verdict: unknown(minutes(60), 'Prometheus does not answer.') },
      'closed notDecided',
    ],
    ['evidence against it', { verdict: rollBack }, 'closed condemned'],
    [
      'evidence during the soak',
      { verdict: rollBack, now: minutes(40) },
      'closed condemned',
    ],
    [
      'nothing is measured',
      { strategy: { analysis: false }, verdict: rollBack },
      'open soaked',
    ],
    ['before the first', { run: aRun({ weight: 0 }) }, 'open approved'],
    [
      'a step that was not seen to begin',
      { run: aRun({ weight: 50 }) },
      'closed soaking',
    ],
    ['the cluster out of sight', { run: undefined }, 'closed clusterUnknown'],
    ['paused', { events: [steer('pause')] }, 'closed paused'],
    ['resumed', { events: [steer('pause'), steer('resume')] }, 'open soaked'],
    ['taken back', { events: [steer('abort')] }, 'closed aborted'],
    [
      'step now',
      { events: [steer('stepNow', 25)], now: minutes(40), verdict: hold },
      'open hurried',
    ],
    [
      'step now of another step',
      { events: [steer('stepNow', 5)], now: minutes(40) },
      'closed soaking',
    ],
    [
      'promote fully',
      { events: [steer('promoteFully')], now: minutes(40) },
      'open hurried',
    ],
    [
      'judged before its end',
      { verdict: says({ soaked: false }) },
      'closed notDecided',
    ],
    [
      'judged when it had less traffic',
      { verdict: says({ weight: 5 }) },
      'closed notDecided',
    ],
    ['the same content', { events: [bound] }, 'open soaked'],
  ])('%s', (_, change, expected) => {
    expect(answer(change)).toBe(expected);
  });
});

test('a revision that arrives in mid-run is held, hurried or not', () => {
  const other = { events: [bound], checksum: 'b2' };
  expect(answer(other)).toBe('closed revisionChanged');
  expect(answer({ ...other, events: [bound, steer('promoteFully')] })).toBe(
    'closed revisionChanged',
  );
  expect(answer({ run: aRun({ declared: [imageOf(2)] }) })).toBe(
    'closed notApproved',
  );
});

test('trap 4: a canary that waits to be let in leaves by the revert in Git, then by the gate that opens for it', () => {
  const hook = 'confirm-rollout' as const;
  const waiting = (image: number) =>
    aRun({ phase: 'waiting', weight: 0, declared: [imageOf(image)] });
  const { id, version, images, commit } = aRelease(0);
  const back = after(
    requested({ kind: 'rollback', release: { id, version, images, commit } }),
    gatesPassed,
    committed,
  );
  const asks = { hook, approved: back, progress: undefined };
  // While it waits, Flagger does not ask whether to take it back.
  expect(answer({ ...asks, run: waiting(1) })).toBe('closed notApproved');
  expect(answer({ ...asks, run: waiting(0) })).toBe('open approved');
});

test('trap 12: a version that nobody promoted is not let in', () => {
  const hook = 'confirm-rollout' as const;
  expect(answer({ hook })).toBe('open approved');
  expect(answer({ hook, approved: undefined })).toBe('closed notApproved');
  expect(answer({ hook, run: aRun({ declared: [imageOf(2)] }) })).toBe(
    'closed notApproved',
  );
  expect(answer({ hook, run: aRun({ declared: [] }) })).toBe(
    'closed notApproved',
  );
});

test('trap 9: what was said of one promotion is not left over for the next', () => {
  const succeeded = after(
    requested(),
    gatesPassed,
    committed,
    asked(target),
    applied(target),
    steer('promoteFully'),
    {
      type: 'succeeded',
      at: minutes(50),
      actor: PORTAL_ACTOR,
      proof: [],
    },
  );
  // The next version: its own promotion was not told anything.
  const newer = aRun({ declared: [imageOf(2)] });
  expect(answer({ approved: succeeded, run: newer })).toBe(
    'closed notApproved',
  );
  expect(answer({ now: minutes(40) })).toBe('closed soaking');
});

test('the configuration of a release that arrived before is between Git and the engine', () => {
  const succeeded = after(
    requested(),
    gatesPassed,
    committed,
    asked(target),
    applied(target),
    { type: 'succeeded', at: minutes(50), actor: PORTAL_ACTOR, proof: [] },
  );
  expect(answer({ approved: succeeded, progress: undefined })).toBe(
    'open outsidePromotion',
  );
  expect(
    answer({ hook: 'rollback', approved: succeeded, verdict: rollBack }),
  ).toBe('closed nothingAgainstIt');
});

describe('the promotion', () => {
  const hook = 'confirm-promotion' as const;
  const atAll = {
    hook,
    run: aRun({ weight: 100, phase: 'waitingPromotion' }),
    verdict: says({ weight: 100 }),
    now: minutes(130),
    events: [moved(68, 50), moved(99, 100)],
  };
  it('passes by itself when its last step was watched', () => {
    expect(answer(atAll)).toBe('open soaked');
    expect(answer({ ...atAll, now: minutes(120) })).toBe('closed soaking');
  });
  it('waits for a person where the pipeline says so', () => {
    const manual = { ...atAll, strategy: { promotion: 'manual' as const } };
    expect(answer(manual)).toBe('closed waitsForPerson');
    expect(
      answer({ ...manual, events: [...atAll.events, steer('promoteFully')] }),
    ).toBe('open hurried');
  });
});

describe('trap 10: taking back needs evidence, a word or the end of patience', () => {
  const hook = 'rollback' as const;
  const held = (now: number) => ({
    now: minutes(now),
    events: [judged(66, 'hold')],
    verdict: hold,
  });
  it.each<[string, Parameters<typeof question>[0], string]>([
    ['nothing', {}, 'closed nothingAgainstIt'],
    ['no verdict', { verdict: unknown(at(0), '-') }, 'closed nothingAgainstIt'],
    ['evidence now', { verdict: rollBack }, 'open condemned'],
    ['evidence before', { events: [judged(36, 'rollBack')] }, 'open condemned'],
    [
      'evidence where faults only hold',
      { verdict: rollBack, strategy: { onFault: 'hold' } },
      'closed nothingAgainstIt',
    ],
    ['a word', { events: [steer('abort')], run: undefined }, 'open aborted'],
    [
      'a rollback of the stage',
      { rollback: after(requested({ kind: 'rollback' })) },
      'open rollback',
    ],
    ['held for long', held(127), 'open inconclusive'],
    ['held not so long', held(120), 'closed nothingAgainstIt'],
    [
      'held for long and good at last',
      { ...held(150), verdict: goOn },
      'closed nothingAgainstIt',
    ],
    [
      'nobody judged for long',
      { now: minutes(150), verdict: hold },
      'closed nothingAgainstIt',
    ],
    [
      'held since metrics came back',
      { ...held(150), events: [judged(140, 'hold')] },
      'closed nothingAgainstIt',
    ],
    [
      'paused for long',
      { ...held(150), events: [judged(66, 'hold'), steer('pause')] },
      'closed nothingAgainstIt',
    ],
    [
      'let go on a short while ago',
      {
        ...held(150),
        events: [
          judged(66, 'hold'),
          steer('pause'),
          { ...steer('resume'), at: minutes(140) },
        ],
      },
      'closed nothingAgainstIt',
    ],
    [
      'waiting for a person for long',
      { ...held(150), strategy: { promotion: 'manual' } },
      'closed nothingAgainstIt',
    ],
    [
      'condemned for long where faults only hold',
      {
        now: minutes(150),
        events: [judged(66, 'rollBack')],
        verdict: rollBack,
        strategy: { onFault: 'hold' },
      },
      'closed nothingAgainstIt',
    ],
    [
      'another cluster out of sight',
      { run: undefined },
      'closed nothingAgainstIt',
    ],
  ])('%s', (_, change, expected) => {
    expect(answer({ hook, ...change })).toBe(expected);
  });
});

test('what the portal does not know never gives traffic, and never takes it', () => {
  const hooks: readonly CanaryHook[] = [
    'confirm-rollout',
    'confirm-traffic-increase',
    'confirm-promotion',
    'rollback',
  ];
  fc.assert(
    fc.property(
      fc.constantFrom(...hooks),
      fc.constantFrom(undefined, aRun(), aRun({ declared: [imageOf(2)] })),
      fc.boolean(),
      fc.integer({ min: 0, max: 500 }),
      (hook, run, isKnown, minute) => {
        const given = question({
          hook,
          run,
          now: minutes(minute),
          ...(isKnown ? {} : { approved: undefined, progress: undefined }),
          verdict: unknown(at(0), 'Nobody answers.'),
        });
        const isOurs = isKnown && run?.declared[0] === imageOf(1);
        const mayOpen = hook === 'confirm-rollout' && isOurs;
        expect(answerGate(given).open).toBe(mayOpen);
      },
    ),
  );
});

test('an event of the engine is always taken', () => {
  expect(answer({ hook: 'event', approved: undefined })).toBe('open recorded');
});
