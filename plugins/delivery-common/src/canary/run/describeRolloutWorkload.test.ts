// SPDX-License-Identifier: Apache-2.0
import { aRollout, bySwitch, underWay } from './__fixtures__/rollouts';
import { describeRolloutWorkload } from './describeRolloutWorkload';
import type { ObservedRollout } from './observedRollout';

describe('what serves behind a Rollout', () => {
  const workload = (change: Partial<ObservedRollout>) =>
    describeRolloutWorkload(aRollout(change), undefined);

  it('has unknown images while the stable version is not the template', () => {
    expect(workload(underWay)).toMatchObject({
      health: 'progressing',
      images: [],
    });
  });

  it.each<[string, Partial<ObservedRollout>, number]>([
    ['all are new', {}, 2],
    ['old ones are kept', { total: 4, ready: 4, available: 4 }, 2],
    ['some may be old', { total: 4, ready: 3, available: 3 }, 1],
    [
      'only those that are switched to count',
      { strategy: bySwitch, total: 4, available: 2 },
      2,
    ],
  ])(
    'counts available pods of the newest version: %s',
    (_name, change, count) => {
      expect(workload(change).replicas.available).toBe(count);
    },
  );

  it.each<[string, Partial<ObservedRollout>, string]>([
    ['Paused', { ...underWay, phase: 'Paused' }, 'progressing'],
    ['Degraded', { phase: 'Degraded' }, 'degraded'],
    ['scaled to nothing', { desired: 0 }, 'degraded'],
    ['deleted', { deleting: true }, 'degraded'],
    ['something new', { phase: 'Dreaming' }, 'progressing'],
    [
      'out of time',
      {
        ...underWay,
        conditions: [
          {
            type: 'Progressing',
            status: 'False',
            reason: 'ProgressDeadlineExceeded',
          },
        ],
      },
      'degraded',
    ],
  ])('is judged as Argo Rollouts does: %s', (_name, change, health) => {
    expect(workload(change).health).toBe(health);
  });
});
