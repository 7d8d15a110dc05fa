// SPDX-License-Identifier: Apache-2.0
import type { StageObservation } from '../gates/observation';
import {
  after,
  approvedByJonas,
  aPipeline,
  aRelease,
  aTarget,
  applied,
  at,
  committed,
  gatesPassed,
  requested,
  soaked,
} from './__fixtures__/story';
import { automaticPromotions, isNewer, type AutomaticFacts } from './automatic';
import type { PromotionEvent } from './events';
import type { Promotion } from './promotion';

const stage = 'cloud-staging';

function runs(...releases: string[]): AutomaticFacts['sights'] {
  return {
    [stage]: {
      state: 'seen',
      releases,
      unrecognised: false,
      health: 'healthy',
    },
  };
}

function missing(...releases: string[]): AutomaticFacts['sights'] {
  return {
    [stage]: {
      state: 'seen',
      releases,
      unrecognised: false,
      health: 'missing',
    },
  };
}

function declares(...releases: string[]): AutomaticFacts['declared'] {
  return { [stage]: { releases, unrecognised: false } };
}

function observed(patch: number, change: Partial<StageObservation> = {}) {
  return soaked({ release: `release-${patch}`, ...change });
}

function asked(patch: number, ...story: PromotionEvent[]): Promotion {
  return after(
    requested({ stage, promotion: `p${patch}`, release: aRelease(patch) }),
    ...story,
  );
}

const portal = { at: at(1), actor: 'plugin:delivery' };
const failed: PromotionEvent = {
  ...portal,
  type: 'failed',
  problem: { code: 'degraded', message: '-' },
};
const overtaken: PromotionEvent = {
  ...portal,
  type: 'superseded',
  by: { promotion: 'r', kind: 'rollback' },
};
const rejected: PromotionEvent = { ...portal, type: 'rejected', reason: 'No' };

const base: AutomaticFacts = {
  pipeline: aPipeline(),
  releases: [aRelease(2), aRelease(1)],
  observations: [observed(1)],
  promotions: [],
  sights: runs('release-1'),
  held: new Set(),
};

it.each<[string, Partial<AutomaticFacts>, string]>([
  ['a newer release came out of ci', {}, 'request release-2'],
  [
    'the newest runs already',
    { observations: [observed(2)], sights: runs('release-2') },
    'hold wasThere',
  ],
  [
    'only an older one is new',
    {
      releases: [aRelease(1), aRelease(0)],
      observations: [],
      sights: runs('release-1'),
    },
    'hold notNewer',
  ],
  [
    'it was reported late but is older',
    {
      releases: [aRelease(1, { reportedAt: at(9_999) }), aRelease(2)],
      observations: [observed(2)],
      sights: runs('release-2'),
    },
    'hold wasThere',
  ],
  [
    'what runs is no known release',
    {
      sights: {
        [stage]: {
          state: 'seen',
          releases: [],
          unrecognised: true,
          health: 'healthy',
        },
      },
    },
    'hold runningUnknown',
  ],
  [
    'nothing runs there yet and Git was not asked',
    { observations: [], sights: missing() },
    'hold declaredUnknown',
  ],
  [
    'nothing runs there yet and Git declares nothing',
    { observations: [], sights: missing(), declared: declares() },
    'request release-2',
  ],
  [
    'nothing runs there yet and Git declares an older one',
    { observations: [], sights: missing(), declared: declares('release-1') },
    'request release-2',
  ],
  [
    'nothing runs there yet and Git declares one that is long forgotten',
    {
      observations: [],
      sights: missing(),
      declared: declares('release-3'),
    },
    'hold runningUnknown',
  ],
  [
    'one target runs an older one and Git declares a newer one for all',
    {
      releases: [aRelease(2), aRelease(1)],
      observations: [],
      sights: missing('release-1'),
      declared: declares('release-2'),
    },
    'hold notNewer',
  ],
  [
    'nothing runs there yet and Git declares what nobody reported',
    {
      observations: [],
      sights: missing(),
      declared: { [stage]: { releases: [], unrecognised: true } },
    },
    'hold runningUnknown',
  ],
  [
    'the cluster is away, but was seen with an older one',
    { sights: { [stage]: { state: 'unknown', since: at(0), problem: '-' } } },
    'request release-2',
  ],
  [
    'nobody ever saw the stage',
    { observations: [], sights: {} },
    'hold runningUnknown',
  ],
  ['it failed there', { promotions: [asked(2, failed)] }, 'hold askedBefore'],
  [
    'it was rejected there',
    { promotions: [asked(2, rejected)] },
    'hold askedBefore',
  ],
  [
    'a rollback took its place',
    { promotions: [asked(2, overtaken)] },
    'hold askedBefore',
  ],
  [
    'it was taken back after it ran',
    { observations: [observed(1), observed(2, { health: 'gone' })] },
    'hold wasThere',
  ],
  [
    'an older one waits there',
    {
      promotions: [asked(1)],
      observations: [],
      sights: runs('release-0'),
      releases: [aRelease(2), aRelease(1), aRelease(0)],
    },
    'request release-2',
  ],
  [
    'an older one is being rolled out',
    { promotions: [asked(1, gatesPassed, committed)] },
    'hold stageBusy',
  ],
  [
    'an older one is stuck there',
    { promotions: [asked(1, gatesPassed, committed)], held: new Set(['p1']) },
    'request release-2',
  ],
  [
    'a rollback is under way',
    {
      promotions: [
        after(requested({ stage, kind: 'rollback', release: aRelease(0) })),
      ],
    },
    'hold stageBusy',
  ],
  ['nothing was reported', { releases: [] }, 'hold nothingArrived'],
])('when %s', (_when, change, expected) => {
  const decisions = automaticPromotions({ ...base, ...change });
  expect(
    decisions.map(each =>
      each.decision === 'request'
        ? `request ${each.release}`
        : `hold ${each.code}`,
    ),
  ).toEqual([expected]);
});

it('promotes by itself only what came through every stage before', () => {
  const { stages, ...rest } = aPipeline();
  const pipeline = {
    ...rest,
    stages: stages.map(each =>
      each.name === 'cloud-production'
        ? { ...each, promotion: 'auto' as const }
        : { ...each, promotion: 'manual' as const },
    ),
  };
  const facts = {
    ...base,
    pipeline,
    sights: { 'cloud-production': runs('release-0')[stage] },
    releases: [aRelease(2), aRelease(1), aRelease(0)],
  };
  expect(automaticPromotions(facts)).toEqual([
    { decision: 'request', stage: 'cloud-production', release: 'release-1' },
  ]);
  const target = aTarget('cloud-production');
  const succeeded = asked(
    2,
    approvedByJonas,
    gatesPassed,
    committed,
    applied(target),
    { ...portal, type: 'succeeded', proof: [] },
  );
  expect(automaticPromotions({ ...facts, promotions: [succeeded] })).toEqual([
    { decision: 'request', stage: 'cloud-production', release: 'release-2' },
  ]);
});

it.each([
  ['2.8.2', '2.8.1', true],
  ['2.7.9', '2.8.0', false],
  ['2.8.0', '2.8.0-rc.1', true],
])(
  '%s is newer than %s: %s, whenever it was reported',
  (version, than, expected) => {
    const release = aRelease(5, { version });
    expect(isNewer(release, aRelease(1, { version: than }))).toBe(expected);
    expect(isNewer(release, aRelease(9, { version: than }))).toBe(expected);
  },
);

it('orders versions that are not semantic by the time of their commits', () => {
  const older = aRelease(1, { version: 'develop-aaaa', reportedAt: at(9_999) });
  const newer = aRelease(2, { version: 'develop-bbbb' });
  expect(isNewer(newer, older)).toBe(true);
  expect(isNewer(older, newer)).toBe(false);
});
