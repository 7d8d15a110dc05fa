// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { at, service } from '../promotion/__fixtures__/story';
import {
  observe,
  releaseInSight,
  type StageObservation,
  type StageSight,
} from './observation';

const stage = 'cloud-staging';

function sees(
  health: Extract<StageSight, { state: 'seen' }>['health'],
  ...releases: string[]
): StageSight {
  return { state: 'seen', releases, unrecognised: false, health };
}

const away: StageSight = { state: 'unknown', since: at(0), problem: '-' };

/** Looks at the given seconds, one after the other. */
function watch(
  ...looks: readonly (readonly [number, StageSight])[]
): readonly StageObservation[] {
  return looks.reduce<readonly StageObservation[]>(
    (before, [seconds, sight]) =>
      observe(before, sight, { service, stage, now: at(seconds) }),
    [],
  );
}

it.each<[string, readonly (readonly [number, StageSight])[], number, string]>([
  [
    'watched all the time',
    [
      [0, sees('healthy', 'a')],
      [30, sees('healthy', 'a')],
      [60, sees('healthy', 'a')],
    ],
    60_000,
    'healthy',
  ],
  [
    'a gap nobody vouches for',
    [
      [0, sees('healthy', 'a')],
      [30, sees('healthy', 'a')],
      [600, sees('healthy', 'a')],
      [610, sees('healthy', 'a')],
    ],
    40_000,
    'healthy',
  ],
  [
    'a cluster out of sight',
    [
      [0, sees('healthy', 'a')],
      [30, away],
      [50, away],
    ],
    0,
    'healthy',
  ],
  [
    'ill in between',
    [
      [0, sees('healthy', 'a')],
      [30, sees('healthy', 'a')],
      [40, sees('unhealthy', 'a')],
      [50, sees('healthy', 'a')],
      [60, sees('healthy', 'a')],
    ],
    10_000,
    'healthy',
  ],
  [
    'a pod that moves',
    [
      [0, sees('healthy', 'a')],
      [30, sees('healthy', 'a')],
      [40, sees('progressing', 'a')],
      [50, sees('healthy', 'a')],
      [60, sees('healthy', 'a')],
    ],
    40_000,
    'healthy',
  ],
  [
    'another one took over',
    [
      [0, sees('healthy', 'a')],
      [30, sees('healthy', 'a')],
      [40, sees('healthy', 'b')],
      [50, sees('healthy', 'b')],
    ],
    30_000,
    'gone',
  ],
  [
    'came back',
    [
      [0, sees('healthy', 'a')],
      [30, sees('healthy', 'a')],
      [40, sees('healthy', 'b')],
      [50, sees('healthy', 'a')],
      [55, sees('healthy', 'a')],
    ],
    5_000,
    'healthy',
  ],
  [
    'shares the stage',
    [
      [0, sees('healthy', 'a')],
      [30, sees('healthy', 'a')],
      [40, sees('healthy', 'a', 'b')],
    ],
    30_000,
    'progressing',
  ],
])('soaked time: %s', (_what, looks, soaked, health) => {
  const seen = watch(...looks).find(({ release }) => release === 'a');
  expect(seen).toMatchObject({ soaked, health });
});

it.each<[string, readonly (readonly [number, StageSight])[], number]>([
  [
    'whatever its health is',
    [
      [0, sees('healthy', 'a')],
      [300, sees('unhealthy', 'a')],
      [600, sees('progressing', 'a', 'b')],
    ],
    0,
  ],
  [
    'anew after a gap',
    [
      [0, sees('healthy', 'a')],
      [301, sees('healthy', 'a')],
      [310, sees('healthy', 'a')],
    ],
    301,
  ],
  [
    'anew after its cluster was out of sight',
    [
      [0, sees('healthy', 'a')],
      [200, away],
      [301, sees('healthy', 'a')],
    ],
    301,
  ],
  [
    'anew after it had left',
    [
      [0, sees('healthy', 'a')],
      [30, sees('healthy', 'b')],
      [40, sees('healthy', 'a')],
    ],
    40,
  ],
])('is watched %s', (_what, looks, since) => {
  const seen = watch(...looks).find(({ release }) => release === 'a');
  expect(seen?.watchedSince).toBe(at(since));
});

it('keeps when a release first arrived, and does not say so of one that never was healthy', () => {
  const [a] = watch(
    [0, sees('progressing', 'a')],
    [5, sees('healthy', 'a')],
    [9, sees('unhealthy', 'a')],
  );
  expect(a).toMatchObject({ firstSeenAt: at(0), arrivedAt: at(5) });
  const [b] = watch([0, sees('unhealthy', 'b')]);
  expect(b.arrivedAt).toBeUndefined();
});

it('names no release where targets differ or an image is not recognised', () => {
  expect(releaseInSight(sees('healthy', 'a'))).toBe('a');
  expect(releaseInSight(sees('healthy', 'a', 'b'))).toBeUndefined();
  expect(
    releaseInSight({
      ...sees('healthy', 'a'),
      state: 'seen',
      unrecognised: true,
      releases: ['a'],
      health: 'healthy',
    }),
  ).toBeUndefined();
  expect(releaseInSight(away)).toBeUndefined();
});

it('never counts more than the time that passed, and changes nothing out of sight', () => {
  const sight = fc.oneof(
    fc.constant(away),
    fc.constantFrom(
      sees('healthy', 'a'),
      sees('progressing', 'a'),
      sees('unhealthy', 'a'),
      sees('healthy', 'b'),
      sees('missing'),
    ),
  );
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 0, max: 120 }), sight), {
        maxLength: 30,
      }),
      steps => {
        let now = 0;
        const looks = steps.map(([pause, seen]) => {
          now += pause;
          return [now, seen] as const;
        });
        const seen = watch(...looks);
        for (const { soaked, firstSeenAt } of seen) {
          expect(soaked).toBeLessThanOrEqual(
            Date.parse(at(now)) - Date.parse(firstSeenAt),
          );
        }
        expect(observe(seen, away, { service, stage, now: at(now + 1) })).toBe(
          seen,
        );
      },
    ),
  );
});
