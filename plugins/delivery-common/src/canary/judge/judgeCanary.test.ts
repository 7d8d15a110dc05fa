// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { makeEpisode, type Episode } from '../../../bench/canary/episode';
import { kinds } from '../../../bench/canary/version';
import { judgeCanary, type CanaryDecision } from './judgeCanary';
import type { ArmMinute, CanaryMinute } from './minutes';
import { defaultCanaryPolicy } from './policy';

const boundsMs = [10, 25, 50, 100, 250, 500, 1_000];
const plan = {
  stepStarts: [1, 31, 61, 91],
  weights: [5, 25, 50, 100],
  soakMinutes: 30,
};
const policy = defaultCanaryPolicy;

/** A steady arm: 1,000 requests a minute at 100 % of the traffic, P95 between 250 and 500 ms. */
function arm(share: number, change: Partial<ArmMinute> = {}): ArmMinute {
  const requests = Math.round(1_000 * share);
  const parts = [0.1, 0.2, 0.3, 0.2, 0.12, 0.06, 0.015];
  const buckets = parts.map(part => Math.round(requests * part));
  const counted = buckets.reduce((sum, each) => sum + each, 0);
  return {
    requests,
    errors: 0,
    buckets: [...buckets, Math.max(0, requests - counted)],
    cpuPercent: 10 + 30 * share,
    memoryPercent: 40,
    scrapes: 4,
    ...change,
  };
}

function weightAt(minute: number): number {
  return minute < 1 ? 0 : plan.weights[Math.floor((minute - 1) / 30)];
}

/** Minutes of a quiet canary up to one; `change` is what is different about the canary. */
function quiet(
  until: number,
  change: (minute: number) => Partial<ArmMinute> = () => ({}),
): readonly CanaryMinute[] {
  return Array.from({ length: until + 30 }, (_, index) => {
    const minute = index - 29;
    const weightPercent = weightAt(minute);
    return {
      minute,
      weightPercent,
      baseline: arm(1 - weightPercent / 100),
      canary: arm(weightPercent / 100, change(minute)),
    };
  });
}

function judge(minutes: readonly CanaryMinute[]) {
  return judgeCanary(minutes, boundsMs, plan, policy);
}

function play(episode: Episode): { end: CanaryDecision; minute: number } {
  for (let minute = 1; minute <= 120; minute++) {
    const { decision, findings } = judgeCanary(
      episode.minutes.filter(each => each.minute <= minute),
      episode.boundsMs,
      episode.plan,
      { ...policy, slaP95Ms: episode.slaP95Ms },
    );
    if (decision === 'rollBack' || (decision === 'hold' && findings.soaked))
      return { end: decision, minute };
  }
  return { end: 'goOn', minute: 120 };
}

describe('judgeCanary', () => {
  it.each([30, 60, 90, 120])(
    'lets a quiet canary take the step that ends at minute %d',
    minute => {
      const { decision, sentence, findings } = judge(quiet(minute));
      expect(sentence).toMatch(/^Going on: 0 % of [\d,]+ requests? failed/);
      expect(decision).toBe('goOn');
      expect(findings.soaked).toBe(true);
    },
  );

  it('rolls a canary back that fails, with counts, limit and certainty in the sentence', () => {
    const { decision, sentence } = judge(
      quiet(40, minute => (minute >= 31 ? { errors: 10 } : {})),
    );
    expect(decision).toBe('rollBack');
    expect(sentence).toMatch(
      /^Rolled back at 25 % after 40 min: 100 errors in 3,\d{3} requests \([\d.]+ %, at least [\d.]+ %\), most tolerated [\d.]+ % \(baseline [\d.]+ %\); evidence .+ : 1, needed 500 : 1\.$/,
    );
  });

  it('does not take one burst for a pattern', () => {
    const { decision } = judge(
      quiet(45, minute => (minute === 40 ? { errors: 40 } : {})),
    );
    expect(decision).toBe('goOn');
  });

  it('does not take the first minutes of a baseline for trouble because it was silent before', () => {
    const errors = new Map([
      [0, 12],
      [1, 9],
      [3, 5],
      [4, 10],
    ]);
    const busy = (each: ArmMinute, failed: number): ArmMinute => ({
      ...each,
      requests: each.requests * 20,
      errors: failed,
      buckets: each.buckets.map(count => count * 20),
    });
    const fresh = quiet(4).map(each =>
      each.minute < -1
        ? { ...each, baseline: arm(0, { scrapes: 0 }) }
        : {
            ...each,
            baseline: busy(each.baseline, errors.get(each.minute) ?? 0),
            canary: busy(each.canary, each.minute > 0 ? 50 : 0),
          },
    );
    const { decision, findings } = judge(fresh);
    expect(findings.troubled).toEqual([]);
    expect(decision).toBe('rollBack');
  });

  it('leaves out the minutes in which the baseline failed too, and says so', () => {
    const shared = quiet(44, minute =>
      minute >= 35 && minute <= 38 ? { errors: 25 } : {},
    ).map(each =>
      each.minute >= 35 && each.minute <= 38
        ? { ...each, baseline: { ...each.baseline, errors: 75 } }
        : each,
    );
    const { decision, sentence, findings } = judge(shared);
    expect(decision).toBe('goOn');
    expect(findings.troubled).toEqual([34, 35, 36, 37, 38, 39]);
    expect(sentence).toMatch(
      /6 min left out: the baseline was in trouble, too, then or right beside\.$/,
    );
  });

  it('rolls a slower canary back although it keeps to the limit', () => {
    const slower = (minute: number): Partial<ArmMinute> => {
      if (minute < 61) return {};
      const requests = 500;
      const buckets = [25, 50, 100, 125, 100, 70, 25, 5];
      return { requests, buckets };
    };
    const { decision, sentence } = judge(quiet(85, slower));
    expect(decision).toBe('rollBack');
    expect(sentence).toContain("times the baseline's, most tolerated 1.20");
  });

  it('believes the latency of new pods as soon as their team says', () => {
    const slowed = (minute: number): Partial<ArmMinute> =>
      minute > 0 ? { requests: 50, buckets: [0, 0, 0, 5, 10, 15, 15, 5] } : {};
    const faultsAt = (minute: number, warmUpMinutes?: number) =>
      judgeCanary(quiet(minute, slowed), boundsMs, plan, {
        ...policy,
        ...(warmUpMinutes !== undefined && { warmUpMinutes }),
      }).findings.faults;
    expect(faultsAt(6)).toEqual([]);
    expect(faultsAt(6, 1)).toContain('latency');
  });

  it('holds at a closed gate and says what is missing', () => {
    const few = quiet(30).map(each => ({
      ...each,
      canary: {
        ...each.canary,
        requests: 2,
        buckets: [0, 0, 1, 1, 0, 0, 0, 0],
      },
    }));
    const { decision, sentence } = judge(few);
    expect(decision).toBe('hold');
    expect(sentence).toMatch(
      /^Holding at 5 %: 0 errors in 58 requests, so the rate may still be [\d.]+ %, needed 2 %; about [\d.]+ h more at this traffic/,
    );
  });

  it('holds when all of the traffic would need nearly all that is allowed of the processor', () => {
    const { decision, sentence } = judge(
      quiet(90, minute => ({ cpuPercent: 10 + 66 * (weightAt(minute) / 100) })),
    );
    expect(decision).toBe('hold');
    expect(sentence).toContain(
      'all of the traffic would need 76 % of the CPU limit, allowed 73 %',
    );
  });

  it('rolls back when all of the traffic would need too much of the processor', () => {
    const { decision, sentence } = judge(
      quiet(72, minute => ({ cpuPercent: 10 + 90 * (weightAt(minute) / 100) })),
    );
    expect(decision).toBe('rollBack');
    expect(sentence).toContain(
      'all of the traffic would need 100 % of the CPU',
    );
  });

  it('tells a leak from a warm-up', () => {
    const warming = quiet(75, minute => ({
      memoryPercent: 60 + 15 * (1 - Math.exp(-minute / 15)),
    }));
    const leaking = quiet(75, minute => ({ memoryPercent: 50 + 0.3 * minute }));
    expect(judge(warming).decision).toBe('goOn');
    const { decision, sentence } = judge(leaking);
    expect(decision).toBe('rollBack');
    expect(sentence).toContain('memory grows by 0.30 points a minute');
  });

  it('never goes on without data of the canary', () => {
    const silent = { requests: 0, errors: 0, scrapes: 0 };
    const never = quiet(30, () => silent);
    const lately = quiet(30, minute => (minute > 25 ? silent : {}));
    expect(judge(never)).toMatchObject({
      decision: 'hold',
      sentence: 'Holding at 5 %: nothing was ever heard of the canary.',
    });
    expect(judge(lately)).toMatchObject({
      decision: 'hold',
      sentence: 'Holding at 5 %: no data of the canary for 5 min.',
    });
  });

  it.each([
    ['not a number', { errors: NaN }],
    ['infinite', { requests: Infinity }],
    ['negative', { requests: -1 }],
    ['more failures than requests', { errors: 1_000_000 }],
    ['buckets of another layout', { buckets: [1, 2] }],
  ])('takes a minute that is %s for not heard', (_, change) => {
    const broken = quiet(30, minute => (minute > 25 ? change : {}));
    expect(judge(broken).decision).toBe('hold');
  });

  it('gives the same verdict whatever the order of the minutes', () => {
    const episode = makeEpisode(5, 'errors +1 pp', 50);
    const judgeThese = (minutes: readonly CanaryMinute[]) =>
      judgeCanary(minutes, episode.boundsMs, episode.plan, policy);
    const known = episode.minutes.filter(({ minute }) => minute <= 60);
    fc.assert(
      fc.property(
        fc.shuffledSubarray([...known], { minLength: known.length }),
        mixed => {
          expect(judgeThese(mixed)).toEqual(judgeThese(known));
        },
      ),
      { numRuns: 10 },
    );
  });

  it('never goes on because of one more failure, and stays finite', () => {
    const seeds = fc.integer({ min: 1, max: 1_000 });
    const kind = fc.constantFrom(...kinds.good, ...kinds.bad);
    const until = fc.integer({ min: 2, max: 120 });
    const position = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(seeds, kind, until, position, (seed, of, last, where) => {
        const episode = makeEpisode(seed, of, 20);
        const known = episode.minutes.filter(({ minute }) => minute <= last);
        const struck = Math.ceil(where * last);
        const worse = known.map(each =>
          each.minute === struck && each.canary.errors < each.canary.requests
            ? {
                ...each,
                canary: { ...each.canary, errors: each.canary.errors + 1 },
              }
            : each,
        );
        const [before, after] = [known, worse].map(minutes =>
          judgeCanary(minutes, episode.boundsMs, episode.plan, {
            ...policy,
            slaP95Ms: episode.slaP95Ms,
          }),
        );
        expect(before.findings.errors.logEvidence).not.toBeNaN();
        expect(Number.isFinite(after.findings.errors.logEvidence)).toBe(true);
        // At 100 % the worst minutes do not count, and one more failure may make a minute one of them.
        const mayTurn = before.decision !== 'rollBack' || struck >= 91;
        expect(mayTurn || after.decision !== 'goOn').toBe(true);
        expect(after.sentence).toMatch(/\d/);
      }),
      { numRuns: 60 },
    );
  });

  it('never lets a held canary go on while nothing more is heard of it', () => {
    const kindsOfAll = [...kinds.good, ...kinds.bad];
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.constantFrom(...kindsOfAll),
        fc.constantFrom(0.5, 2, 5),
        fc.constantFrom(30, 60, 90),
        fc.integer({ min: 1, max: 40 }),
        fc.boolean(),
        (seed, kind, perSecond, end, wait, isBaselineHeard) => {
          const episode = makeEpisode(seed, kind, perSecond);
          const stepsSoFar = {
            ...episode.plan,
            stepStarts: episode.plan.stepStarts.filter(start => start <= end),
          };
          const ask = (minutes: readonly CanaryMinute[]) =>
            judgeCanary(minutes, episode.boundsMs, stepsSoFar, {
              ...policy,
              slaP95Ms: episode.slaP95Ms,
            }).decision;
          const heard = episode.minutes.filter(({ minute }) => minute <= end);
          const [last] = heard.slice(-1);
          const silent: ArmMinute = {
            requests: 0,
            errors: 0,
            buckets: last.canary.buckets.map(() => 0),
            cpuPercent: null,
            memoryPercent: null,
            scrapes: 0,
          };
          // The engine stays at the step for as long as it is not let go on.
          const waited = Array.from({ length: wait }, (_, index) => ({
            ...last,
            minute: end + 1 + index,
            canary: silent,
            ...(isBaselineHeard ? {} : { baseline: silent }),
          }));
          const decisions = [ask(heard), ask([...heard, ...waited])];
          expect(decisions).not.toEqual(['hold', 'goOn']);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('is finite when everything fails', () => {
    const all = quiet(20, minute => ({
      errors: minute > 0 ? 50 : 0,
      requests: 50,
    }));
    const { decision, findings } = judge(all);
    expect(decision).toBe('rollBack');
    expect(Number.isFinite(findings.errors.logEvidence)).toBe(true);
  });

  it('judges made-up canaries hardly ever wrongly', () => {
    const ends = [...kinds.good, ...kinds.bad].flatMap(kind =>
      [1, 2, 3, 4].map(seed => {
        const isGood = (kinds.good as readonly string[]).includes(kind);
        const { end } = play(makeEpisode(seed * 31, kind, 200));
        return { isGood, end };
      }),
    );
    const wrong = ends.filter(({ isGood, end }) =>
      isGood ? end === 'rollBack' : end === 'goOn',
    );
    expect(wrong.length).toBeLessThanOrEqual(2);
    expect(
      ends.filter(({ isGood, end }) => isGood && end === 'goOn').length,
    ).toBeGreaterThanOrEqual(9);
  });
});
