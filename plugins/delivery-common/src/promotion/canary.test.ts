// SPDX-License-Identifier: Apache-2.0
import type { CanaryRun } from '../canary/run/canaryRun';
import { known, unknown } from '../gates/known';
import { usualCanaryStrategy } from '../pipeline/strategy';
import {
  aDeclaration,
  after,
  applied,
  aRun,
  asked,
  aTarget,
  aTargetFact,
  at,
  aWorkload,
  committed,
  facts,
  gatesPassed,
  imageOf,
  mia,
  requested,
} from './__fixtures__/story';
import type { PromotionEvent, SteeringAction } from './events';
import type { Facts } from './facts';
import { next } from './next';
import { PORTAL_ACTOR, targetKey } from './promotion';
import { steer } from './steer';

const target = aTarget('cloud-production');
const key = targetKey(target);
const strategy = usualCanaryStrategy;
const declaration = aDeclaration({ strategy });

const story = [
  requested({ declaration }),
  gatesPassed,
  committed,
  asked(target),
  applied(target),
];

const by = { actor: PORTAL_ACTOR, target: key };
const moved = (
  seconds: number,
  weight: number,
  phase: CanaryRun['phase'] = 'progressing',
): PromotionEvent => ({
  ...by,
  type: 'canaryMoved',
  at: at(seconds),
  phase,
  weight,
});
const judged = (
  decision: 'goOn' | 'hold' | 'rollBack',
  weight = 25,
): PromotionEvent => ({
  ...by,
  type: 'canaryJudged',
  at: at(19),
  decision,
  sentence: `${decision} it.`,
  faults: [],
  weight,
});

const verdictOf = (decision: 'goOn' | 'hold' | 'rollBack') =>
  known({
    decision,
    sentence: `${decision} it.`,
    faults: [],
    weight: 25,
    soaked: true,
  });

/** Facts in which the cluster shows a run. */
function shows(
  run: Partial<CanaryRun>,
  change: Partial<Facts> & { images?: readonly string[] } = {},
): Facts {
  const { images = [imageOf(0)], ...rest } = change;
  return facts({
    targets: {
      [key]: aTargetFact({
        canary: aRun(run),
        workload: aWorkload({ images }),
      }),
    },
    ...rest,
  });
}

const recorded = (
  events: readonly PromotionEvent[],
  given: Facts,
): PromotionEvent | undefined => {
  const step = next(after(...events), given);
  return step.kind === 'record' ? step.event : undefined;
};

test('each phase and weight is recorded once, from the first traffic on', () => {
  expect(recorded(story, shows({ weight: 5 }))).toMatchObject({
    type: 'canaryMoved',
    phase: 'progressing',
    weight: 5,
  });
  const walked = [...story, moved(12, 5)];
  expect(next(after(...walked), shows({ weight: 5 })).kind).toBe('wait');
  expect(recorded(walked, shows({ weight: 25 }))).toMatchObject({ weight: 25 });
});

test('trap 2: what the judge thought stays, although the engine forgets it when it fails', () => {
  const events = [...story, moved(12, 25), judged('rollBack')];
  const failed = [...events, moved(20, 0, 'failed')];
  const gone = shows({ phase: 'failed', weight: 0, end: 'rolledBack' });
  const blocked = recorded(failed, gone);
  expect(blocked).toMatchObject({
    type: 'targetBlocked',
    problem: {
      code: 'canaryTakenBack',
      message: expect.stringContaining('rollBack it.'),
    },
  });
  expect(
    recorded([...failed, ...(blocked ? [blocked] : [])], gone),
  ).toMatchObject({ type: 'failed', problem: { code: 'canaryTakenBack' } });
});

test('trap 5: taken back after somebody reverted Git by hand is taken back, not a wrong image', () => {
  const run: Partial<CanaryRun> = { weight: 5, declared: [imageOf(0)] };
  const walked = [...story, moved(12, 5)];
  const late = { now: at(100) };
  expect(recorded(walked, shows(run, late))).toMatchObject({
    problem: { code: 'imagesDiffer' },
  });
  const gone = { ...run, phase: 'failed', weight: 0 } as const;
  expect(
    recorded([...walked, moved(20, 0, 'failed')], shows(gone, late)),
  ).toMatchObject({ problem: { code: 'canaryTakenBack' } });
});

test('trap 3: a promotion that failed with all the traffic on it is not called taken back', () => {
  const events = [...story, moved(12, 100)];
  expect(
    recorded(
      [...events, moved(15, 100, 'failed')],
      shows({ phase: 'failed', weight: 100, end: 'promotionFailed' }),
    ),
  ).toMatchObject({ problem: { code: 'canaryPromotionFailed' } });
});

test('trap 7: a success from before does not prove the release, and neither does a failure from before', () => {
  for (const phase of ['idle', 'failed'] as const) {
    const early = next(after(...story), shows({ phase, weight: 0 }));
    expect(early).toMatchObject({
      kind: 'wait',
      unmet: [{ code: 'canary' }],
    });
    const late = shows({ phase, weight: 0 }, { now: at(100) });
    expect(recorded(story, late)).toMatchObject({
      type: 'targetBlocked',
      problem: { code: 'canaryNotStarted' },
    });
  }
});

test('only the stable version proves a release', () => {
  const walked = [...story, moved(12, 100), moved(15, 0, 'idle')];
  const done = shows(
    { phase: 'idle', weight: 0, stable: [imageOf(1)], end: 'promoted' },
    { images: [imageOf(1)] },
  );
  expect(recorded(walked, done)).toMatchObject({
    type: 'succeeded',
    proof: [{ canary: 'promoted', images: [imageOf(1)] }],
  });
});

test('trap 8: the first version of all succeeds as one that was never compared', () => {
  const done = shows(
    { phase: 'idle', weight: 0, stable: [imageOf(1)], end: 'neverRan' },
    { images: [imageOf(1)] },
  );
  expect(recorded(story, done)).toMatchObject({
    type: 'succeeded',
    proof: [{ canary: 'neverRan' }],
  });
});

test('trap 12: in a cluster that was made anew in mid-run the release was never compared, and is not called promoted', () => {
  const anew = shows(
    { phase: 'idle', weight: 0, stable: [imageOf(1)], end: 'neverRan' },
    { images: [imageOf(1)] },
  );
  const walked = [...story, moved(12, 25), moved(20, 0, 'idle')];
  expect(recorded(walked, anew)).toMatchObject({
    type: 'succeeded',
    proof: [{ canary: 'neverRan' }],
  });
});

test('the judge is recorded when it thinks otherwise, and when it speaks about another step', () => {
  const walked = [...story, moved(12, 25)];
  const says = (decision: 'goOn' | 'hold' | 'rollBack', weight = 25) =>
    shows({ weight }, { verdicts: { [key]: verdictOf(decision) } });
  expect(recorded(walked, says('goOn'))).toMatchObject({
    type: 'canaryJudged',
    decision: 'goOn',
    weight: 25,
  });
  expect(recorded([...walked, judged('goOn')], says('goOn'))).toBeUndefined();
  expect(recorded([...walked, judged('goOn')], says('hold'))).toMatchObject({
    decision: 'hold',
  });
  expect(recorded([...walked, judged('goOn', 5)], says('goOn'))).toMatchObject({
    decision: 'goOn',
    weight: 25,
  });
  expect(
    recorded([...walked, judged('rollBack')], says('goOn')),
  ).toBeUndefined();
});

test('metrics that can not be had are recorded as holding, never as going on', () => {
  const blind = shows(
    { weight: 25 },
    { verdicts: { [key]: unknown(at(15), 'Prometheus does not answer.') } },
  );
  expect(recorded([...story, moved(12, 25)], blind)).toMatchObject({
    type: 'canaryJudged',
    decision: 'hold',
    sentence: 'Prometheus does not answer.',
  });
});

test('a suspended canary is a problem that patience is kept with', () => {
  const walked = [...story, moved(12, 25)];
  expect(recorded(walked, shows({ suspended: true }))).toMatchObject({
    problem: { code: 'canarySuspended' },
  });
});

test('trap 5: a rollback lets the engine take its canary back before Git follows', () => {
  const rollback = [
    requested({ kind: 'rollback', declaration, reason: 'Belts stop' }),
    gatesPassed,
  ];
  const step = (run: Partial<CanaryRun>, seconds = 10) =>
    next(after(...rollback), shows(run, { now: at(seconds) }));
  expect(step({})).toMatchObject({
    kind: 'wait',
    unmet: [{ code: 'canaryTakingBack' }],
  });
  for (const phase of ['failed', 'idle', 'waiting', 'promoting'] as const)
    expect(step({ phase, weight: 0 })).toMatchObject({ kind: 'perform' });
  // An engine that can not be told, and one that does not obey, are not waited for.
  expect(step({ asks: [] })).toMatchObject({ kind: 'perform' });
  expect(step({}, 61)).toMatchObject({ kind: 'perform' });
});

test('after its canary was taken back, going back to the version that is stable proves itself', () => {
  const back = [
    requested({ kind: 'rollback', declaration }),
    gatesPassed,
    committed,
    asked(target),
    applied(target),
  ];
  const settled = shows(
    {
      phase: 'failed',
      weight: 0,
      end: 'rolledBack',
      declared: [imageOf(1)],
      stable: [imageOf(1)],
    },
    { images: [imageOf(1)] },
  );
  expect(recorded(back, settled)).toMatchObject({ type: 'succeeded' });
});

describe('what people tell a canary', () => {
  const word = (
    action: 'pause' | 'resume' | 'stepNow' | 'promoteFully' | 'abort',
    weight?: number,
  ): PromotionEvent => ({
    type: 'canarySteered',
    at: at(14),
    actor: mia,
    action,
    ...(weight !== undefined && { weight }),
  });
  const steering = (...events: PromotionEvent[]) => {
    const promotion = after(...story, moved(12, 25), ...events);
    return 'steering' in promotion
      ? Object.keys(promotion.steering ?? {})
      : undefined;
  };

  it.each([
    [[word('pause')], ['paused']],
    [[word('pause'), word('resume')], ['resumedAt']],
    [[word('stepNow', 25)], ['stepNow']],
    [[word('stepNow', 25), moved(15, 50)], []],
    [[word('stepNow', 25), moved(15, 25, 'waitingPromotion')], ['stepNow']],
    [[word('pause'), word('promoteFully')], ['promoteFully']],
    [[word('abort'), word('resume'), word('promoteFully')], ['abort']],
  ])('%j leaves %j', (events, left) => {
    expect(steering(...events)).toEqual(left);
  });
});

describe('who may tell a canary what', () => {
  const wish = (action: SteeringAction, reason?: string) => ({
    action,
    by: mia,
    at: at(30),
    ...(reason && { reason }),
  });
  const told = (
    action: SteeringAction,
    {
      events = [],
      runs = [aRun()],
      reason = 'Belts stop',
    }: {
      events?: PromotionEvent[];
      runs?: CanaryRun[];
      reason?: string;
    } = {},
  ) => {
    const promotion = after(...story, moved(12, 25), ...events);
    const answer = steer(promotion, wish(action, reason), runs);
    return 'code' in answer ? answer.code : answer;
  };
  const said = (action: SteeringAction): PromotionEvent => ({
    type: 'canarySteered',
    at: at(14),
    actor: mia,
    action,
  });

  it('binds a step to the weight it was asked at', () => {
    expect(told('stepNow')).toMatchObject({ weight: 25, reason: 'Belts stop' });
    expect(told('pause', { reason: '' })).toMatchObject({ action: 'pause' });
  });

  it.each<[SteeringAction, Parameters<typeof told>[1], string]>([
    ['pause', { events: [said('pause')] }, 'alreadyPaused'],
    ['resume', {}, 'notPaused'],
    ['abort', { events: [said('abort')] }, 'alreadyAborted'],
    ['abort', { runs: [aRun({ phase: 'promoting' })] }, 'tooLate'],
    ['abort', { runs: [aRun({ phase: 'idle' })] }, 'notRunning'],
    ['abort', { runs: [] }, 'notRunning'],
    ['abort', { reason: ' ' }, 'reasonNeeded'],
    ['promoteFully', { events: [said('promoteFully')] }, 'alreadyHurried'],
    ['promoteFully', { events: [judged('rollBack')] }, 'condemned'],
    ['stepNow', { events: [judged('rollBack')] }, 'condemned'],
  ])('refuses %s where it makes no sense (%#)', (action, given, code) => {
    expect(told(action, given)).toBe(code);
  });

  it('refuses everything before the commit', () => {
    const waiting = after(requested({ declaration }));
    expect(steer(waiting, wish('abort', 'x'), [aRun()])).toMatchObject({
      code: 'notRunning',
    });
  });
});
