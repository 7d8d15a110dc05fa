// SPDX-License-Identifier: Apache-2.0
import {
  aRollout,
  aTemplate,
  bySwitch,
  underWay,
} from '../canary/run/__fixtures__/rollouts';
import { canaryOutcome } from '../canary/canaryOutcome';
import { describeRollout } from '../canary/run/describeRollout';
import { describeRolloutWorkload } from '../canary/run/describeRolloutWorkload';
import type { ObservedRollout } from '../canary/run/observedRollout';
import { known } from '../gates/known';
import {
  aDeclaration,
  after,
  applied,
  asked,
  aTarget,
  aTargetFact,
  at,
  committed,
  facts,
  gatesPassed,
  imageOf,
  mia,
  requested,
} from './__fixtures__/story';
import type { EngineOrder } from '../canary/order/engineOrder';
import { usualCanaryStrategy } from '../pipeline/strategy';
import type { CanaryStrategy } from '../pipeline/pipeline';
import type { PromotionEvent, SteeringAction } from './events';
import type { Facts, JudgedCanary } from './facts';
import { next } from './next';
import { targetKey } from './promotion';
import { isRefused } from './refusal';
import { steer } from './steer';

const target = aTarget('cloud-production');
const key = targetKey(target);
/** Without a strategy: Argo Rollouts and people decide. */
const declaration = aDeclaration();
const story = [
  requested({ declaration }),
  gatesPassed,
  committed,
  asked(target),
  applied(target),
];

const wanted = imageOf(1);
const before = imageOf(0);

/** Facts in which the cluster shows a Rollout whose template is the release's, unless changed. */
function shows(
  change: Partial<ObservedRollout>,
  seconds: number,
  more: Partial<Facts> = {},
): Facts {
  const rollout = aRollout({ images: [wanted], ...change });
  return facts({
    now: at(seconds),
    targets: {
      [key]: aTargetFact({
        canary: describeRollout(rollout, undefined),
        workload: describeRolloutWorkload(rollout, undefined),
      }),
    },
    ...more,
  });
}

/** Lets the promotion look at each picture, half a minute apart, until it waits or is over. */
function walk(
  pictures: readonly Partial<ObservedRollout>[],
  begin: readonly PromotionEvent[] = story,
) {
  const events = [...begin];
  const told: string[] = [];
  pictures.forEach((picture, index) => {
    const given = shows(picture, 20 + 30 * index, {
      // Nothing that the judge might say is of any weight here.
      verdicts: {
        [key]: known({
          decision: 'rollBack',
          sentence: 'Bad.',
          faults: [],
          weight: 25,
          soaked: true,
        }),
      },
    });
    for (;;) {
      const step = next(after(...events), given);
      if (step.kind === 'wait') {
        told.push(...step.unmet.map(({ text }) => text));
      }
      if (step.kind !== 'record') break;
      events.push(step.event);
      if (step.event.type === 'canaryBound') continue;
      told.push(
        step.event.type === 'canaryMoved'
          ? `${step.event.phase} ${step.event.weight}`
          : step.event.type,
      );
    }
  });
  const promotion = after(...events);
  return { promotion, events, told, outcome: canaryOutcome(promotion) };
}

const old = { images: [before], currentPodHash: 'old', stableHash: 'old' };
const notSeen = { ...old, images: [wanted], observedGeneration: '3' };
const step = (
  currentStepIndex: number,
  more: Partial<ObservedRollout> = {},
) => ({
  ...underWay,
  currentStepIndex,
  ...more,
});
const person = { phase: 'Paused', pauseReasons: ['CanaryPauseStep'] } as const;
const where = 'The canary of parcel-vision in cloud-production';

describe('a promotion behind Argo Rollouts', () => {
  it('follows a good version through all steps to the proof', () => {
    const { promotion, told, outcome } = walk([
      notSeen,
      step(0),
      step(1, { ...person, pauseReasons: ['CanaryPauseStep'] }),
      step(3, person),
      step(4),
      step(6, { total: 4, available: 3 }),
      { total: 4, available: 4 },
    ]);
    expect(told).toEqual([
      `${where} has not started.`,
      'progressing 0',
      `${where} gets 0 % of the traffic.`,
      'progressing 5',
      `${where} gets 5 % of the traffic.`,
      'progressing 25',
      `${where} gets 25 % of the traffic and waits for a person.`,
      // The weight of the step in force is not passed yet.
      `${where} gets 25 % of the traffic.`,
      'promoting 50',
      'The stable version of parcel-vision in cloud-production is being replaced.',
      'idle 0',
      'succeeded',
    ]);
    expect(promotion).toMatchObject({
      phase: 'succeeded',
      proof: [{ images: [wanted], replicas: 2, canary: 'promoted' }],
    });
    expect(outcome).toBe('promoted');
  });

  it('is not proven by a success of the version before', () => {
    const { promotion } = walk([
      notSeen,
      { ...notSeen, observedGeneration: undefined },
    ]);
    expect(promotion.phase).toBe('verifying');
  });

  it('fails when a person gives it up, with the words of the engine', () => {
    const { promotion, told, outcome } = walk([
      step(3, person),
      step(0, {
        aborted: true,
        phase: 'Degraded',
        message: 'RolloutAborted: Rollout aborted update to revision 2',
      }),
    ]);
    expect(told.slice(-3)).toEqual(['failed 0', 'targetBlocked', 'failed']);
    expect(promotion).toMatchObject({
      phase: 'failed',
      problem: {
        code: 'canaryTakenBack',
        message:
          'Argo Rollouts took the canary of parcel-vision in cloud-production back: RolloutAborted: Rollout aborted update to revision 2',
      },
    });
    expect(outcome).toBe('rolledBack');
  });

  it('fails when an analysis condemns it, and says which', () => {
    const { promotion } = walk([
      step(5, { analyses: [{ name: 'errors-2', status: 'Running' }] }),
      step(0, {
        aborted: true,
        phase: 'Degraded',
        analyses: [
          { name: 'errors-2', status: 'Failed', message: '3 of 5 failed' },
        ],
      }),
    ]);
    expect(promotion).toMatchObject({
      problem: {
        code: 'canaryTakenBack',
        message: expect.stringContaining(
          'AnalysisRun errors-2 is Failed: 3 of 5 failed',
        ),
      },
    });
  });

  it('follows blue/green over the switch', () => {
    const strategy = bySwitch;
    const { told, outcome } = walk([
      { ...underWay, strategy, activeHash: 'old' },
      {
        ...underWay,
        strategy,
        activeHash: 'old',
        phase: 'Paused',
        pauseReasons: ['BlueGreenPause'],
      },
      { ...underWay, strategy, activeHash: 'new' },
      { strategy, activeHash: 'new', total: 4 },
    ]);
    expect(told).toEqual([
      'progressing 0',
      `${where} gets 0 % of the traffic.`,
      'waitingPromotion 0',
      `${where} has 0 % of the traffic and waits to be let pass.`,
      'progressing 100',
      `${where} gets 100 % of the traffic.`,
      'idle 0',
      'succeeded',
    ]);
    expect(outcome).toBe('promoted');
  });

  it('follows a switch that is taken back', () => {
    const strategy = bySwitch;
    const given = { ...underWay, strategy, aborted: true, phase: 'Degraded' };
    const { told } = walk([
      { ...underWay, strategy, activeHash: 'new' },
      { ...given, activeHash: 'new' },
      { ...given, activeHash: 'old' },
    ]);
    expect(told.slice(-4)).toEqual([
      `${where} gets 100 % of the traffic.`,
      'failed 0',
      'targetBlocked',
      'failed',
    ]);
  });

  it('tells a version that a person let pass at once', () => {
    const { told, outcome } = walk([
      step(1),
      step(1, { promoteFull: true }),
      { completion: 'FastPromoted' },
    ]);
    expect(told).toContain('promoting 5');
    expect(outcome).toBe('fastPromoted');
  });

  it('does not call the first version of all compared', () => {
    const { told, outcome } = walk([
      { stableHash: undefined, phase: 'Progressing' },
      { revision: '1' },
    ]);
    expect(told).toEqual([
      'Argo Rollouts is setting parcel-vision in cloud-production up.',
      'succeeded',
    ]);
    expect(outcome).toBe('neverRan');
  });

  it('keeps its place while a scaling is not seen yet', () => {
    const { told } = walk([
      step(3),
      step(3, { observedGeneration: '3' }),
      step(3),
    ]);
    expect(told.filter(line => line.startsWith('progressing'))).toEqual([
      'progressing 25',
    ]);
  });

  it.each<[string, Partial<ObservedRollout>, string]>([
    ['stopped by a person', step(2, { paused: true }), 'canarySuspended'],
    [
      'not valid',
      {
        ...old,
        images: [wanted],
        conditions: [{ type: 'InvalidSpec', status: 'True' }],
      },
      'degraded',
    ],
    [
      'out of time',
      step(0, {
        conditions: [
          {
            type: 'Progressing',
            status: 'False',
            reason: 'ProgressDeadlineExceeded',
          },
        ],
      }),
      'degraded',
    ],
    [
      'out of time before it ever ran',
      {
        stableHash: undefined,
        conditions: [
          {
            type: 'Progressing',
            status: 'False',
            reason: 'ProgressDeadlineExceeded',
          },
        ],
      },
      'degraded',
    ],
    ['of other images', { ...old, currentPodHash: 'x' }, 'imagesDiffer'],
    ['never seen', notSeen, 'canaryNotStarted'],
  ])('does not wait for ever for one that is %s', (_name, picture, code) => {
    const { promotion } = walk([picture, picture, picture]);
    expect(promotion).toMatchObject({
      phase: 'verifying',
      progress: { [key]: { blocked: { problem: { code } } } },
    });
    const day = { [key]: shows(picture, 0).targets[key] };
    const later = facts({ now: at(90_000), targets: day });
    expect(next(promotion, later)).toMatchObject({
      event: { type: 'failed', problem: { code } },
    });
  });

  it('follows a template that is in a Deployment scaled to nothing', () => {
    const rollout = aRollout({
      images: [],
      workloadRef: { kind: 'Deployment', name: 'parcel-vision' },
      workloadObservedGeneration: '7',
    });
    const seen = (generation: number) => {
      const template = { ...aTemplate('1', generation), images: [wanted] };
      const state = {
        canary: describeRollout(rollout, template),
        workload: describeRolloutWorkload(rollout, template),
      };
      return next(
        after(...story),
        facts({ targets: { [key]: aTargetFact(state) } }),
      );
    };
    expect(seen(8).kind).toBe('wait');
    expect(seen(7)).toMatchObject({ event: { type: 'succeeded' } });
  });
});

describe('going back behind Argo Rollouts', () => {
  const rollback = [
    requested({ kind: 'rollback', declaration, reason: 'Belts stop' }),
    gatesPassed,
  ];

  it('does not wait for an engine that asks nothing', () => {
    const written = next(after(...rollback), shows(step(3), 10));
    expect(written).toMatchObject({
      kind: 'perform',
      effect: { kind: 'writeCommit' },
    });
  });

  it('is proven once the controller is back on the stable version', () => {
    const { promotion, outcome } = walk(
      [step(3, { observedGeneration: '3' }), { completion: 'Aborted' }],
      [...rollback, committed, asked(target), applied(target)],
    );
    expect(promotion.phase).toBe('succeeded');
    expect(outcome).toBeUndefined();
  });
});

describe('what people say to Argo Rollouts', () => {
  const sayNow = (
    action: SteeringAction,
    picture: Partial<ObservedRollout>,
    given: readonly PromotionEvent[] = [],
  ) => {
    const { promotion, events } = walk([picture], [...story, ...given]);
    const shown = shows(picture, 60);
    const run = shown.targets[key].state.canary;
    const word = steer(
      promotion,
      { action, by: mia, at: at(60), reason: 'Belts stop' },
      run ? [run] : [],
    );
    if (isRefused(word)) return word.code;
    const said = [...events, word];
    const decide = (now: number, on = picture) => {
      const taken = next(after(...said), shows(on, now));
      if (taken.kind !== 'perform' || taken.effect.kind !== 'orderEngine')
        return taken.kind;
      const { order, actor } = taken.effect;
      return { order, actor };
    };
    return { said, decide };
  };
  const revision = 'new';
  const standing = step(3, person);

  it.each<[SteeringAction, Partial<ObservedRollout>, EngineOrder]>([
    ['pause', standing, { kind: 'pause', revision }],
    [
      'stepNow',
      standing,
      { kind: 'goOn', revision, pause: 'new/3/CanaryPauseStep' },
    ],
    [
      'stepNow',
      step(1, person),
      { kind: 'goOn', revision, pause: 'new/1/CanaryPauseStep' },
    ],
    ['promoteFully', standing, { kind: 'promoteFully', revision }],
    ['promoteFully', step(5), { kind: 'promoteFully', revision }],
    ['abort', standing, { kind: 'abort', revision }],
    ['abort', step(1), { kind: 'abort', revision }],
    [
      'stepNow',
      {
        ...underWay,
        strategy: bySwitch,
        activeHash: 'old',
        phase: 'Paused',
        pauseReasons: ['BlueGreenPause'],
      },
      { kind: 'goOn', revision, pause: 'new/switch/BlueGreenPause' },
    ],
  ])('becomes an order in their name: %s', (action, picture, order) => {
    const answer = sayNow(action, picture);
    expect(answer).toMatchObject({ decide: expect.any(Function) });
    expect(typeof answer === 'string' ? answer : answer.decide(61)).toEqual({
      order,
      actor: mia,
    });
  });

  it('is told once, and again when nothing came of it', () => {
    const answer = sayNow('abort', standing);
    if (typeof answer === 'string') throw new Error(answer);
    const order: EngineOrder = { kind: 'abort', revision };
    answer.said.push({
      type: 'canaryOrdered',
      at: at(61),
      actor: mia,
      target: key,
      order,
      outcome: 'accepted',
      sentence: 'Mia took it back.',
    });
    expect(answer.decide(62)).toBe('wait');
    expect(answer.decide(122)).toEqual({ order, actor: mia });
  });

  it('lets go what it stopped, and nothing that others stopped', () => {
    const answer = sayNow('pause', standing);
    if (typeof answer === 'string') throw new Error(answer);
    const { said, decide } = answer;
    const stopped = { ...standing, paused: true };
    const event = (kind: 'pause' | 'resume', seconds: number) => ({
      type: 'canaryOrdered' as const,
      at: at(seconds),
      actor: mia,
      target: key,
      order: { kind, revision },
      outcome: 'accepted' as const,
      sentence: 'So.',
    });
    said.push(event('pause', 61));
    // It is no problem that it stands, for as long as that is wanted.
    expect(decide(90_000, stopped)).toBe('wait');
    said.push({
      type: 'canarySteered',
      at: at(90_001),
      actor: mia,
      action: 'resume',
    });
    expect(decide(90_002, stopped)).toMatchObject({
      order: { kind: 'resume' },
    });
    said.push(event('resume', 90_002));
    expect(decide(90_003, stopped)).toBe('wait');
    expect(decide(90_100, standing)).toBe('wait');
    expect(decide(90_200, stopped)).toBe('record');
  });

  it.each<[string, Partial<ObservedRollout>]>([
    ['has gone on by itself', { activeHash: 'new', strategy: bySwitch }],
    ['is not seen to run the release', old],
  ])('is too late for one that %s', (_name, picture) => {
    expect(sayNow('abort', picture)).toBe('notRunning');
  });
});

describe('a promotion whose pipeline wants Argo Rollouts judged', () => {
  const soak = 10 * 60_000;
  const judged = (strategy: Partial<CanaryStrategy> = {}) => [
    requested({
      declaration: aDeclaration({
        strategy: { ...usualCanaryStrategy, soak, ...strategy },
      }),
    }),
    gatesPassed,
    committed,
    asked(target),
    applied(target),
  ];
  const says = (change: Partial<JudgedCanary>) => ({
    verdicts: {
      [key]: known({
        decision: 'goOn' as const,
        sentence: 'All is well.',
        faults: [],
        weight: 25,
        soaked: true,
        ...change,
      }),
    },
  });
  const standing = step(3, person);

  /** What is done at the end, after everything that can be recorded was. */
  function decide(
    begin: readonly PromotionEvent[],
    looks: readonly [
      seconds: number,
      picture: Partial<ObservedRollout>,
      more?: Partial<Facts>,
    ][],
  ) {
    const events = [...begin];
    let last = next(after(...events), shows({}, 0));
    for (const [seconds, picture, more] of looks) {
      for (;;) {
        last = next(after(...events), shows(picture, seconds, more));
        if (last.kind !== 'record') break;
        events.push(last.event);
      }
    }
    return last.kind === 'perform' && last.effect.kind === 'orderEngine'
      ? `${last.effect.order.kind}: ${last.effect.sentence}`
      : last.kind;
  }
  const begun: [number, Partial<ObservedRollout>] = [20, step(1)];
  const at25: [number, Partial<ObservedRollout>] = [60, standing];

  it.each<[string, Partial<JudgedCanary> | undefined, number, string]>([
    ['good and watched long enough', {}, 700, 'goOn: All is well.'],
    ['good, but not watched long enough', {}, 600, 'wait'],
    ['not known', undefined, 700, 'wait'],
    ['not sure', { decision: 'hold' }, 700, 'wait'],
    ['not yet judged to its end', { soaked: false }, 700, 'wait'],
    ['judged at another weight', { weight: 5 }, 700, 'wait'],
    [
      'bad, at any moment',
      { decision: 'rollBack', sentence: '38 errors.' },
      90,
      'abort: 38 errors.',
    ],
  ])('at a pause, %s', (_name, verdict, seconds, expected) => {
    const more = verdict ? says(verdict) : {};
    const look: [number, Partial<ObservedRollout>, Partial<Facts>] = [
      seconds,
      standing,
      more,
    ];
    expect(decide(judged(), [begun, at25, look])).toBe(expected);
  });

  it('takes a bad one back also where nothing waits', () => {
    const bad = says({ decision: 'rollBack', sentence: '38 errors.' });
    expect(decide(judged(), [begun, at25, [90, step(4), bad]])).toBe(
      'abort: 38 errors.',
    );
  });

  it('holds evidence where the pipeline says so', () => {
    const bad = says({ decision: 'rollBack' });
    const held = judged({ onFault: 'hold' });
    expect(decide(held, [begun, at25, [700, standing, bad]])).toBe('wait');
  });

  it('takes it back when it could not be decided for too long', () => {
    const unsure = says({ decision: 'hold', sentence: 'Too few.' });
    const looks: [number, Partial<ObservedRollout>, Partial<Facts>?][] = [
      begun,
      at25,
      [700, standing, unsure],
      [700 + 3 * 3600, standing, unsure],
    ];
    expect(decide(judged(), looks)).toMatch(/^abort: It could not be decided/);
  });

  it('holds a version that came in the middle of the run', () => {
    const other = { ...standing, currentPodHash: 'other' };
    expect(decide(judged(), [begun, at25, [700, other, says({})]])).toBe(
      'wait',
    );
  });

  it('holds images that nobody promoted', () => {
    const other = { ...standing, images: [before] };
    expect(decide(judged(), [begun, at25, [700, other, says({})]])).toBe(
      'wait',
    );
  });

  it('believes no status that is not of the newest spec', () => {
    const unseen = { ...standing, observedGeneration: '3' };
    expect(decide(judged(), [begun, at25, [700, unseen, says({})]])).toBe(
      'wait',
    );
  });

  it('leaves to people what an analysis could not decide', () => {
    const open = {
      ...standing,
      pauseReasons: ['InconclusiveAnalysisRun'],
      analyses: [{ name: 'errors-2', status: 'Inconclusive' }],
    };
    expect(decide(judged(), [begun, at25, [700, open, says({})]])).toBe('wait');
  });

  it('waits for a person before the last step where the pipeline says so', () => {
    const last = step(5, { pauseReasons: ['InconclusiveExperiment'] });
    const strategy = judged({ promotion: 'manual', analysis: false });
    expect(decide(strategy, [begun, [60, last], [4_000, last]])).toBe('wait');
    const auto = judged({ analysis: false });
    expect(decide(auto, [begun, [60, last], [4_000, last]])).toBe(
      'goOn: 50 % was watched long enough.',
    );
  });

  it('switches blue/green after the soak, also when only the end of its start was seen', () => {
    const waits = {
      ...underWay,
      strategy: bySwitch,
      activeHash: 'old',
      phase: 'Paused',
      pauseReasons: ['BlueGreenPause'],
    };
    expect(decide(judged(), [[20, waits]])).toBe('wait');
    expect(
      decide(judged(), [
        [20, waits],
        [700, waits],
      ]),
    ).toBe('goOn: The new version was watched long enough.');
  });

  it('begins anew with a version that was given up before, once', () => {
    const gaveUp = step(0, { aborted: true, phase: 'Degraded' });
    expect(decide(judged(), [[20, gaveUp]])).toMatch(/^retry: 2.8.1/);
    const tried: PromotionEvent = {
      type: 'canaryOrdered',
      at: at(21),
      actor: mia,
      target: key,
      order: { kind: 'retry', revision: 'new' },
      outcome: 'accepted',
      sentence: 'So.',
    };
    expect(decide([...judged(), tried], [[400, gaveUp]])).toBe('wait');
  });

  it.each([
    ['fast', 'promoteFully: A rollback takes all steps at once.'],
    ['safe', 'wait'],
  ] as const)('goes back %s', (mode, expected) => {
    const back = [
      requested({
        kind: 'rollback',
        mode,
        declaration: aDeclaration({ strategy: usualCanaryStrategy }),
        reason: 'Belts stop',
      }),
      gatesPassed,
      committed,
      asked(target),
      applied(target),
    ];
    expect(decide(back, [begun])).toBe(expected);
  });

  it('orders nothing in the seconds after Flux applied it', () => {
    const bad = says({ decision: 'rollBack' });
    expect(decide(judged(), [[12, standing, bad]])).toBe('wait');
  });

  it('says when the cluster refuses its orders', () => {
    const refused: PromotionEvent = {
      type: 'canaryOrdered',
      at: at(21),
      actor: mia,
      target: key,
      order: { kind: 'abort', revision: 'new' },
      outcome: 'refused',
      sentence: 'So.',
      message: 'The cluster forbids it.',
    };
    const { told } = walk([standing], [...story, refused]);
    expect(told).toContain(
      "The cluster forbids it. Give the portal's account the right to patch it, or tell the engine yourself.",
    );
  });
});
