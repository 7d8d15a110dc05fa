// SPDX-License-Identifier: Apache-2.0
import {
  aTarget,
  aTargetFact,
  aWorkload,
  at,
} from '../promotion/__fixtures__/story';
import { stageState } from '../view/stageState';
import { speakingTargets } from './speakingTargets';
import type { TargetState } from './targetState';

const ofDevice = (
  name: string,
  change: Partial<TargetState> = {},
): TargetState => {
  const target = { ...aTarget(name), device: `${name}-1` };
  return { ...aTargetFact({ target }).state, ...change };
};

const away: Partial<TargetState> = {
  freshness: {
    state: 'unreachable',
    since: at(0),
    problem: 'Connection refused.',
  },
};
const down: Partial<TargetState> = {
  workload: aWorkload({
    health: 'degraded',
    replicas: { desired: 1, updated: 1, ready: 0, available: 0 },
  }),
};

it.each<[string, readonly TargetState[], readonly number[], string]>([
  ['all serve', [ofDevice('a'), ofDevice('b')], [0, 1], 'Healthy'],
  ['one is away', [ofDevice('a', away), ofDevice('b')], [1], 'Healthy'],
  ['one is down', [ofDevice('a'), ofDevice('b', down)], [0], 'Healthy'],
  [
    'none serves',
    [ofDevice('a', away), ofDevice('b', down)],
    [0, 1],
    'Unreachable',
  ],
  [
    'they have no overlays each',
    [
      { ...ofDevice('a', away), target: aTarget('a') },
      { ...ofDevice('b'), target: aTarget('b') },
    ],
    [0, 1],
    'Unreachable',
  ],
])('knows who speaks for a stage when %s', (_, targets, speaking, word) => {
  expect(speakingTargets(targets)).toEqual(
    speaking.map(index => targets[index]),
  );
  expect(stageState({ targets }).word).toBe(word);
});
