// SPDX-License-Identifier: Apache-2.0
import type { ArmMinute } from '../judge/minutes';
import { checkView } from './checkView';
import { minuteSeries } from './minuteSeries';

const arm: ArmMinute = {
  requests: 10,
  errors: 0,
  buckets: [10],
  cpuPercent: null,
  memoryPercent: null,
  scrapes: 4,
};

describe('a check of a pipeline', () => {
  it.each([
    [
      'share',
      { side: 'lower', limit: 0.95, relative: 0.07 },
      { side: 'lower', limit: 95, percentFromBaseline: 7 },
    ],
    ['value', { side: 'upper', limit: 0.3 }, { side: 'upper', limit: 0.3 }],
  ] as const)('that is a %s is shown with its limits', (kind, rule, shown) => {
    const measure =
      kind === 'share' ? { kind, part: 'p', whole: 'w' } : { kind, query: 'q' };
    expect(checkView({ title: 'A', unit: '%', measure, rule })).toEqual({
      title: 'A',
      unit: '%',
      ...shown,
    });
  });

  it('is shown minute by minute, shares in percent and of nothing not at all', () => {
    const [{ baseline, canary }] = minuteSeries({
      begin: '2026-03-01T09:00:00.000Z',
      boundsMs: [],
      plan: { stepStarts: [1], weights: [5], soakMinutes: 30 },
      minutes: [
        {
          minute: 1,
          weightPercent: 5,
          baseline: { ...arm, checks: [{ title: 'A', value: 0, of: 0 }] },
          canary: {
            ...arm,
            checks: [
              { title: 'A', value: 1, of: 4 },
              { title: 'B', value: 12.5 },
            ],
          },
        },
      ],
    });
    expect(baseline.checks).toEqual([]);
    expect(canary.checks).toEqual([
      { title: 'A', value: 25 },
      { title: 'B', value: 12.5 },
    ]);
  });
});
