// SPDX-License-Identifier: Apache-2.0
import { declarationOf } from './rules';
import {
  after,
  aPipeline,
  aRun,
  aTarget,
  aTargetFact,
  applied,
  at,
  committed,
  facts,
  gatesPassed,
  imageOf,
  jonas,
  omar,
  requested,
} from './__fixtures__/story';
import type { PromotionEvent, PromotionEventOf } from './events';
import type { TargetFact } from './facts';
import { next } from './next';
import { PORTAL_ACTOR, targetKey, type RollbackMode } from './promotion';

const target = aTarget('cloud-production');
const begun = (mode?: RollbackMode) => [
  requested({ kind: 'rollback', ...(mode && { mode }) }),
  gatesPassed,
];
const hurried: PromotionEvent = {
  ...(committed as PromotionEventOf<'committed'>),
  commit: {
    ...(committed as PromotionEventOf<'committed'>).commit,
    skipsAnalysis: true,
  },
};
const restored: PromotionEvent = {
  type: 'analysisRestored',
  at: at(40),
  actor: PORTAL_ACTOR,
  commit: { sha: 'd'.repeat(40), branch: 'main', changed: true },
};
const by = { at: at(30), actor: PORTAL_ACTOR };
const ends: readonly [string, PromotionEvent][] = [
  ['succeeded', { ...by, type: 'succeeded', proof: [] }],
  [
    'failed',
    { ...by, type: 'failed', problem: { code: 'degraded', message: 'Sick' } },
  ],
  [
    'was superseded',
    {
      ...by,
      type: 'superseded',
      by: { promotion: 'promotion-2', kind: 'promotion' },
    },
  ],
];

/** Whether the commit tells engines to skip their analysis. */
function hurries(
  mode: RollbackMode | undefined,
  shown: Parameters<typeof aTargetFact>[0],
): boolean | undefined {
  const fact: TargetFact = aTargetFact({ target, ...shown });
  const step = next(
    after(...begun(mode)),
    facts({ targets: { [targetKey(target)]: fact } }),
  );
  return step.kind === 'perform' && step.effect.kind === 'writeCommit'
    ? step.effect.hurry
    : undefined;
}

const idle = aRun({
  phase: 'idle',
  weight: 0,
  end: 'promoted',
  declared: [imageOf(2)],
  stable: [imageOf(2)],
});

describe('trap 6: a rollback after a success would start a whole canary of the old version', () => {
  it.each<
    [
      string,
      RollbackMode | undefined,
      Parameters<typeof aTargetFact>[0],
      boolean,
    ]
  >([
    ['an idle engine', 'fast', { canary: idle }, true],
    ['an idle engine, safely', 'safe', { canary: idle }, false],
    ['an older request without a mode', undefined, { canary: idle }, false],
    ['no engine', 'fast', {}, false],
    [
      'a run that could not be taken back',
      'fast',
      { canary: aRun({ asks: [] }) },
      true,
    ],
    [
      'a failure, back to the stable version, which needs no run',
      'fast',
      { canary: aRun({ phase: 'failed', weight: 0, stable: [imageOf(1)] }) },
      false,
    ],
    [
      'a failure, back to another version',
      'fast',
      { canary: aRun({ phase: 'failed', weight: 0, stable: [imageOf(0)] }) },
      true,
    ],
    [
      'a cluster out of sight',
      'fast',
      {
        freshness: { state: 'unreachable', since: at(1), problem: 'Refused.' },
      },
      true,
    ],
  ])('%s (%s)', (_name, mode, shown, expected) => {
    expect(hurries(mode, shown)).toBe(expected);
  });

  it.each(ends)('takes it back after the rollback %s, once', (_name, end) => {
    const story = [...begun('fast'), hurried, applied(target), end];
    expect(next(after(...story), facts())).toEqual({
      kind: 'perform',
      effect: {
        kind: 'restoreAnalysis',
        promotion: 'promotion-1',
        fleet: after(...story).declaration.fleet,
        targets: [target],
        service: 'component:default/parcel-vision',
        stage: 'cloud-production',
      },
    });
    expect(next(after(...story, restored), facts())).toEqual({
      kind: 'finished',
    });
  });

  it('takes it back also when it gave way before its commit was recorded, because there may be one', () => {
    const [, [, failed], [, superseded]] = ends;
    const unrecorded = after(...begun('fast'), superseded);
    expect(next(unrecorded, facts())).toMatchObject({
      effect: { kind: 'restoreAnalysis' },
    });
    for (const nothingWritten of [
      after(...begun('fast'), failed),
      after(...begun('fast'), { ...by, type: 'cancelled', actor: jonas }),
      after(...begun('safe'), superseded),
      after(requested({ kind: 'rollback', mode: 'fast' }), superseded),
    ]) {
      expect(next(nothingWritten, facts())).toEqual({ kind: 'finished' });
    }
  });

  it('owes nothing when the commit told no engine anything', () => {
    for (const [, end] of ends) {
      const story = [...begun('fast'), committed, applied(target), end];
      expect(next(after(...story), facts())).toEqual({ kind: 'finished' });
    }
  });
});

it('judges the canary of a safe rollback, and of no other', () => {
  const canary = aRun({ weight: 25 });
  const verdict = {
    decision: 'hold' as const,
    sentence: 'Too early.',
    faults: [],
    weight: 25,
    soaked: false,
  };
  const shown = facts({
    targets: { [targetKey(target)]: aTargetFact({ target, canary }) },
    verdicts: { [targetKey(target)]: { known: true, value: verdict } },
  });
  const step = (mode: RollbackMode) => {
    const declaration = declarationOf(aPipeline(), aPipeline().stages[2]);
    const story: PromotionEvent[] = [
      requested({ kind: 'rollback', mode, declaration, actor: omar }),
      gatesPassed,
      committed,
      applied(target),
      {
        ...by,
        type: 'canaryMoved',
        target: targetKey(target),
        phase: 'progressing',
        weight: 25,
      },
    ];
    const found = next(after(...story), shown);
    return found.kind === 'record' ? found.event.type : found.kind;
  };
  expect([step('safe'), step('fast')]).toEqual(['canaryJudged', 'wait']);
});
