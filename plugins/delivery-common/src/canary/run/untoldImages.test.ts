// SPDX-License-Identifier: Apache-2.0
import { aRun, aTargetFact } from '../../promotion/__fixtures__/story';
import { aRollout, underWay } from './__fixtures__/rollouts';
import { describeRollout } from './describeRollout';
import { describeRolloutWorkload } from './describeRolloutWorkload';
import type { ObservedRollout } from './observedRollout';
import { untoldImages } from './untoldImages';

const behindArgo = (change: Partial<ObservedRollout>) =>
  aTargetFact({
    canary: describeRollout(aRollout(change), undefined),
    workload: describeRolloutWorkload(aRollout(change), undefined),
  }).state;

test('what serves is not known while a newer version is under way, or given up', () => {
  expect(untoldImages(behindArgo(underWay))).toBe(
    'cloud-production: Argo Rollouts does not tell what serves parcel-vision until its newest version is stable.',
  );
  expect(
    untoldImages(behindArgo({ ...underWay, aborted: true })),
  ).toBeDefined();
  expect(untoldImages(behindArgo({ observedGeneration: '3' }))).toBeDefined();
});

test('it is known behind a stable version, Flagger or nothing but a Deployment', () => {
  expect(untoldImages(behindArgo({}))).toBeUndefined();
  expect(untoldImages(aTargetFact({ canary: aRun() }).state)).toBeUndefined();
  expect(
    untoldImages(
      aTargetFact({ workload: { health: 'missing', images: [] } }).state,
    ),
  ).toBeUndefined();
});
