// SPDX-License-Identifier: Apache-2.0
import {
  aRelease,
  aRun,
  aTargetFact,
  at,
  commitSha,
  imageOf,
} from './__fixtures__/story';
import {
  judgeTarget,
  type TargetJudgement,
  type TargetWish,
} from './judgeTarget';

const asked = { requested: { at: at(8), outcome: 'accepted' as const } };
const done = {
  ...asked,
  applied: { at: at(10), revision: `main@sha1:${commitSha}` },
};

type Row = [
  string,
  Parameters<typeof aTargetFact>[0],
  Partial<TargetWish>,
  string,
];

const notApplied = { appliedContains: false, attemptedContains: false };
const failing = { appliedContains: false, attemptedContains: true };

const rows: Row[] = [
  ['everything is in place', {}, {}, 'proven'],
  [
    'silent',
    { freshness: { state: 'stale', since: at(1), problem: '-' } },
    {},
    'unknown clusterUnknown',
  ],
  [
    'never heard',
    { freshness: { state: 'never', since: at(1) } },
    {},
    'unknown clusterUnknown',
  ],
  ['older revision', notApplied, { progress: asked }, 'moving applying'],
  [
    'older revision for long',
    notApplied,
    { progress: asked, now: at(200) },
    'problem notApplied',
  ],
  [
    'stalled',
    { ...notApplied, flux: { stalled: 'AccessDenied' } },
    {},
    'problem stalled',
  ],
  [
    'suspended',
    { ...notApplied, flux: { suspended: true } },
    {},
    'problem suspended',
  ],
  [
    'source suspended',
    { ...notApplied, flux: { source: { ready: 'True', suspended: true } } },
    {},
    'problem sourceSuspended',
  ],
  [
    'source without credentials',
    {
      ...notApplied,
      flux: {
        source: {
          ready: 'False',
          reason: 'AuthenticationFailed',
          suspended: false,
        },
      },
    },
    {},
    'problem sourceAuthenticationFailed',
  ],
  [
    'source out of reach',
    {
      ...notApplied,
      flux: {
        source: {
          ready: 'False',
          reason: 'GitOperationFailed',
          suspended: false,
        },
      },
    },
    {},
    'problem sourceFailed',
  ],
  [
    'a dependency is not ready',
    { ...notApplied, flux: { ready: 'False', reason: 'DependencyNotReady' } },
    {},
    'problem dependencyNotReady',
  ],
  [
    'own build failed',
    { ...failing, flux: { ready: 'False', reason: 'BuildFailed' } },
    {},
    'problem buildFailed',
  ],
  [
    'a build failed, whose is unknown',
    {
      appliedContains: false,
      attemptedContains: undefined,
      flux: { ready: 'False', reason: 'BuildFailed' },
    },
    {},
    'problem applyFailed',
  ],
  [
    'an older build failed',
    { ...notApplied, flux: { ready: 'False', reason: 'BuildFailed' } },
    { progress: asked },
    'moving applying',
  ],
  [
    'apply failed',
    { ...failing, flux: { ready: 'False', reason: 'ReconciliationFailed' } },
    {},
    'problem applyFailed',
  ],
  [
    'health check failed',
    { ...failing, flux: { ready: 'False', reason: 'HealthCheckFailed' } },
    {},
    'problem healthCheckFailed',
  ],
  [
    'ancestry unknown, digests declared',
    { appliedContains: undefined },
    {},
    'proven',
  ],
  [
    'ancestry unknown, other digests',
    {
      appliedContains: undefined,
      workload: { images: ['registry.norden.example/parcel-vision:2.8.1'] },
    },
    { progress: asked },
    'moving applying',
  ],
  [
    'applied, template not seen yet',
    { workload: { images: [] } },
    { progress: done },
    'moving rollingOut',
  ],
  [
    'applied, other images for long',
    { workload: { images: [] } },
    { progress: done, now: at(90) },
    'problem imagesDiffer',
  ],
  [
    'applied, workload gone',
    { workload: { health: 'missing' } },
    { progress: done, now: at(90) },
    'problem workloadMissing',
  ],
  [
    'template not acted on',
    { workload: { observed: false } },
    { progress: done },
    'moving rollingOut',
  ],
  [
    'old replicas left',
    {
      workload: {
        replicas: { desired: 3, updated: 2, ready: 3, available: 3 },
      },
    },
    { progress: done },
    'moving rollingOut',
  ],
  [
    'degraded',
    { workload: { health: 'degraded' } },
    { progress: done },
    'problem degraded',
  ],
  [
    'scaled to zero',
    {
      workload: {
        replicas: { desired: 0, updated: 0, ready: 0, available: 0 },
      },
    },
    { progress: done },
    'problem scaledToZero',
  ],
  [
    'set up by an engine, whose Service is still to come',
    {
      canary: aRun({ phase: 'initializing', weight: 0, stable: [imageOf(1)] }),
    },
    { progress: done },
    'moving canary',
  ],
  [
    'degraded while an engine sets it up',
    {
      canary: aRun({ phase: 'initializing', weight: 0, stable: [imageOf(1)] }),
      workload: { health: 'degraded' },
    },
    { progress: done },
    'problem degraded',
  ],
  [
    'suspended after it was applied and proven',
    { flux: { suspended: true } },
    { progress: done },
    'proven',
  ],
];

it.each(rows)('judges a target: %s', (_what, shows, wish, expected) => {
  const judgement = judgeTarget(aTargetFact(shows), {
    commit: commitSha,
    images: aRelease(1).images,
    progress: {},
    now: at(20),
    ...wish,
  });
  expect(say(judgement)).toBe(expected);
});

function say(judgement: TargetJudgement): string {
  switch (judgement.state) {
    case 'problem':
      return `problem ${judgement.problem.code}`;
    case 'proven':
      return 'proven';
    default:
      return `${judgement.state} ${judgement.code}`;
  }
}

it.each([
  ['not asked for yet', {}, at(500), 'moving applying'],
  ['asked for just now', asked, at(100), 'moving applying'],
  ['asked for long ago', asked, at(130), 'problem kustomizationMissing'],
])(
  'gives Flux some time to bring a Kustomization that was %s',
  (_what, progress, now, expected) => {
    const { flux, ...state } = aTargetFact({
      workload: { health: 'missing' },
    }).state;
    const judgement = judgeTarget(
      { state },
      { commit: commitSha, images: aRelease(1).images, progress, now },
    );
    expect(say(judgement)).toBe(expected);
  },
);

it('says which cluster is missing since when and why', () => {
  const judgement = judgeTarget(
    aTargetFact({
      freshness: {
        state: 'unreachable',
        since: at(3),
        problem: 'Connection refused.',
      },
    }),
    {
      commit: commitSha,
      images: aRelease(1).images,
      progress: {},
      now: at(20),
    },
  );
  expect(judgement).toEqual({
    state: 'unknown',
    code: 'clusterUnknown',
    text: 'cloud-production is unreachable: Connection refused.',
    since: at(3),
  });
});
