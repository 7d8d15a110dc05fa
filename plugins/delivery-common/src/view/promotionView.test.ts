// SPDX-License-Identifier: Apache-2.0
import { targetKey, type Promotion } from '../promotion/promotion';
import type { CanaryEnd } from '../canary/run/canaryRun';
import { historyItem } from './promotionView';
import { aRelease, aWaitingPromotion, seenAt } from './__fixtures__/aSituation';

function succeeded(canary: CanaryEnd, reason?: string): Promotion {
  const { reason: _none, ...waiting } = aWaitingPromotion(aRelease(8));
  return {
    ...waiting,
    ...(reason && { reason }),
    phase: 'succeeded',
    finishedAt: seenAt,
    commit: { sha: 'c', branch: 'main', changed: true },
    proof: waiting.declaration.targets.map(target => ({
      target: targetKey(target),
      seenAt,
      images: [],
      replicas: 1,
      canary,
    })),
  };
}

it.each([
  ['neverRan', 'Belt 4', 'Belt 4 · First version there: nothing was compared.'],
  ['neverRan', undefined, 'First version there: nothing was compared.'],
  ['promoted', 'Belt 4', 'Belt 4'],
  ['promoted', undefined, undefined],
] as const)(
  'says why in the history of a canary that was %s, asked for with %j',
  (end, reason, why) => {
    const item = historyItem({ promotion: succeeded(end, reason), unmet: [] });
    expect(item.why).toBe(why);
  },
);
