// SPDX-License-Identifier: Apache-2.0
import { usualCanaryStrategy } from '../../pipeline/strategy';
import {
  aDeclaration,
  after,
  applied,
  aRelease,
  aRun,
  asked,
  aTarget,
  aTargetFact,
  at,
  committed,
  gatesPassed,
  imageOf,
  mia,
  requested,
} from '../../promotion/__fixtures__/story';
import type { PromotionEvent } from '../../promotion/events';
import { PORTAL_ACTOR, targetKey } from '../../promotion/promotion';
import type { CanaryRun } from '../run/canaryRun';
import { canaryView, type CanarySituation } from './canaryView';
import { minuteSeries } from './minuteSeries';

const target = aTarget('cloud-production');
const key = targetKey(target);
const minute = (count: number) => at(count * 60);
const before = [
  requested({
    declaration: aDeclaration({ strategy: usualCanaryStrategy }),
    replaces: aRelease(0),
  }),
  gatesPassed,
  committed,
  asked(target),
  applied(target),
];
const moved = (
  count: number,
  weight: number,
  phase: CanaryRun['phase'] = 'progressing',
): PromotionEvent => ({
  type: 'canaryMoved',
  at: minute(count),
  actor: PORTAL_ACTOR,
  target: key,
  phase,
  weight,
});
const at25 = [moved(1, 0), moved(2, 5), moved(35, 25)];

function view(
  events: readonly PromotionEvent[],
  run: Partial<CanaryRun> = {},
  change: Partial<CanarySituation> = {},
) {
  const story = [...before, ...events];
  return canaryView({
    promotion: after(...story),
    events: story,
    targets: {
      [key]: {
        state: aTargetFact({ canary: aRun(run) }).state,
        minutes: [],
        notes: [],
        verdict: {
          decision: 'goOn',
          sentence: 'No error in 9,840 requests.',
          findings: { gates: [], troubled: [] },
        },
      },
    },
    earlier: [],
    now: minute(50),
    withheld: {},
    ...change,
  });
}

test('steps tell what was, is and comes, and how long the present one is watched', () => {
  const shown = view(at25);
  expect(shown.targets[0].steps).toEqual([
    { weight: 5, state: 'done', since: minute(2), until: minute(35) },
    { weight: 25, state: 'current', since: minute(35), until: minute(65) },
    { weight: 50, state: 'planned' },
    { weight: 100, state: 'planned' },
  ]);
  expect(shown.headline).toBe(
    '25 % of the traffic, watched for 15 min more. No error in 9,840 requests.',
  );
});

test('a run that began anew shows the steps of the new one', () => {
  const again = view([...at25, moved(40, 0), moved(41, 5)], { weight: 5 });
  expect(again.targets[0].steps.slice(0, 2)).toEqual([
    { weight: 5, state: 'current', since: minute(41), until: minute(71) },
    { weight: 25, state: 'planned' },
  ]);
});

test('trap 4 and 10: who is waited for is named, and what can be done about it', () => {
  const steered: PromotionEvent = {
    type: 'canarySteered',
    at: minute(40),
    actor: mia,
    action: 'pause',
    reason: 'Late shift asks',
  };
  const paused = view([...at25, steered]);
  expect(paused.headline).toBe('Paused at 25 %.');
  expect(paused.paused).toMatchObject({ by: mia, reason: 'Late shift asks' });
  expect(paused.words).toEqual([
    { at: minute(40), by: mia, text: 'Paused.', reason: 'Late shift asks' },
  ]);
  expect(
    paused.actions.map(({ action, allowed }) => [action, allowed]),
  ).toEqual([
    ['resume', true],
    ['stepNow', true],
    ['promoteFully', true],
    ['abort', true],
  ]);
  expect(view(at25, { phase: 'waiting', weight: 0 }).headline).toBe(
    'It waits to be let in; no traffic is on it yet.',
  );
});

test('an engine that neither asks nor takes orders can not be told anything', () => {
  const shown = view(at25, { engine: 'driftwood', asks: [] });
  expect(shown.actions.flatMap(({ reasons }) => reasons)).toEqual(
    Array(4).fill(
      expect.objectContaining({
        code: 'notSteerable',
        text: expect.stringMatching(/^driftwood does not ask/),
      }),
    ),
  );
});

test('an engine that the pipeline does not want judged speaks for itself', () => {
  const message = 'It stands at a pause until it is told to go on.';
  const measures = [
    {
      name: 'errors-2',
      state: 'failed' as const,
      message: '3 of 5 failed',
      metrics: [],
    },
  ];
  const promotion = after(
    requested(),
    gatesPassed,
    committed,
    asked(target),
    applied(target),
    ...at25,
  );
  const shown = view(
    at25,
    {
      engine: 'argoRollouts',
      asks: [],
      takesOrders: true,
      message,
      measures,
      checks: undefined,
    },
    { promotion },
  );
  expect(shown.headline).toBe(`25 % of the traffic. ${message}`);
  // When the step ends is not the portal's to say.
  expect(shown.targets[0].steps[1]).toEqual({
    weight: 25,
    state: 'current',
    since: minute(35),
  });
  expect(shown.targets[0]).not.toHaveProperty('checks');
  expect(shown.targets[0].measures).toEqual(measures);
  expect(shown.actions.map(({ allowed }) => allowed)).toEqual(
    Array(4).fill(true),
  );
});

test('what engines were told is among the words, with what came of it', () => {
  const ordered: PromotionEvent = {
    type: 'canaryOrdered',
    at: minute(40),
    actor: mia,
    target: key,
    order: { kind: 'abort', revision: 'new' },
    outcome: 'refused',
    sentence: 'Belts stop.',
    message: 'Forbidden.',
  };
  expect(view([...at25, ordered]).words).toEqual([
    {
      at: minute(40),
      by: mia,
      text: 'The engine is told to take it back, which the cluster refuses. Belts stop.',
    },
  ]);
});

test('a missing right is a reason beside the button', () => {
  const withheld = {
    abort: { code: 'notPermitted', text: 'You may not.', owners: [] },
  };
  const shown = view(at25, {}, { withheld });
  expect(shown.actions.find(({ action }) => action === 'abort')).toMatchObject({
    allowed: false,
    reasons: [{ code: 'notPermitted' }],
    consequence: expect.stringContaining('goes back to 2.8.0'),
  });
});

test('a cluster out of sight shows its last word, and nothing can be told it', () => {
  const state = aTargetFact({
    canary: aRun(),
    freshness: { state: 'unreachable', since: minute(45), problem: 'Refused.' },
  }).state;
  const shown = view(
    at25,
    {},
    { targets: { [key]: { state, minutes: [], notes: [] } } },
  );
  expect(shown.headline).toBe(
    'cloud-production can not be seen; it had 25 % of the traffic.',
  );
  expect(shown.actions.some(({ allowed }) => allowed)).toBe(false);
});

describe('an end', () => {
  const failed = (code: string): PromotionEvent => ({
    type: 'failed',
    at: minute(60),
    actor: PORTAL_ACTOR,
    target: key,
    problem: { code, message: 'Gone.' },
  });
  const succeeded = (
    canary: 'promoted' | 'fastPromoted' | 'neverRan',
  ): PromotionEvent => ({
    type: 'succeeded',
    at: minute(140),
    actor: PORTAL_ACTOR,
    proof: [
      {
        target: key,
        seenAt: minute(140),
        images: [imageOf(1)],
        replicas: 3,
        canary,
      },
    ],
  });
  const judged: PromotionEvent = {
    type: 'canaryJudged',
    at: minute(38),
    actor: PORTAL_ACTOR,
    target: key,
    decision: 'rollBack',
    sentence: '38 errors in 9,840 requests.',
    faults: ['errors'],
    weight: 25,
  };
  const steered = (action: 'abort' | 'promoteFully'): PromotionEvent => ({
    type: 'canarySteered',
    at: minute(38),
    actor: mia,
    action,
    reason: 'Belts stop',
  });

  it.each<[PromotionEvent[], string, RegExp]>([
    [[judged, failed('canaryTakenBack')], 'rolledBack', /38 errors/],
    [[steered('abort'), failed('canaryTakenBack')], 'aborted', /person/],
    [[failed('canaryPromotionFailed')], 'failed', /else went wrong/],
    [[succeeded('promoted')], 'promoted', /Every step/],
    [
      [steered('promoteFully'), succeeded('promoted')],
      'fastPromoted',
      /without/,
    ],
    [[succeeded('neverRan')], 'neverRan', /first version/],
    [
      [
        {
          type: 'superseded',
          at: minute(60),
          actor: mia,
          by: { promotion: 'p2', kind: 'promotion' },
        },
      ],
      'superseded',
      /newer version/,
    ],
  ])('%#: is %s', (events, outcome, words) => {
    const shown = view([...at25, ...events], { phase: 'idle', weight: 0 });
    expect(shown.outcome).toBe(outcome);
    expect(shown.headline).toMatch(words);
    expect(shown.actions).toEqual([]);
    expect(shown.targets[0].steps[0].state).toBe('done');
  });

  it('is kept for comparison with later canaries', () => {
    const earlier = after(
      ...before,
      ...at25,
      judged,
      failed('canaryTakenBack'),
    );
    const plain = after(...before);
    expect(view(at25, {}, { earlier: [plain, earlier] }).past).toMatchObject([
      { outcome: 'rolledBack', highestWeight: 25, duration: 59 * 60_000 },
    ]);
  });
});

test('minutes that nobody spoke of have no quantiles', () => {
  const heard = {
    requests: 100,
    errors: 1,
    buckets: [50, 45, 5],
    cpuPercent: 30,
    memoryPercent: null,
    scrapes: 4,
  };
  const silent = {
    ...heard,
    requests: 0,
    errors: 0,
    buckets: [0, 0, 0],
    cpuPercent: null,
    scrapes: 0,
  };
  const series = minuteSeries({
    minutes: [0, 2, 3].map(count => ({
      minute: count,
      weightPercent: count === 3 ? 12.5 : 5,
      baseline: heard,
      canary: silent,
    })),
    boundsMs: [100, 200],
    begin: minute(2),
    plan: { stepStarts: [1, 3], weights: [5, 25], soakMinutes: 2 },
  });
  expect(series.map(({ weight }) => weight)).toEqual([0, 5, 25]);
  const [, first] = series;
  expect(first).toMatchObject({ at: minute(3), weight: 5 });
  expect(first.baseline).toMatchObject({ p50: 100, p95: 200, cpuPercent: 30 });
  expect(first.canary).toEqual({ requests: 0, errors: 0 });
});
