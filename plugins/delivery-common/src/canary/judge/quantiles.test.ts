// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { parsePipeline } from '../../pipeline/parsePipeline';
import { judgeCanary } from './judgeCanary';
import type { ArmMinute, CanaryMinute } from './minutes';
import {
  defaultCanaryPolicy,
  defaultJudgeParameters,
  usualQuantiles,
  type CanaryPolicy,
} from './policy';

const boundsMs = [10, 25, 50, 100, 250, 500, 1_000];
const plan = {
  stepStarts: [1, 31, 61, 91],
  weights: [5, 25, 50, 100],
  soakMinutes: 30,
};
const both: CanaryPolicy = { ...defaultCanaryPolicy, ...usualQuantiles };
/** Shares of requests by bucket: P50 some 38 ms, P95 some 200 ms, P99 some 430 ms. */
const usual = [0.05, 0.2, 0.4, 0.2, 0.11, 0.0361, 0.0029, 0.001];
/** The middle is slower, the tail is not. */
const slowMiddle = [0.02, 0.08, 0.25, 0.5, 0.11, 0.0361, 0.0029, 0.001];
/** The slowest take more than a second; P95 is as before. */
const slowTail = [0.05, 0.2, 0.4, 0.2, 0.11, 0.005, 0, 0.035];

function arm(requests: number, shares: readonly number[]): ArmMinute {
  return {
    requests,
    errors: 0,
    buckets: shares.map(share => requests * share),
    cpuPercent: 30,
    memoryPercent: 40,
    scrapes: 4,
  };
}

function judge(
  until: number,
  shares: readonly number[],
  {
    policy = both,
    total = 4_000,
  }: { readonly policy?: CanaryPolicy; readonly total?: number } = {},
) {
  const minutes = Array.from(
    { length: until + 30 },
    (_, index): CanaryMinute => {
      const minute = index - 29;
      const weightPercent =
        minute < 1 ? 0 : plan.weights[Math.floor((minute - 1) / 30)];
      const requests = (total * weightPercent) / 100;
      return {
        minute,
        weightPercent,
        baseline: arm(total - requests, usual),
        canary: arm(requests, shares),
      };
    },
  );
  return judgeCanary(minutes, boundsMs, plan, policy);
}

const gatesOf = (verdict: ReturnType<typeof judge>) =>
  verdict.findings.gates
    .filter(({ check }) => check === 'latency')
    .map(({ open, words }) => `${open ? 'open' : 'closed'}: ${words}`);

describe('P50 and P99', () => {
  it.each([30, 60, 90, 120])(
    'let an equal version take the step that ends at minute %d',
    minute => {
      expect(judge(minute, usual)).toMatchObject({
        decision: 'goOn',
        findings: { faults: [], soaked: true },
      });
    },
  );

  it.each([
    [
      'half of the requests are slower',
      slowMiddle,
      'p50',
      /P50 is 1\.\d\d times the baseline's, most tolerated 1\.20; evidence .* : 1, needed 1,000 : 1\.$/,
    ],
    [
      'the slowest are slower',
      slowTail,
      'p99',
      /P99 is \d+\.\d\d times the baseline's, most tolerated 1\.50; evidence .* : 1, needed 1,000 : 1\.$/,
    ],
  ])('take a version back when %s', (_, shares, fault, sentence) => {
    const { decision, sentence: said, findings } = judge(60, shares);
    expect(decision).toBe('rollBack');
    expect(findings.faults).toEqual([fault]);
    expect(said).toMatch(sentence);
    const unasked = judge(60, shares, { policy: defaultCanaryPolicy });
    expect(unasked.findings.faults).toEqual([]);
  });

  it('take a version back that is far beyond a limit of its own, and hold one that misses it', () => {
    const limited = (limitMs: number) => ({
      policy: { ...defaultCanaryPolicy, p50: { aboveBaseline: 9, limitMs } },
    });
    expect(judge(30, usual, limited(15))).toMatchObject({
      decision: 'rollBack',
      sentence: expect.stringMatching(
        /P50 of the last 10 min is 3\d ms \(at least 3\d ms\), most tolerated 30 ms\.$/,
      ),
    });
    const { decision, sentence } = judge(30, usual, limited(30));
    expect(decision).toBe('hold');
    expect(sentence).toMatch(/^Holding at 5 %: P50 is 3\d ms, allowed 30 ms;/);
  });

  it('say of P99 with few requests that it is not judged', () => {
    const verdict = judge(30, slowTail, { total: 600 });
    expect(verdict.findings.faults).toEqual([]);
    expect(gatesOf(verdict).slice(2)).toEqual([
      expect.stringMatching(
        /^open: P50 is 3\d ms; it may still be 1\.\d\d times/,
      ),
      'open: P99 is judged from 1,000 requests of a step on, there are 720 requests',
    ]);
  });

  it('have a part of what may be wrong by chance, and all tests together a hundredth at most', () => {
    const { alpha, alphaOfQuantile, alphaOfChecks } = defaultJudgeParameters;
    expect(2 * alpha + 2 * alphaOfQuantile + alphaOfChecks).toBeLessThanOrEqual(
      0.01 + 1e-9,
    );
  });

  it('are finite for any counts, and never change what P95 says', () => {
    const anyBuckets = fc.array(fc.nat({ max: 200 }), {
      minLength: 8,
      maxLength: 8,
    });
    fc.assert(
      fc.property(anyBuckets, anyBuckets, (mine, theirs) => {
        const of = (buckets: readonly number[]) => ({
          ...arm(
            buckets.reduce((sum, each) => sum + each, 0),
            usual,
          ),
          buckets,
        });
        const minutes = Array.from({ length: 20 }, (_, index) => ({
          minute: index + 1,
          weightPercent: 5,
          baseline: of(theirs),
          canary: of(mine),
        }));
        const latencyOf = (policy: CanaryPolicy) =>
          judgeCanary(minutes, boundsMs, plan, policy).findings.latency;
        const { p50, p99, ...p95 } = latencyOf(both);
        expect(p95).toEqual(latencyOf(defaultCanaryPolicy));
        for (const each of [p50, p99])
          expect(Number.isFinite(each?.logEvidence ?? 0)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it('are judged where the document limits them', () => {
    const policyOf = (limits: string) =>
      parsePipeline(
        `apiVersion: causeway.dev/v1
kind: Pipeline
images: [registry.example/label-api]
stages:
  - name: production
    kind: cloud
    targets: [production]
    strategy: { canary: { limits: ${limits} } }
`,
        {
          service: 'component:default/label-api',
          defaults: {
            fleet: {
              repository: 'https://forge.example/fleet',
              branch: 'main',
            },
          },
        },
      ).pipeline?.stages[0].strategy?.policy;
    expect(policyOf('{}')).toEqual(defaultCanaryPolicy);
    expect(
      policyOf('{ p50PercentAboveBaseline: 10, p99Milliseconds: 900 }'),
    ).toEqual({
      ...defaultCanaryPolicy,
      p50: { aboveBaseline: 0.1 },
      p99: { aboveBaseline: 0.5, limitMs: 900 },
    });
  });
});
