// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { judgeCanary } from '../judgeCanary';
import type { ArmMinute, CanaryMinute, CheckSample } from '../minutes';
import { defaultCanaryPolicy, defaultJudgeParameters } from '../policy';
import type { CheckRule, CustomCheck } from './customCheck';

const plan = {
  stepStarts: [1, 31, 61, 91],
  weights: [5, 25, 50, 100],
  soakMinutes: 30,
};
const share = (rule: CheckRule, title = 'Answers'): CustomCheck => ({
  title,
  unit: '%',
  measure: { kind: 'share', part: 'p', whole: 'w' },
  rule,
});
const value = (rule: CheckRule): CustomCheck => ({
  title: 'Queue',
  unit: 'parcels',
  measure: { kind: 'value', query: 'q' },
  rule,
});

/** What an arm measures in a minute, of so many requests. */
type Measure = (minute: number, requests: number) => Partial<CheckSample>;

function arm(requests: number, sample: CheckSample | undefined): ArmMinute {
  return {
    requests,
    errors: 0,
    buckets: [requests * 0.9, requests * 0.08, requests * 0.02],
    cpuPercent: 30,
    memoryPercent: 40,
    scrapes: requests > 0 ? 4 : 0,
    ...(sample && { checks: [sample] }),
  };
}

/** Quiet minutes of both arms up to one, with what a check measures of each; undefined is unheard. */
function minutesUntil(
  until: number,
  { title }: CustomCheck,
  measures: {
    readonly canary: Measure | undefined;
    readonly baseline: Measure | undefined;
  },
): readonly CanaryMinute[] {
  return Array.from({ length: until + 30 }, (_, index) => {
    const minute = index - 29;
    const weight =
      minute < 1 ? 0 : plan.weights[Math.floor((minute - 1) / 30)] ?? 100;
    const requests = 2_000 * (weight / 100);
    const sampled = (measure: Measure | undefined, served: number) =>
      measure && served > 0
        ? { title, value: 0, ...measure(minute, served) }
        : undefined;
    const rest = 2_000 - requests;
    return {
      minute,
      weightPercent: weight,
      baseline: arm(rest, sampled(measures.baseline, rest)),
      canary: arm(requests, sampled(measures.canary, requests)),
    };
  });
}

function judge(
  until: number,
  check: CustomCheck,
  canary: Measure | undefined,
  baseline: Measure | undefined,
) {
  const minutes = minutesUntil(until, check, { canary, baseline });
  const policy = { ...defaultCanaryPolicy, checks: [check] };
  return judgeCanary(minutes, [100, 200], plan, policy);
}

const of =
  (part: number): Measure =>
  (_, requests) => ({ value: Math.round(requests * part), of: requests });
const at =
  (level: number): Measure =>
  minute => ({ value: level * (1 + 0.02 * Math.sin(minute)) });
const lower = { side: 'lower', limit: 0.95, relative: 0.05 } as const;
const upper = { side: 'upper', limit: 0.05 } as const;
const soakEnds = [30, 60, 90, 120];

describe('a check of a team', () => {
  it.each([
    ['a share like the baseline', share(lower), of(0.99), of(0.99)],
    ['a share that is allowed', share(upper), of(0.02), of(0.001)],
    [
      'a share that is a little worse',
      share({ side: 'upper', relative: 0.5 }),
      of(0.1),
      of(0.09),
    ],
    ['nothing to count', share(upper), of(0), of(0)],
    [
      'nothing to compare',
      share({ side: 'upper', relative: 0.2 }),
      of(0),
      of(0),
    ],
    [
      'a value within the limit',
      value({ side: 'upper', limit: 100 }),
      at(80),
      at(20),
    ],
    [
      'a value like the baseline',
      value({ side: 'lower', relative: 0.1 }),
      at(50),
      at(50),
    ],
    [
      'no value like the baseline',
      value({ side: 'upper', relative: 0.1 }),
      at(0),
      at(0),
    ],
  ])('lets %s take every step', (_, check, canary, baseline) => {
    for (const minute of soakEnds)
      expect(judge(minute, check, canary, baseline)).toMatchObject({
        decision: 'goOn',
        findings: { soaked: true, faults: [] },
      });
  });

  it.each([
    [
      'a share below its limit and the baseline',
      share(lower),
      of(0.5),
      of(0.99),
      'rollBack',
      /^Rolled back at 5 % after 30 min: Answers: 1,200 of 2,400 \(50 %\), asked at least 95 % and tolerated 5 % less than the baseline's 45,144 of 45,600 \(99 %\); evidence more than a billion : 1, needed 250 : 1\.$/,
    ],
    [
      'a share that the baseline misses, too',
      share(upper),
      of(0.1),
      of(0.1),
      'hold',
      /Answers: .* \(10 %\); asked at most 5 %/,
      90,
    ],
    [
      'a share that misses the limit but not the baseline',
      share(lower),
      of(0.9),
      of(0.9),
      'hold',
      /Answers: .*; asked at least 95 %/,
      90,
    ],
    [
      'a share much above the baseline',
      share({ side: 'upper', relative: 0.5 }),
      of(0.3),
      of(0.1),
      'rollBack',
      /Answers: 720 of 2,400 \(30 %\), tolerated 50 % more than the baseline's/,
    ],
    [
      'a value beyond its limit',
      value({ side: 'upper', limit: 100 }),
      at(140),
      at(20),
      'rollBack',
      /Queue: median 1\d\d parcels, beyond 100 parcels in each of the last 5 min/,
    ],
    [
      'a value that the baseline misses, too',
      value({ side: 'lower', limit: 100 }),
      at(20),
      at(20),
      'hold',
      /Queue: median 2\d(\.\d)? parcels, asked at least 100 parcels \(the baseline has .* itself\)/,
    ],
    [
      'a value much above the baseline',
      value({ side: 'upper', relative: 0.2 }),
      at(80),
      at(50),
      'hold',
      /Queue: 1\.\d+ times the baseline's, may still be 1\.\d+, needed 1\.20/,
    ],
    [
      'what is not heard',
      share(upper),
      undefined,
      of(0.01),
      'hold',
      /Answers: nothing was heard of the canary yet/,
    ],
    [
      'what is not heard any more',
      value({ side: 'upper', limit: 100 }),
      (minute: number) => ({ value: minute < 22 ? 20 : NaN }),
      at(20),
      'hold',
      /Queue: nothing was heard of the canary for 9 min/,
    ],
    [
      'more counted than there was',
      share(upper),
      (_: number, requests: number) => ({ value: requests + 1, of: requests }),
      of(0.01),
      'hold',
      /Answers: nothing was heard of the canary yet/,
    ],
  ] as const)(
    'judges %s',
    (_, check, canary, baseline, decision, sentence, minute: number = 30) => {
      const verdict = judge(
        minute,
        check,
        canary as Measure | undefined,
        baseline,
      );
      expect(verdict.decision).toBe(decision);
      expect(verdict.sentence).toMatch(sentence);
    },
  );

  it('does not condemn by one burst, nor by a value that is beyond its limit for less than five minutes', () => {
    const burst: Measure = (minute, requests) => ({
      value: minute === 20 ? requests : 0,
      of: requests,
    });
    const peak: Measure = minute => ({
      value: minute > 26 && minute < 31 ? 500 : 20,
    });
    const queue = value({ side: 'upper', limit: 100 });
    expect(judge(25, share(upper), burst, of(0)).findings.faults).toEqual([]);
    expect(judge(30, queue, peak, at(20)).findings.faults).toEqual([]);
  });

  it('says nothing of minutes in which the version warms up', () => {
    const cold: Measure = (minute, requests) => ({
      value: minute <= 6 ? requests : 0,
      of: requests,
    });
    expect(judge(30, share(upper), cold, of(0)).decision).toBe('goOn');
  });

  it('divides what may be wrong by chance, so that all tests together stay within a hundredth', () => {
    const { alpha, alphaOfChecks } = defaultJudgeParameters;
    expect(2 * alpha + alphaOfChecks).toBeLessThanOrEqual(0.01);
    const checks = ['One', 'Two', 'Three', 'Four'].map(title =>
      share(upper, title),
    );
    const minutes = minutesUntil(30, checks[0], {
      canary: of(0.5),
      baseline: of(0),
    });
    const policy = { ...defaultCanaryPolicy, checks };
    expect(judgeCanary(minutes, [100, 200], plan, policy).sentence).toMatch(
      /^Rolled back .*: One: .*, needed 1,000 : 1\.$/,
    );
  });

  it('is never better off for what is worse', () => {
    const anyCounts = fc.array(
      fc.record({ bad: fc.nat({ max: 100 }), usual: fc.nat({ max: 1_000 }) }),
      { minLength: 30, maxLength: 60 },
    );
    fc.assert(
      fc.property(
        anyCounts,
        fc.nat({ max: 59 }),
        fc.boolean(),
        (counts, which, isUpper) => {
          const check = share(isUpper ? upper : { side: 'lower', limit: 0.95 });
          const measured =
            (key: 'bad' | 'usual', worse: number): Measure =>
            (minute, requests) => {
              const each = counts[Math.max(0, minute - 1) % counts.length];
              const bad = Math.min(
                requests,
                each[key] + (minute === which + 1 ? worse : 0),
              );
              return { value: isUpper ? bad : requests - bad, of: requests };
            };
          const verdict = (worse: number) =>
            judge(
              counts.length,
              check,
              measured('bad', worse),
              measured('usual', 0),
            );
          const [before, after] = [verdict(0), verdict(1)];
          expect(before.findings.checks[0].condemned).toBe(
            before.decision === 'rollBack',
          );
          expect(
            before.decision !== 'rollBack' || after.decision === 'rollBack',
          ).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });
});
