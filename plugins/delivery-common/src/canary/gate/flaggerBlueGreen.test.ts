// SPDX-License-Identifier: Apache-2.0
import { known } from '../../gates/known';
import { defaultCanaryPolicy } from '../judge/policy';
import { usualCanaryStrategy } from '../../pipeline/strategy';
import {
  aDeclaration,
  after,
  applied,
  aRun,
  aTarget,
  at,
  committed,
  gatesPassed,
  jonas,
  requested,
} from '../../promotion/__fixtures__/story';
import type { PromotionEvent } from '../../promotion/events';
import { judgeRun } from '../../promotion/judgeRun';
import { PORTAL_ACTOR, targetKey } from '../../promotion/promotion';
import type { CanaryRun } from '../run/canaryRun';
import { answerGate, type GateQuestionOfEngine } from './answerGate';

const target = aTarget('cloud-production');
const key = targetKey(target);
const moved = (seconds: number): PromotionEvent => ({
  type: 'canaryMoved',
  at: at(seconds),
  actor: PORTAL_ACTOR,
  target: key,
  phase: 'progressing',
  weight: 0,
});

/** Flagger's own blue/green: it counts repetitions, and all traffic stays where it was until the switch. */
const run = (change: Partial<CanaryRun> = {}) =>
  aRun({
    strategy: 'blueGreen',
    steps: [],
    weight: 0,
    iterations: { done: 10, of: 10 },
    ...change,
  });

function ask(
  seconds: number,
  change: Partial<GateQuestionOfEngine> = {},
  promotion: 'auto' | 'manual' = 'auto',
  more: readonly PromotionEvent[] = [],
) {
  const strategy = {
    ...usualCanaryStrategy,
    policy: defaultCanaryPolicy,
    promotion,
    soak: 600_000,
  };
  const declaration = aDeclaration({ strategy });
  const approved = after(
    requested({ declaration }),
    gatesPassed,
    committed,
    applied(target),
    moved(10),
    ...more,
  );
  return answerGate({
    hook: 'confirm-promotion',
    cluster: 'cloud-production',
    checksum: '1',
    run: run(),
    approved,
    progress:
      'progress' in approved ? approved.progress?.[key]?.canary : undefined,
    verdict: known({
      decision: 'hold',
      sentence: 'There is nothing to compare.',
      faults: [],
      weight: 0,
      soaked: false,
    }),
    now: at(seconds),
    rollback: undefined,
    ...change,
  });
}

describe('blue/green of Flagger', () => {
  it('is let pass when it was watched for the soak, whatever can not be compared', () => {
    expect(ask(300)).toMatchObject({ open: false, code: 'soaking' });
    expect(ask(611)).toMatchObject({ open: true, code: 'soaked' });
  });

  it('waits for a person before the switch where the document says so', () => {
    expect(ask(9_000, {}, 'manual')).toMatchObject({
      open: false,
      code: 'waitsForPerson',
    });
    const yes: PromotionEvent = {
      type: 'canarySteered',
      action: 'promoteFully',
      at: at(20),
      actor: jonas,
    };
    expect(ask(30, {}, 'manual', [yes])).toMatchObject({
      open: true,
      code: 'hurried',
    });
  });

  it('is never taken back because nothing could be compared', () => {
    expect(ask(90_000, { hook: 'rollback' })).toMatchObject({
      open: false,
      code: 'nothingAgainstIt',
    });
  });

  it('is told as so many tests, not as a weight', () => {
    const wish = {
      commit: 'c',
      images: requested().release.images,
      progress: {},
      now: at(30),
    };
    const tested = run({ iterations: { done: 3, of: 10 } });
    expect(judgeRun(tested, target, wish)).toMatchObject({
      text: 'The canary of parcel-vision in cloud-production is tested: 3 of 10 times.',
    });
  });
});
