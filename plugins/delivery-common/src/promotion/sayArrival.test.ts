// SPDX-License-Identifier: Apache-2.0
import type { TargetState } from '../cluster/targetState';
import { usualCanaryStrategy } from '../pipeline/strategy';
import type { Stage } from '../pipeline/pipeline';
import { aPipeline, aRun, aTargetFact, at } from './__fixtures__/story';
import { sayArrival } from './sayArrival';

const [, , production] = aPipeline().stages;
const canary: Stage = { ...production, strategy: usualCanaryStrategy };
const blueGreen: Stage = {
  ...production,
  blueGreen: { watch: 1, keep: 1, promotion: 'auto' },
};
const watched = aTargetFact({ canary: aRun() }).state;
const unwatched = aTargetFact().state;
const empty = aTargetFact({ workload: { health: 'missing' } }).state;
const unseen = aTargetFact({
  workload: { health: 'missing' },
  freshness: { state: 'unreachable', since: at(0), problem: 'No answer.' },
}).state;

it.each<[string, Stage, readonly TargetState[], string]>([
  [
    'a canary',
    canary,
    [watched],
    'A canary in cloud-production gives 2.8.1 its traffic step by step beside 2.8.0. Where there is evidence against it, it is taken back by itself.',
  ],
  [
    'a canary that is held',
    { ...canary, strategy: { ...usualCanaryStrategy, onFault: 'hold' } },
    [watched],
    'A canary in cloud-production gives 2.8.1 its traffic step by step beside 2.8.0. Where there is evidence against it, it is held.',
  ],
  [
    'a canary whose cluster is away',
    canary,
    [unseen],
    'A canary in cloud-production gives 2.8.1 its traffic step by step beside 2.8.0. Where there is evidence against it, it is taken back by itself.',
  ],
  [
    'the first version before a canary',
    canary,
    [empty],
    'Nothing runs in cloud-production yet, so there is nothing to compare 2.8.1 with: it gets all of the traffic at once.',
  ],
  [
    'a canary that is missing in one of two targets',
    canary,
    [watched, unwatched],
    'The pipeline wants a canary, but cloud-production has none for this service: 2.8.1 replaces 2.8.0 at once, and nothing compares them. Run the action delivery:service:onboard for the service again; it adds the Canary.',
  ],
  [
    'two colours',
    blueGreen,
    [unwatched],
    '2.8.1 starts in cloud-production beside 2.8.0, and gets all of the traffic at once when it is ready.',
  ],
  [
    'the first of two colours',
    blueGreen,
    [empty],
    '2.8.1 starts in cloud-production, where nothing runs yet.',
  ],
  [
    'a usual rollout',
    production,
    [unwatched],
    'Flux replaces 2.8.0 in cloud-production.',
  ],
  [
    'a first rollout',
    production,
    [empty],
    '2.8.1 starts in cloud-production, where nothing runs yet.',
  ],
  [
    'a second target that is still empty',
    production,
    [unwatched, empty],
    'Flux replaces 2.8.0 in cloud-production.',
  ],
])('tells of %s', (_case, stage, targets, expected) => {
  const said = sayArrival(stage, {
    version: '2.8.1',
    before: '2.8.0',
    targets,
    addsCanary: false,
  });
  expect(said.join(' ')).toBe(expected);
});

it('promises steps to later releases when the first brings the Canary', () => {
  const [, promise] = sayArrival(canary, {
    version: '2.8.1',
    targets: [empty],
    addsCanary: true,
  });
  expect(promise).toMatch(/adds the Canary.*step by step/);
});
