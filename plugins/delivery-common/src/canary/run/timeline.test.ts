// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { judgeCanary } from '../judge/judgeCanary';
import { stepOf, type CanaryMinute } from '../judge/minutes';
import { defaultCanaryPolicy } from '../judge/policy';
import { planOf, soakEnd, weightsOf, type CanaryMove } from './timeline';

const at = (minute: number) =>
  new Date(Date.UTC(2026, 7, 20, 14, minute)).toISOString();
const move = (
  minute: number,
  weight: number,
  phase: CanaryMove['phase'] = 'progressing',
): CanaryMove => ({ at: at(minute), phase, weight });
const soak = 2 * 60_000;

test('a run that began anew counts from there, and an end is no weight', () => {
  const moves = [
    move(1, 0),
    move(2, 5),
    move(4, 25),
    move(5, 0),
    move(6, 5),
    move(9, 5, 'waitingPromotion'),
    move(10, 0, 'failed'),
  ];
  expect(weightsOf(moves)).toEqual([{ at: at(6), percent: 5 }]);
  expect(planOf(moves, soak)).toEqual({
    begin: at(6),
    plan: { stepStarts: [1], weights: [5], soakMinutes: 2 },
  });
});

test('a soak ends after its step began, also where traffic is not split', () => {
  const steps = [5, 25];
  expect(soakEnd([move(2, 5)], { steps, weight: 5 }, soak)).toBe(at(4));
  expect(soakEnd([move(2, 5)], { steps, weight: 25 }, soak)).toBeUndefined();
  expect(soakEnd([move(3, 0)], { steps: [], weight: 0 }, soak)).toBe(at(5));
  expect(soakEnd([], { steps, weight: 5 }, soak)).toBeUndefined();
});

test('a step lasts until the next one has begun, however long it is held', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 0, max: 500 }),
      (lengths, later) => {
        const weights = [5, 25, 50, 100].slice(0, lengths.length);
        let start = 1;
        const moves = weights.map((weight, index) => {
          const made = move(start, weight);
          start += lengths[index];
          return made;
        });
        const planned = planOf(moves, soak);
        const last = planned && stepOf(planned.plan, start + later);
        expect(last).toBe(weights.length - 1);
      },
    ),
  );
});

test('a closed gate stays closed when the soak is long over', () => {
  const arm = (requests: number) => ({
    requests,
    errors: 0,
    buckets: [requests, 0],
    cpuPercent: 20,
    memoryPercent: 30,
    scrapes: 4,
  });
  const minutes = (count: number): readonly CanaryMinute[] =>
    Array.from({ length: count }, (_, index) => ({
      minute: index + 1,
      weightPercent: 5,
      baseline: arm(19),
      canary: arm(1),
    }));
  const planned = planOf([move(0, 0), move(1, 5)], soak);
  for (const count of [2, 3, 5, 20]) {
    const { decision, findings } = judgeCanary(
      minutes(count),
      [100],
      planned?.plan ?? { stepStarts: [], weights: [], soakMinutes: 0 },
      defaultCanaryPolicy,
    );
    expect([decision, findings.weight]).toEqual(['hold', 5]);
  }
});
