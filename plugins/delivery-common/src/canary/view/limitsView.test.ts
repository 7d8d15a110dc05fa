// SPDX-License-Identifier: Apache-2.0
import { defaultCanaryPolicy } from '../judge/policy';
import { limitsView } from './limitsView';

it('says shares in percent, and nothing of quantiles that are not judged', () => {
  expect(limitsView(defaultCanaryPolicy)).toEqual({
    errorPercent: 0.1,
    p95Milliseconds: 500,
    latencyPercentAboveBaseline: 20,
    cpuPercent: 80,
    memoryPercent: 85,
  });
});

it('says what P50 and P99 are to keep to', () => {
  const limits = limitsView({
    ...defaultCanaryPolicy,
    p50: { aboveBaseline: 0.25 },
    p99: { aboveBaseline: 0.5, limitMs: 900 },
  });
  expect(limits).toMatchObject({
    p50: { percentAboveBaseline: 25 },
    p99: { percentAboveBaseline: 50, milliseconds: 900 },
  });
  expect(limits.p50).not.toHaveProperty('milliseconds');
});
