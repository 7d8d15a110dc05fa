// SPDX-License-Identifier: Apache-2.0
import { makeEpisode } from '../../../bench/canary/episode';
import type { Kind } from '../../../bench/canary/version';
import { judgeSwitch, type SwitchVerdict } from './judgeSwitch';
import type { ArmMinute, CanaryMinute } from './minutes';
import { defaultCanaryPolicy as policy } from './policy';

const boundsMs = [10, 25, 50, 100, 250, 500, 1_000];
const watch = 10;

const silent: ArmMinute = {
  requests: 0,
  errors: 0,
  buckets: [0, 0, 0, 0, 0, 0, 0, 0],
  cpuPercent: null,
  memoryPercent: null,
  scrapes: 0,
};

/** 3,000 requests a minute, P95 between 100 and 250 ms. */
function arm(change: Partial<ArmMinute> = {}): ArmMinute {
  const buckets = [600, 900, 900, 400, 170, 20, 10, 0];
  return { ...silent, requests: 3_000, buckets, scrapes: 4, ...change };
}

/** Every request takes so many buckets longer. */
function slower(by: number): Partial<ArmMinute> {
  const { buckets } = arm();
  const moved = new Array<number>(buckets.length).fill(0);
  buckets.forEach((count, index) => {
    moved[Math.min(index + by, moved.length - 1)] += count;
  });
  return { buckets: moved };
}

/** Minutes around a switch. */
function around(
  until: number,
  after: (minute: number) => Partial<ArmMinute> = () => ({}),
  before: Partial<ArmMinute> = { errors: 1 },
): readonly CanaryMinute[] {
  return Array.from({ length: until + 30 }, (_, index) => {
    const minute = index - 29;
    return minute > 0
      ? {
          minute,
          weightPercent: 100,
          baseline: silent,
          canary: arm(after(minute)),
        }
      : { minute, weightPercent: 0, baseline: arm(before), canary: silent };
  });
}

function judge(minutes: readonly CanaryMinute[]): SwitchVerdict {
  return judgeSwitch(minutes, boundsMs, watch, policy);
}

it('watches a version that is well, and says at the end that it is', () => {
  const watching = judge(around(5));
  expect(watching.decision).toBe('goOn');
  expect(watching.findings.watched).toBe(false);
  const { decision, sentence, findings } = judge(around(10));
  expect({ decision, watched: findings.watched }).toEqual({
    decision: 'goOn',
    watched: true,
  });
  expect(sentence).toBe(
    'Well after the switch: 0 % of 27,000 requests failed (0.034 % before the switch), P95 115 ms (115 ms before the switch).',
  );
});

it('switches back on errors after the fourth minute, and says with which numbers', () => {
  const failing = (minute: number) => ({ errors: minute > 0 ? 150 : 0 });
  expect(judge(around(3, failing)).decision).toBe('goOn');
  const { decision, sentence } = judge(around(4, failing));
  expect(decision).toBe('rollBack');
  expect(sentence).toMatch(
    /^Switched back after 4 min: 450 errors in 9,000 requests \(5 %, at least [\d.]+ %\), most tolerated 0\.1 % \(0\.034 % before the switch\); evidence .* : 1, needed 500 : 1\.$/,
  );
});

it.each<[string, Parameters<typeof around>, SwitchVerdict['decision'], RegExp]>(
  [
    [
      'two terrible minutes, which may be trouble of the surroundings',
      [10, m => (m === 4 || m === 5 ? { errors: 900, ...slower(4) } : {})],
      'goOn',
      /^Well/,
    ],
    [
      'as many failures as the version before had',
      [6, () => ({ errors: 60 }), { errors: 60 }],
      'goOn',
      /^Watching/,
    ],
    [
      'more failures than allowed, as before: nobody is to blame, nothing is well',
      [10, () => ({ errors: 60 }), { errors: 60 }],
      'hold',
      /2 %, allowed 0\.1 %/,
    ],
    [
      'P95 far beyond the limit',
      [6, () => slower(3)],
      'rollBack',
      /P95 is .* most tolerated 500 ms \(115 ms before the switch\)/,
    ],
    [
      'P95 beyond the limit, as before',
      [10, () => slower(3), slower(3)],
      'hold',
      /P95 is .*, allowed 500 ms/,
    ],
    [
      'twice the latency from before the switch, within the limit',
      [10, () => slower(1)],
      'hold',
      /allowed 1\.20 times the 115 ms from before the switch/,
    ],
    ['no sample of the new version', [7, () => silent], 'hold', /heard/],
    [
      'few requests',
      [10, () => ({ requests: 30, buckets: [30, 0, 0, 0, 0, 0, 0, 0] })],
      'hold',
      /0 errors in 210 requests, so the rate may still be/,
    ],
    [
      'numbers that can not be',
      [7, () => ({ errors: 9_000 })],
      'hold',
      /nothing was heard/,
    ],
  ],
)('judges %s', (_name, minutes, decision, sentence) => {
  const verdict = judge(around(...minutes));
  expect(verdict.decision).toBe(decision);
  expect(verdict.sentence).toMatch(sentence);
});

/** The minutes at 100 % of a made-up canary, as if they had come right after those of the version before. */
function switched(kind: Kind, seed: number) {
  const { minutes, boundsMs: bounds, slaP95Ms } = makeEpisode(seed, kind, 50);
  const after = minutes
    .filter(({ minute }) => minute > 100)
    .map(each => ({ ...each, minute: each.minute - 100 }));
  const before = minutes.filter(({ minute }) => minute <= 0);
  const emptied = after.map(each => ({
    ...each,
    baseline: { ...silent, buckets: each.canary.buckets.map(() => 0) },
  }));
  const ends = emptied.map(({ minute }) =>
    judgeSwitch(
      [...before, ...emptied.slice(0, minute)],
      bounds,
      emptied.length,
      { ...policy, slaP95Ms },
    ),
  );
  return ends.some(({ decision }) => decision === 'rollBack');
}

it('finds bad versions in noise, and seldom takes a good one back', () => {
  const seeds = Array.from({ length: 60 }, (_, index) => 7_919 * (index + 1));
  const wrong = seeds.filter(seed => switched('equal', seed)).length;
  const found = seeds.filter(seed => switched('errors +1 pp', seed)).length;
  expect(wrong).toBeLessThanOrEqual(3);
  expect(found).toBeGreaterThanOrEqual(57);
});
