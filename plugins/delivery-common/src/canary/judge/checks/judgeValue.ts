// SPDX-License-Identifier: Apache-2.0
import { rowOf } from '../gates';
import { stepOf, type CanaryMinute } from '../minutes';
import { median } from '../statistics';
import type { CustomCheck } from './customCheck';
import {
  sampleOf,
  type CheckQuestion,
  type CheckVerdict,
} from './checkQuestion';

/** What both arms measured in one minute. */
interface Pair {
  readonly canary: number;
  readonly baseline: number | undefined;
}

/** So many minutes in a row beyond a limit condemn, and so many must be known before anything is said. */
const inARow = 5;
const recentMinutes = 10;
/** A value of fewer requests is an accident. */
const fewestRequests = 40;
/** The standard deviation of a median as a multiple of the median distance from it, for bell curves. */
const deviationOfMedian = 1.2533 * 1.4826;

/**
 * Judges a gauge, a mean or a quantile, of which it is not known how sure it is: by medians of minutes.
 * It holds the canary. It condemns only by an absolute limit that was missed in every one of the last
 * minutes, while the baseline kept to it.
 */
export function judgeValue(
  check: CustomCheck,
  question: CheckQuestion,
): CheckVerdict {
  const { rule } = check;
  const { warm, plan, step } = question;
  const counted = warm.filter(
    minute =>
      minute.canary.requests > 0 && sampleOf(minute, 'canary', check.title),
  );
  const inStep = counted.filter(({ minute }) => stepOf(plan, minute) === step);
  const requests = inStep.reduce((sum, { canary }) => sum + canary.requests, 0);
  if (inStep.length < inARow || requests < fewestRequests) {
    return {
      against: undefined,
      gate: {
        open: false,
        words: `known of ${inStep.length} minutes with ${Math.round(
          requests,
        )} requests, needed ${inARow} with ${fewestRequests}`,
      },
    };
  }
  const rules = [
    ...(rule.limit === undefined
      ? []
      : [limitRule(check, rule.limit, inStep, question)]),
    ...(rule.relative === undefined
      ? []
      : [relativeRule(check, rule.relative, inStep, question)]),
  ];
  return {
    against: rules.find(({ against }) => against !== undefined)?.against,
    gate: {
      open: rules.every(({ open }) => open),
      words: rules.map(({ words }) => words).join('; '),
    },
  };
}

interface ValueRule {
  readonly open: boolean;
  readonly words: string;
  readonly against?: string;
}

function limitRule(
  { title, unit, rule }: CustomCheck,
  limit: number,
  minutes: readonly CanaryMinute[],
  { warm, weight, plan, step, parameters }: CheckQuestion,
): ValueRule {
  const isBeyond = (value: number | undefined) =>
    value !== undefined &&
    (rule.side === 'upper' ? value > limit : value < limit);
  const say = (value: number) => `${sayValue(value)} ${unit}`;
  const asked = `${rule.side === 'upper' ? 'at most' : 'at least'} ${say(
    limit,
  )}`;
  const recent = minutes.slice(-recentMinutes);
  const value = median(pairsOf(recent, title).map(({ canary }) => canary)) ?? 0;
  // Without a baseline trouble of the surroundings looks like the canary's.
  const isAlone = weight >= 100;
  const needed = inARow + (isAlone ? parameters.worstMinutesAt100 : 0);
  const last = warm
    .filter(({ minute }) => !isAlone || stepOf(plan, minute) === step)
    .slice(-needed);
  const usual = median(
    pairsOf(last, title).flatMap(({ baseline }) => baseline ?? []),
  );
  const condemned =
    last.length === needed &&
    last.every(each => isBeyond(sampleOf(each, 'canary', title)?.value)) &&
    !isBeyond(usual);
  const blame = isBeyond(usual)
    ? ` (the baseline has ${say(usual ?? 0)} itself)`
    : '';
  return {
    open: !isBeyond(value),
    words: `median ${say(value)}, asked ${asked}${blame}`,
    ...(condemned && {
      against: `median ${say(value)}, beyond ${say(
        limit,
      )} in each of the last ${needed} min`,
    }),
  };
}

function relativeRule(
  { title, rule }: CustomCheck,
  relative: number,
  minutes: readonly CanaryMinute[],
  { weight, parameters }: CheckQuestion,
): ValueRule {
  if (parameters.gateLatencyUpper[rowOf(weight)] === null)
    return { open: true, words: 'no baseline is left to compare with' };
  const paired = pairsOf(minutes, title).flatMap(({ canary, baseline }) =>
    baseline === undefined ? [] : [{ canary, baseline }],
  );
  const mine = spreadOf(paired.map(({ canary }) => canary));
  const usual = spreadOf(paired.map(({ baseline }) => baseline));
  if (paired.length < inARow || !mine || !usual)
    return { open: false, words: 'too little was heard of the baseline' };
  if (mine.median === 0 && usual.median === 0)
    return { open: true, words: "0 like the baseline's" };
  if (!(mine.median > 0 && usual.median > 0)) {
    const isBetter = mine.median < usual.median === (rule.side === 'upper');
    return {
      open: isBetter,
      words: `${sayValue(mine.median)}, ${
        isBetter ? 'better' : 'worse'
      } than the baseline's ${sayValue(usual.median)}`,
    };
  }
  const deviation = Math.sqrt(
    mine.deviation ** 2 + usual.deviation ** 2 + parameters.podSpread ** 2,
  );
  const sign = rule.side === 'upper' ? 1 : -1;
  const ratio = mine.median / usual.median;
  const atWorst = ratio * Math.exp(sign * parameters.gateZ.latency * deviation);
  const limit = 1 + sign * relative;
  return {
    open: sign * atWorst <= sign * limit,
    words: `${ratio.toFixed(
      2,
    )} times the baseline's, may still be ${atWorst.toFixed(
      2,
    )}, needed ${limit.toFixed(2)}`,
  };
}

/** The median, and how far it may be off as a share of it. */
function spreadOf(
  values: readonly number[],
): { readonly median: number; readonly deviation: number } | undefined {
  const middle = median(values);
  if (middle === undefined) return undefined;
  const distance = median(values.map(value => Math.abs(value - middle))) ?? 0;
  return {
    median: middle,
    deviation:
      (deviationOfMedian * distance) /
      (Math.abs(middle) * Math.sqrt(values.length)),
  };
}

function pairsOf(
  minutes: readonly CanaryMinute[],
  title: string,
): readonly Pair[] {
  return minutes.flatMap(minute => {
    const canary = sampleOf(minute, 'canary', title);
    const baseline = sampleOf(minute, 'baseline', title);
    return canary ? [{ canary: canary.value, baseline: baseline?.value }] : [];
  });
}

function sayValue(value: number): string {
  return new Intl.NumberFormat('en', { maximumSignificantDigits: 3 }).format(
    value,
  );
}
