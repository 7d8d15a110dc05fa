// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  describeRollout,
  type CanaryRun,
  type EngineOrder,
  type ObservedRollout,
} from '@causeway/plugin-delivery-common';
import { rolloutPatches } from './rolloutPatches';
import { trimAnalysisRun } from './trimAnalysisRun';
import { trimRollout } from './trimRollout';

/**
 * What the real controller wrote (Argo Rollouts 1.8.5 on Kubernetes 1.36), one object a line, times
 * left out. In each story the orders were the patches of {@link rolloutPatches}.
 */
const stories = [
  'good',
  'aborted',
  'stopped',
  'resumed',
  'changed',
  'analysis',
  'bluegreen',
] as const;
type Story = (typeof stories)[number];

const fixture = (name: string) =>
  readFileSync(join(__dirname, '__fixtures__', 'rollouts', name), 'utf8');

const objectsOf = (story: Story): readonly unknown[] =>
  fixture(`${story}.jsonl`)
    .trim()
    .split('\n')
    .map(line => JSON.parse(line));

function trimmed(object: unknown): ObservedRollout {
  const rollout = trimRollout(object);
  if (!rollout) throw new Error('It is no Rollout');
  return rollout;
}

const described = (object: unknown) =>
  describeRollout(trimmed(object), undefined);

function say({
  phase,
  weight,
  suspended,
  waitingFor,
  end,
  measures,
}: CanaryRun) {
  return [
    `${phase} ${weight}`,
    ...(suspended ? ['stopped'] : []),
    ...(waitingFor ? [`waits for ${waitingFor}`] : []),
    ...(end ? [end] : []),
    ...(measures ?? []).map(({ state }) => state),
  ].join(', ');
}

/** What is seen of a story, each picture once in a row; what is not of the newest spec is left out. */
function told(story: Story): readonly string[] {
  const lines = objectsOf(story)
    .map(described)
    .filter(({ behind }) => !behind)
    .map(say);
  return lines.filter((line, index) => line !== lines[index - 1]);
}

test.each<[Story, readonly string[]]>([
  [
    'good',
    [
      'idle 0, neverRan',
      'progressing 0',
      'progressing 25',
      'progressing 25, waits for trafficIncrease',
      'progressing 25',
      'progressing 50',
      'progressing 75',
      'waitingPromotion 75, waits for promotion',
      'progressing 75',
      'promoting 75',
      'idle 0, promoted',
    ],
  ],
  [
    'aborted',
    [
      'idle 0, neverRan',
      'progressing 0',
      'progressing 25',
      'progressing 25, waits for trafficIncrease',
      'failed 0, rolledBack',
      // It was told to try again.
      'progressing 0',
      'progressing 25',
      'progressing 25, waits for trafficIncrease',
      'failed 0, rolledBack',
      'idle 0, promoted',
    ],
  ],
  [
    'stopped',
    [
      'idle 0, neverRan',
      'progressing 0',
      'progressing 25',
      'progressing 25, waits for trafficIncrease',
      'progressing 25',
      'progressing 50',
      'progressing 50, stopped',
      // It was given up while it was stopped.
      'progressing 50',
      'failed 0, rolledBack',
    ],
  ],
  [
    'resumed',
    [
      'idle 0, neverRan',
      'progressing 0',
      'progressing 25',
      'progressing 25, waits for trafficIncrease',
      'progressing 25, stopped, waits for trafficIncrease',
      'progressing 25, waits for trafficIncrease',
      'promoting 25, waits for trafficIncrease',
      'promoting 75',
      'idle 0, promoted',
    ],
  ],
  [
    'analysis',
    [
      'idle 0, neverRan',
      'progressing 0',
      'progressing 25',
      'progressing 25, running',
      'progressing 25',
      'progressing 50',
      'waitingPromotion 50, waits for promotion',
      'progressing 50',
      'promoting 50',
      'idle 0, promoted',
      'progressing 0',
      'progressing 25',
      'progressing 25, waits for trafficIncrease, inconclusive',
      'progressing 25, inconclusive',
      'progressing 25',
      'progressing 50',
      'waitingPromotion 50, waits for promotion',
      'failed 0, rolledBack',
      'progressing 0',
      'progressing 25',
      'failed 0, rolledBack, failed',
    ],
  ],
  [
    'bluegreen',
    [
      'idle 0, neverRan',
      'progressing 0',
      'waitingPromotion 0, waits for promotion',
      'progressing 0',
      'idle 0, promoted',
      'progressing 0',
      'waitingPromotion 0, waits for promotion',
      'failed 0, rolledBack',
      'idle 0, promoted',
      'progressing 0',
      'waitingPromotion 0, waits for promotion',
      'idle 0, promoted',
    ],
  ],
])('the story %s is told as it was', (story, expected) => {
  expect(told(story)).toEqual(expected);
});

/** Which image each version really has: that with which it was seen first. */
function imagesOf(story: Story): ReadonlyMap<string, string> {
  return new Map(
    objectsOf(story)
      .map(described)
      .filter(({ behind }) => !behind)
      .map(({ revision = '', declared }) => [revision, declared[0]] as const)
      .reverse(),
  );
}

test.each(stories)('no image is called stable before it is: %s', story => {
  const images = imagesOf(story);
  const claims = objectsOf(story).flatMap(object => {
    const { stable } = described(object);
    const { stableHash = '' } = trimmed(object);
    return stable ? [[stable[0], images.get(stableHash)]] : [];
  });
  expect(claims.length).toBeGreaterThan(0);
  expect(claims.filter(([said, is]) => said !== is)).toEqual([]);
});

test('a spec that changes at a pause is called seen before its version is known', () => {
  const images = imagesOf('changed');
  const wrong = objectsOf('changed')
    .map(described)
    .filter(({ behind, declared, revision = '' }) => {
      return !behind && images.get(revision) !== declared[0];
    });
  // Nothing is bound or ordered in the seconds after Flux has applied something.
  expect(wrong).toHaveLength(1);
});

describe('an order', () => {
  const standing = (story: Story, step: number) => {
    const object = objectsOf(story).find(each => {
      const { currentStepIndex, pauseReasons } = trimmed(each);
      return currentStepIndex === step && pauseReasons.length > 0;
    });
    const { pause = '', revision = '' } = described(object);
    return { object, pause, revision };
  };

  it('leaves the pause that it is about, and no other', () => {
    const first = standing('good', 1);
    const later = standing('good', 5);
    const order: EngineOrder = { ...first, kind: 'goOn' };
    expect(rolloutPatches(order, first.object)).toEqual([
      { subresource: 'status', body: { status: { pauseConditions: null } } },
    ]);
    expect(rolloutPatches(order, later.object)).toBe('overtaken');
  });

  it('takes the next step, too, after an analysis that could not be decided', () => {
    const at = standing('analysis', 1);
    expect(rolloutPatches({ ...at, kind: 'goOn' }, at.object)).toEqual([
      {
        subresource: 'status',
        body: {
          status: {
            pauseConditions: null,
            controllerPause: false,
            currentStepIndex: 2,
          },
        },
      },
    ]);
  });

  it('lets a stopped Rollout move before it is given up', () => {
    const stopped = objectsOf('stopped').find(each => trimmed(each).paused);
    const behind = objectsOf('stopped')
      .filter(each => trimmed(each).paused)
      .pop();
    const { revision = '' } = described(stopped);
    expect(rolloutPatches({ kind: 'abort', revision }, behind)).toEqual([
      { body: { spec: { paused: false } } },
      { subresource: 'status', body: { status: { abort: true } } },
    ]);
  });

  it.each<[EngineOrder['kind'], unknown]>([
    ['pause', { body: { spec: { paused: true } } }],
    [
      'promoteFully',
      { subresource: 'status', body: { status: { promoteFull: true } } },
    ],
    ['abort', { subresource: 'status', body: { status: { abort: true } } }],
  ])('to %s is one patch, and none for a stable version', (kind, patch) => {
    const { object, pause, revision } = standing('good', 1);
    expect(rolloutPatches({ kind, pause, revision }, object)).toEqual([patch]);
    const stable = objectsOf('good').slice(-1)[0];
    const after = { kind, pause, revision: described(stable).revision ?? '' };
    expect(rolloutPatches(after, stable)).toEqual(
      kind === 'pause' ? [patch] : 'overtaken',
    );
  });

  it('is not repeated where it was followed', () => {
    const given = objectsOf('aborted').find(each => trimmed(each).aborted);
    const { revision = '' } = described(given);
    expect(rolloutPatches({ kind: 'abort', revision }, given)).toEqual([]);
    expect(rolloutPatches({ kind: 'retry', revision }, given)).toEqual([
      { subresource: 'status', body: { status: { abort: false } } },
    ]);
    expect(rolloutPatches({ kind: 'resume', revision }, given)).toEqual([]);
  });

  it('about another version, or about no Rollout, is overtaken', () => {
    const { object } = standing('good', 1);
    const order: EngineOrder = { kind: 'abort', revision: 'another' };
    expect(rolloutPatches(order, object)).toBe('overtaken');
    expect(rolloutPatches(order, {})).toBe('overtaken');
  });
});

test('of AnalysisRuns the outcome and the newest measurement of each metric are kept', () => {
  const runs: readonly unknown[] = JSON.parse(fixture('analysisRuns.json'));
  const none = { successful: 0, failed: 0, inconclusive: 0, errors: 0 };
  const assessed = expect.stringMatching(/^Metric "errors" assessed/);
  const metric = { name: 'errors', message: undefined, dryRun: false, ...none };
  expect(runs.map(trimAnalysisRun)).toEqual([
    expect.objectContaining({
      phase: 'Inconclusive',
      message: assessed,
      metrics: [
        { ...metric, phase: 'Inconclusive', value: '1.5', inconclusive: 1 },
      ],
    }),
    expect.objectContaining({
      phase: 'Failed',
      message: assessed,
      metrics: [{ ...metric, phase: 'Failed', value: '5', failed: 1 }],
    }),
    expect.objectContaining({
      phase: 'Successful',
      message: undefined,
      metrics: [
        { ...metric, phase: 'Successful', value: '0.1', successful: 3 },
      ],
    }),
  ]);
  expect(trimAnalysisRun({ metadata: { name: 'a' } })).toBeUndefined();
});
