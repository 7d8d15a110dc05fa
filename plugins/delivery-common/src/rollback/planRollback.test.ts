// SPDX-License-Identifier: Apache-2.0
import type { StageSight } from '../gates/observation';
import {
  after,
  aPipeline,
  applied,
  aRelease,
  aTarget,
  at,
  committed,
  gatesPassed,
  requested,
  soaked,
} from '../promotion/__fixtures__/story';
import type { PromotionEvent } from '../promotion/events';
import type { Promotion } from '../promotion/promotion';
import {
  planRollback,
  rollbackChoices,
  type RollbackFacts,
} from './planRollback';

const stage = 'cloud-production';
const releases = Object.fromEntries(
  [0, 1, 2].map(patch => [`release-${patch}`, aRelease(patch)]),
);

function runs(patch: number): Record<string, StageSight> {
  return {
    [stage]: {
      state: 'seen',
      releases: [`release-${patch}`],
      unrecognised: false,
      health: 'healthy',
    },
  };
}

function ran(patch: number, from: number, until?: number) {
  return soaked({
    stage,
    release: `release-${patch}`,
    arrivedAt: at(from),
    since: at(until ?? from),
    health: until === undefined ? 'healthy' : 'gone',
  });
}

function promoted(
  patch: number,
  change: Parameters<typeof requested>[0],
  ...story: PromotionEvent[]
): Promotion {
  return after(
    requested({ stage, release: aRelease(patch), ...change }),
    gatesPassed,
    committed,
    ...story,
  );
}

const arrived: PromotionEvent[] = [
  applied(aTarget('cloud-production')),
  { type: 'succeeded', at: at(50), actor: 'plugin:delivery', proof: [] },
];
const failed: PromotionEvent = {
  type: 'failed',
  at: at(60),
  actor: 'plugin:delivery',
  problem: { code: 'degraded', message: 'Crash loop' },
};

const base: RollbackFacts = {
  pipeline: aPipeline(),
  observations: [ran(0, 0, 100), ran(1, 100, 200), ran(2, 200)],
  promotions: [],
  sights: runs(2),
  releases,
};

function inProduction(change: Partial<RollbackFacts> = {}) {
  const found = rollbackChoices({ ...base, ...change }).find(
    each => each.stage === stage,
  );
  if (!found) throw new Error('production is missing');
  return found;
}

function previous(change: Partial<RollbackFacts> = {}) {
  return inProduction(change).choices.find(each => each.previous)?.release
    .version;
}

it('offers what was healthy there, the latest first, with when it ran', () => {
  const { current, choices, refused } = inProduction();
  expect(current?.version).toBe('2.8.2');
  expect(refused).toEqual([]);
  expect(
    choices.map(each => [
      each.release.version,
      each.previous,
      each.ranFrom,
      each.ranUntil,
      each.refused?.code,
    ]),
  ).toEqual([
    ['2.8.2', false, at(200), undefined, 'alreadyThere'],
    ['2.8.1', true, at(100), at(200), undefined],
    ['2.8.0', false, at(0), at(100), undefined],
  ]);
});

it.each<[string, Partial<RollbackFacts>, string | undefined]>([
  ['the one before', {}, '2.8.1'],
  [
    'what still runs when the newest failed after its commit',
    {
      promotions: [promoted(2, {}, failed)],
      observations: [ran(0, 0, 100), ran(1, 100)],
      sights: runs(1),
    },
    '2.8.1',
  ],
  [
    'not one that was taken back',
    {
      promotions: [
        promoted(
          0,
          { promotion: 'r', kind: 'rollback', replaces: aRelease(1) },
          ...arrived,
        ),
      ],
      observations: [ran(0, 300), ran(1, 100, 290)],
      sights: runs(0),
    },
    undefined,
  ],
  [
    'one that was taken back but promoted again with success',
    {
      promotions: [
        promoted(1, { promotion: 'again' }, ...arrived),
        promoted(
          0,
          { promotion: 'r', kind: 'rollback', replaces: aRelease(1) },
          ...arrived,
        ),
      ],
    },
    '2.8.1',
  ],
  ['nothing when nothing else ran', { observations: [ran(2, 0)] }, undefined],
  [
    'one that arrived by promotion only',
    { observations: [ran(2, 200)], promotions: [promoted(1, {}, ...arrived)] },
    '2.8.1',
  ],
])('goes back by default to %s', (_what, change, expected) => {
  expect(previous(change)).toBe(expected);
});

it('names the reason when there is nothing to go back to', () => {
  expect(inProduction({ observations: [ran(2, 0)] }).refused).toMatchObject([
    { code: 'nothingToGoBackTo' },
  ]);
});

it('refuses the release to which a rollback is already under way', () => {
  const underway = after(
    requested({ stage, kind: 'rollback', release: aRelease(1) }),
  );
  const { choices } = inProduction({ promotions: [underway] });
  expect(
    choices.find(each => each.release.id === 'release-1')?.refused?.code,
  ).toBe('alreadyRequested');
});

it.each<
  [
    string,
    { stages: string[]; release?: string },
    [string | undefined, string[]],
  ]
>([
  ['the previous one', { stages: [stage] }, ['2.8.1', []]],
  ['a chosen one', { stages: [stage], release: 'release-0' }, ['2.8.0', []]],
  [
    'the present one',
    { stages: [stage], release: 'release-2' },
    ['2.8.2', ['alreadyThere']],
  ],
  [
    'one that never ran there',
    { stages: [stage], release: 'release-7' },
    [undefined, ['neverRanHere']],
  ],
  [
    'a stage that does not exist',
    { stages: ['moon'] },
    [undefined, ['unknownStage']],
  ],
  [
    'a stage in which nothing ran',
    { stages: ['cloud-staging'] },
    [undefined, ['nothingToGoBackTo']],
  ],
])('plans %s', (_what, wish, expected) => {
  const [{ to, problems }] = planRollback(wish, rollbackChoices(base));
  expect([to?.version, problems.map(({ code }) => code)]).toEqual(expected);
});
