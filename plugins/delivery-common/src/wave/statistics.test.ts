// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { siteBudget, siteRoom } from './siteBudget';
import { failureRate, wilsonLowerBound } from './statistics';
import { defaultWavePolicy } from './policy';

describe('wilsonLowerBound', () => {
  // The largest numbers of devices at which so many failures stop a wave.
  it.each([
    [2, 22, 9],
    [3, 43, 17],
    [4, 66, 27],
    [5, 92, 37],
    [6, 120, 48],
    [8, 180, 73],
  ])(
    '%d failures stop a wave up to %d devices, a class up to %d',
    (failures, wave, hardware) => {
      const bound = (n: number) =>
        wilsonLowerBound(failures, failures / n, 2.33);
      expect(bound(wave)).toBeGreaterThan(0.02);
      expect(bound(wave + 2)).toBeLessThan(0.02);
      expect(bound(hardware)).toBeGreaterThan(0.05);
      expect(bound(hardware + 1)).toBeLessThan(0.05);
    },
  );

  it('is zero without failures', () => {
    expect(wilsonLowerBound(0, 0, 2.33)).toBe(0);
  });
});

describe('failureRate', () => {
  it('holds a failure against those only that ran as long', () => {
    expect(failureRate([5], [1, 2, 5, 8, 9]).rate).toBeCloseTo(1 / 3);
    expect(failureRate([0, 5], [0, 2, 5, 8]).rate).toBeCloseTo(1 / 4 + 1 / 2);
  });

  it('is failed by all when nothing is still running', () =>
    fc.assert(
      fc.property(
        fc.array(fc.nat(100), { minLength: 1, maxLength: 30 }),
        ages => {
          ages.sort((one, other) => one - other);
          const { rate } = failureRate([ages[0]], ages);
          expect(rate).toBeCloseTo(1 / ages.length);
          expect(failureRate(ages, ages).rate).toBeLessThanOrEqual(1);
        },
      ),
    ));
});

describe('the budget of a site', () => {
  it.each([
    [1, 0.25, 1],
    [3, 0.25, 1],
    [7, 0.25, 1],
    [8, 0.25, 2],
    [10, 0, 1],
    [10, 1, 10],
  ])('of %d devices at a share of %d is %d', (total, share, budget) => {
    expect(siteBudget(total, share)).toBe(budget);
  });

  it.each([
    ['all there, nothing busy', 8, 8, 0, 0, 2],
    ['one busy', 8, 8, 1, 0, 1],
    ['all but one away', 8, 1, 0, 0, 1],
    ['all but one away, that one busy', 8, 1, 1, 0, 0],
    ['eight of eight kept: cut to seven', 8, 8, 0, 8, 1],
    ['seven of eight kept, one away', 8, 7, 0, 7, 0],
    ['a site of one that keeps one', 1, 1, 0, 1, 1],
  ])('%s', (_, total, connected, busy, minAvailable, room) => {
    expect(
      siteRoom(
        { total, connected, busy, ill: 0 },
        { ...defaultWavePolicy, minAvailable },
      ),
    ).toBe(room);
  });
});
