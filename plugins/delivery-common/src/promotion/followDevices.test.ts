// SPDX-License-Identifier: Apache-2.0
import { known } from '../gates/known';
import type { Target } from '../pipeline/pipeline';
import type { WaveReport } from '../wave/report';
import {
  aDeclaration,
  after,
  aTarget,
  aTargetFact,
  at,
  commitSha,
  committed,
  facts,
  gatesPassed,
  imageOf,
  requested,
} from './__fixtures__/story';
import { promotionView } from '../view/promotionView';
import { evolve } from './fold';
import { next } from './next';
import { targetKey, type Promotion } from './promotion';

const targets = ['oslo', 'bergen', 'tromso'].map(
  (name): Target => ({ ...aTarget(name), device: `${name}-1` }),
);
const [oslo, bergen, tromso] = targets;
const declaration = aDeclaration({
  targets,
  gates: [],
  wave: { policy: {} },
});

const report = (state: WaveReport['state']): WaveReport => ({
  state,
  sentence: 'So far, so good.',
  counts: {
    proven: 1,
    soaking: 0,
    inFlight: 0,
    failed: 0,
    planned: 0,
    held: 0,
    away: 0,
    blocked: 0,
    leftOut: 0,
  },
});

/** Oslo has the release, Bergen what ran before, and nobody hears Tromsø. */
const seen = {
  [targetKey(oslo)]: aTargetFact({ target: oslo }),
  [targetKey(bergen)]: aTargetFact({
    target: bergen,
    workload: { images: [imageOf(0)] },
  }),
  [targetKey(tromso)]: aTargetFact({
    target: tromso,
    freshness: {
      state: 'unreachable',
      since: at(0),
      problem: 'Connection refused.',
    },
  }),
};

it('writes a commit that changes the overlay of no device', () => {
  const step = next(
    after(requested({ declaration }), gatesPassed),
    facts({ declaration: known(declaration) }),
  );
  expect(step).toMatchObject({
    kind: 'perform',
    effect: { kind: 'writeCommit', targets: [] },
  });
});

it('is in the hands of the wave as soon as that is written, whoever is away', () => {
  const promotion = after(requested({ declaration }), gatesPassed, committed);
  expect(promotion.phase).toBe('verifying');
  expect(next(promotion, facts({ targets: seen }))).toMatchObject({
    kind: 'wait',
    wake: targets.map(({ cluster }) => ({ on: 'cluster', cluster })),
    unmet: [{ code: 'wave', text: 'The wave begins.' }],
  });
  expect(
    next(promotion, facts({ targets: seen, wave: report('rolling') })),
  ).toMatchObject({ kind: 'wait', unmet: [{ text: 'So far, so good.' }] });
});

it('succeeds when the wave has arrived, with what is seen as its proof', () => {
  const promotion = after(requested({ declaration }), gatesPassed, committed);
  expect(
    next(promotion, facts({ targets: seen, wave: report('arrived') })),
  ).toMatchObject({
    kind: 'record',
    event: {
      type: 'succeeded',
      proof: [{ target: targetKey(oslo), revision: `main@sha1:${commitSha}` }],
    },
  });
});

it('says of each device what is known of it', () => {
  const promotion = after(requested({ declaration }), gatesPassed, committed);
  const words = (shown: Promotion) =>
    promotionView({ promotion: shown, unmet: [] }).targets.map(
      ({ state }) => state.word,
    );
  expect(words(promotion)).toEqual(targets.map(() => 'In the wave'));
  const arrived = next(
    promotion,
    facts({ targets: seen, wave: report('arrived') }),
  );
  const done = arrived.kind === 'record' && evolve(promotion, arrived.event);
  expect(done && words(done)).toEqual([
    'Done',
    'Left to the wave',
    'Left to the wave',
  ]);
});

it('fails when the wave was stopped', () => {
  const promotion = after(requested({ declaration }), gatesPassed, committed);
  expect(
    next(promotion, facts({ targets: seen, wave: report('stopped') })),
  ).toMatchObject({
    kind: 'record',
    event: {
      type: 'failed',
      problem: { code: 'waveStopped', message: 'So far, so good.' },
    },
  });
});
