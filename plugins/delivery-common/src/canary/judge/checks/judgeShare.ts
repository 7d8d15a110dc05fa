// SPDX-License-Identifier: Apache-2.0
import {
  countLogRatios,
  mixedEvidence,
  pairedLogRatios,
  type Counts,
  type MinuteEvidence,
} from '../evidence';
import { rowOf } from '../gates';
import { stepOf, type Arm, type CanaryMinute } from '../minutes';
import type { JudgeParameters } from '../policy';
import { sayOdds, sayShare } from '../say';
import { clamp, rateUpperBound } from '../statistics';
import type { CheckRule, CustomCheck } from './customCheck';
import {
  sampleOf,
  type CheckQuestion,
  type CheckVerdict,
} from './checkQuestion';

/** What was counted in a minute. What is counted is what should be rare. */
interface CountedMinute {
  readonly minute: number;
  readonly step: number;
  readonly canary: Counts;
  readonly baseline: Counts;
}

/** Everything that both rules of a share are judged by. */
interface ShareFacts {
  readonly minutes: readonly CountedMinute[];
  readonly canary: Counts;
  readonly baseline: Counts;
  readonly dispersion: number;
  readonly rule: CheckRule;
  readonly question: CheckQuestion;
}

/** One of the two limits of a share. */
interface ShareRule {
  /** The share of what should be rare, or the ratio to the baseline's, that is tolerated. */
  readonly evidence: readonly MinuteEvidence[];
  /** At 100 % what the step says by itself. */
  readonly alone: readonly MinuteEvidence[] | undefined;
  readonly gate: { readonly open: boolean; readonly words: string };
}

/** A share of so many is too small to matter beside the baseline's. */
const negligible = 0.003;
/** From this weight on the share itself must keep to its limit; before, only its bound is asked. */
const shareAskedFrom = 50;

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/**
 * Judges a share as errors are judged: evidence that is mixed over sizes and onsets of a fault condemns,
 * upper bounds open the gate. With two limits it is condemned only by evidence against both, and passes
 * only when it keeps to both.
 *
 * @param alpha - share of good versions that this check may condemn by chance
 */
export function judgeShare(
  { title, rule }: CustomCheck,
  alpha: number,
  question: CheckQuestion,
): CheckVerdict {
  const facts = factsOf(title, rule, question);
  const rules = [
    ...(rule.limit === undefined ? [] : [absoluteRule(facts, rule.limit)]),
    ...(rule.relative === undefined
      ? []
      : [relativeRule(facts, rule.relative)]),
  ];
  const { parameters } = question;
  const needed = Math.log(1 / alpha);
  const mixture = {
    dispersion: facts.dispersion,
    startEvery: parameters.startEvery,
  };
  const strength = (withoutStrongest: number) =>
    Math.min(
      ...rules.map(({ evidence }) =>
        mixedEvidence(evidence, { ...mixture, withoutStrongest }),
      ),
    );
  const logEvidence = strength(0);
  const condemned =
    logEvidence >= needed &&
    strength(1) >= parameters.strongestMinuteLog &&
    rules.every(
      ({ alone }) =>
        alone === undefined ||
        mixedEvidence(alone, {
          ...mixture,
          withoutStrongest: parameters.worstMinutesAt100,
        }) >= needed,
    );
  return {
    against: condemned
      ? `${saySeen(facts.canary, rule)}, ${sayAsked(facts)}; evidence ${sayOdds(
          logEvidence,
        )}, needed ${sayOdds(needed)}`
      : undefined,
    gate: {
      open: rules.every(({ gate }) => gate.open),
      words: `${saySeen(countedOf(facts), rule)}; ${rules
        .map(({ gate }) => gate.words)
        .join('; ')}`,
    },
  };
}

function factsOf(
  title: string,
  rule: CheckRule,
  question: CheckQuestion,
): ShareFacts {
  const { warm, clean, plan, parameters } = question;
  const countsOf = (minute: CanaryMinute, arm: Arm): Counts => {
    const { value, of } = sampleOf(minute, arm, title) ?? { value: 0, of: 0 };
    const all = of ?? 0;
    return { count: rule.side === 'upper' ? value : all - value, of: all };
  };
  const minutes = warm.map(each => ({
    minute: each.minute,
    step: stepOf(plan, each.minute),
    canary: countsOf(each, 'canary'),
    baseline: countsOf(each, 'baseline'),
  }));
  return {
    minutes,
    canary: sumOf(minutes.map(({ canary }) => canary)),
    baseline: sumOf(minutes.map(({ baseline }) => baseline)),
    dispersion: dispersionOf(
      clean.map(each => countsOf(each, 'baseline')),
      parameters.phi.errors,
    ),
    rule,
    question,
  };
}

function absoluteRule(facts: ShareFacts, limit: number): ShareRule {
  const { minutes, baseline, dispersion, rule, question } = facts;
  const { weight, step, parameters } = question;
  const most = rule.side === 'upper' ? limit : 1 - limit;
  // A baseline that misses the limit itself condemns nobody beside it; then the gate holds.
  const usual =
    baseline.of > 0
      ? rateUpperBound(baseline.count, baseline.of, {
          dispersion,
          z: parameters.gateZ.errors,
        })
      : 0;
  const tolerated = Math.max(most, Math.min(1, usual));
  const evidenceOf = (counted: readonly CountedMinute[]) =>
    counted.map(({ minute, canary }) => ({
      minute,
      logRatios: countLogRatios(canary, tolerated, parameters.errorRatios),
    }));
  const counted = countedOf(facts);
  const upper = upperOf(counted, facts);
  const bound = Math.min(
    parameters.gateShareUpper[rowOf(weight)] * most,
    (1 + most) / 2,
  );
  const isKept = weight < shareAskedFrom || counted.count <= most * counted.of;
  const atWorst = `may still be ${sayOf(upper, rule)}, needed ${sayOf(
    bound,
    rule,
  )}`;
  return {
    evidence: evidenceOf(minutes),
    alone: weight >= 100 ? evidenceOf(sinceStep(minutes, step)) : undefined,
    gate: {
      open: upper <= bound && isKept,
      words: isKept ? atWorst : `asked ${sayLimit(rule, limit)}`,
    },
  };
}

function relativeRule(facts: ShareFacts, relative: number): ShareRule {
  const { minutes, canary, baseline, dispersion, rule, question } = facts;
  const { weight, parameters } = question;
  const tolerated = toleratedRatio(rule, relative, baseline);
  const evidence = minutes
    .filter(each => each.canary.of > 0 && each.baseline.of > 0)
    .map(each => ({
      minute: each.minute,
      logRatios: pairedLogRatios(
        each,
        parameters.latencySlack * tolerated,
        parameters.latencyRatios,
      ),
    }));
  const most = parameters.gateLatencyUpper[rowOf(weight)];
  if (most === null) {
    const gate = { open: true, words: 'no baseline is left to compare with' };
    return { evidence, alone: undefined, gate };
  }
  const log = Math.log(
    ((canary.count + 0.5) * (baseline.of + 1)) /
      ((baseline.count + 0.5) * (canary.of + 1)),
  );
  const deviation = Math.sqrt(
    dispersion * (1 / (canary.count + 0.5) + 1 / (baseline.count + 0.5)),
  );
  const upper = Math.exp(log + parameters.gateZ.latency * deviation);
  const limit = Math.max(most, tolerated);
  const isRare = upperOf(canary, facts) <= negligible;
  return {
    evidence,
    alone: undefined,
    gate: {
      open: baseline.of > 0 && (isRare || upper <= limit),
      words:
        baseline.of > 0
          ? `the baseline's ${saySeen(baseline, rule)}, so ${sayRare(
              rule,
            )} may still be ${upper.toFixed(
              2,
            )} times as frequent, needed ${limit.toFixed(2)}`
          : 'nothing was heard of the baseline',
    },
  };
}

/** The ratio of what should be rare. Where more is better, a few percent less may be many times as much of the rest. */
function toleratedRatio(
  { side }: CheckRule,
  relative: number,
  { count, of }: Counts,
): number {
  if (side === 'upper') return 1 + relative;
  const usual = (count + 0.5) / (of + 1);
  return 1 + (relative * (1 - usual)) / usual;
}

/** What gates count: at 100 % without the worst minutes of the step. */
function countedOf({ minutes, canary, question }: ShareFacts): Counts {
  const { weight, step, parameters } = question;
  if (weight < 100) return canary;
  const worst = new Set(
    [...sinceStepNumbered(minutes, step)]
      .sort((left, right) => right.canary.count - left.canary.count)
      .slice(0, parameters.worstMinutesAt100),
  );
  return sumOf(
    minutes.filter(each => !worst.has(each)).map(each => each.canary),
  );
}

function sinceStepNumbered(
  minutes: readonly CountedMinute[],
  step: number,
): readonly CountedMinute[] {
  return minutes.filter(each => each.step === step);
}

/** The minutes of a step, counted from 1. */
function sinceStep(
  minutes: readonly CountedMinute[],
  step: number,
): readonly CountedMinute[] {
  const inStep = sinceStepNumbered(minutes, step);
  const first = inStep[0]?.minute ?? 1;
  return inStep.map(each => ({ ...each, minute: each.minute - first + 1 }));
}

function upperOf(
  { count, of }: Counts,
  { dispersion, question }: ShareFacts,
): number {
  const z = question.parameters.gateZ.errors;
  return Math.min(1, rateUpperBound(count, of, { dispersion, z }));
}

function sumOf(counts: readonly Counts[]): Counts {
  return counts.reduce(
    (sum, { count, of }) => ({ count: sum.count + count, of: sum.of + of }),
    { count: 0, of: 0 },
  );
}

/** How many times as uneven as chance the baseline's counts come. */
function dispersionOf(
  counts: readonly Counts[],
  [prior, weight]: JudgeParameters['phi']['errors'],
): number {
  const all = sumOf(counts);
  const rate = (all.count + 0.5) / (all.of + 1);
  let squares = prior * weight;
  for (const { count, of } of counts) squares += (count - of * rate) ** 2;
  return clamp(squares / (weight + all.of * rate), 1, 12);
}

function saySeen({ count, of }: Counts, { side }: CheckRule): string {
  const shown = side === 'upper' ? count : of - count;
  const share = of > 0 ? ` (${sayShare(shown / of)})` : '';
  return `${whole.format(shown)} of ${whole.format(of)}${share}`;
}

/** A share of what should be rare, as the team counts it. */
function sayOf(share: number, { side }: CheckRule): string {
  return sayShare(side === 'upper' ? share : Math.max(0, 1 - share));
}

function sayLimit({ side }: CheckRule, limit: number): string {
  return `${side === 'upper' ? 'at most' : 'at least'} ${sayShare(limit)}`;
}

function sayRare({ side }: CheckRule): string {
  return side === 'upper' ? 'it' : 'the rest';
}

function sayAsked({ baseline, rule }: ShareFacts): string {
  const { side, limit, relative } = rule;
  const than = `${sayShare(relative ?? 0)} ${
    side === 'upper' ? 'more' : 'less'
  } than the baseline's ${saySeen(baseline, rule)}`;
  return [
    ...(limit === undefined ? [] : [`asked ${sayLimit(rule, limit)}`]),
    ...(relative === undefined ? [] : [`tolerated ${than}`]),
  ].join(' and ');
}
