// SPDX-License-Identifier: Apache-2.0
import type {
  CanaryDecision,
  CanaryFault,
  CanaryFindings,
} from './judgeCanary';
import type { QuantileFindings } from './latency';
import type { CanaryPolicy, JudgeParameters, QuantilePolicy } from './policy';
import {
  sayCount,
  sayMilliseconds,
  sayMinutes,
  sayOdds,
  sayShare,
} from './say';

type Sayer = (
  findings: CanaryFindings,
  policy: CanaryPolicy,
  parameters: JudgeParameters,
) => string;

function sayDifference(ratio: number): string {
  const percent = Math.round((ratio - 1) * 100);
  return percent >= 0
    ? `${percent} % above the baseline`
    : `${-percent} % below the baseline`;
}

function sayQuantile(
  name: string,
  found: QuantileFindings | undefined,
  { slaRollbackFactor }: CanaryPolicy,
  {
    limits,
    alpha,
  }: {
    readonly limits: QuantilePolicy | undefined;
    readonly alpha: number;
  },
): string {
  const { condemned, ratio, logEvidence, recent } = found ?? {};
  const { aboveBaseline = 0, limitMs = 0 } = limits ?? {};
  if (condemned) {
    const seen = ratio
      ? `${name} is ${ratio.value.toFixed(2)} times the baseline's`
      : `${name} is higher than the baseline's`;
    return `${seen}, most tolerated ${(1 + aboveBaseline).toFixed(
      2,
    )}; evidence ${sayOdds(logEvidence ?? 0)}, needed ${sayOdds(
      Math.log(1 / alpha),
    )}`;
  }
  return `${name} of the last 10 min is ${sayMilliseconds(
    recent?.value ?? 0,
  )} (at least ${sayMilliseconds(
    recent?.lower ?? 0,
  )}), most tolerated ${sayMilliseconds(slaRollbackFactor * limitMs)}`;
}

const sayFault: Record<CanaryFault, Sayer> = {
  errors({ errors }, _policy, { alpha }) {
    const rate = errors.requests > 0 ? errors.errors / errors.requests : 0;
    return (
      `${sayCount(errors.errors, 'error')} in ${sayCount(
        errors.requests,
        'request',
      )} (${sayShare(rate)}, at least ${sayShare(errors.lower)}), ` +
      `most tolerated ${sayShare(errors.tolerated)} (baseline ${sayShare(
        errors.baselineRate,
      )}); evidence ${sayOdds(errors.logEvidence)}, needed ${sayOdds(
        Math.log(1 / alpha),
      )}`
    );
  },
  latency({ latency }, policy, { alpha }) {
    const value = latency.ratio?.value;
    const seen = value
      ? `P95 is ${value.toFixed(2)} times the baseline's`
      : "requests are slower than the baseline's";
    return `${seen}, most tolerated ${(1 + policy.latencyAboveBaseline).toFixed(
      2,
    )}; evidence ${sayOdds(latency.logEvidence ?? 0)}, needed ${sayOdds(
      Math.log(1 / alpha),
    )}`;
  },
  latencyLimit: ({ latency: { recent } }, policy) =>
    `P95 of the last 10 min is ${sayMilliseconds(
      recent?.value ?? 0,
    )} (at least ${sayMilliseconds(
      recent?.lower ?? 0,
    )}), most tolerated ${sayMilliseconds(
      policy.slaRollbackFactor * policy.slaP95Ms,
    )}`,
  p50: ({ latency }, policy, parameters) =>
    sayQuantile('P50', latency.p50, policy, {
      limits: policy.p50,
      alpha: parameters.alphaOfQuantile,
    }),
  p99: ({ latency }, policy, parameters) =>
    sayQuantile('P99', latency.p99, policy, {
      limits: policy.p99,
      alpha: parameters.alphaOfQuantile,
    }),
  cpuBusy: ({ resources }, policy) =>
    `CPU is at ${resources.cpu.recent?.toFixed(0)} % of its limit, allowed ${
      policy.cpuMaxPercent
    } %`,
  cpuForecast: ({ resources }, policy) =>
    `all of the traffic would need ${resources.cpu.forecast?.toFixed(
      0,
    )} % of the CPU limit, allowed ${policy.cpuMaxPercent} %`,
  memoryFull: ({ resources }, policy) =>
    `memory is at ${resources.memory.recent?.toFixed(
      0,
    )} % of its limit, allowed ${policy.memoryMaxPercent} %`,
  memoryLeak: ({ resources: { memory } }, policy, { leak }) =>
    `memory grows by ${memory.leak?.perMinute.toFixed(
      2,
    )} points a minute from ${memory.leak?.now.toFixed(0)} % and will pass ${
      policy.memoryMaxPercent
    } % within ${sayMinutes(leak.rollbackAhead)}`,
  check: ({ checks }) =>
    checks
      .flatMap(({ title, against }) =>
        against === undefined ? [] : [`${title}: ${against}`],
      )
      .join('; '),
};

function sayNothingCounted(isLeftOut: boolean): string {
  return isLeftOut ? 'no request counts yet' : 'no requests yet';
}

const say: Record<CanaryDecision, Sayer> = {
  goOn(findings) {
    const { weight, errors, latency, soaked, troubled } = findings;
    const rate = errors.requests > 0 ? errors.errors / errors.requests : 0;
    const failures =
      errors.requests > 0
        ? `${sayShare(rate)} of ${sayCount(
            errors.requests,
            'request',
          )} failed (at most ${sayShare(Math.min(1, errors.upper))})`
        : sayNothingCounted(troubled.length > 0);
    const { ofStep: stepP95, ratio } = latency;
    const speed = stepP95 ? `, P95 ${sayMilliseconds(stepP95)}` : '';
    const compared = ratio
      ? `, ${sayDifference(ratio.value)} (at most ${sayDifference(
          ratio.upper,
        )})`
      : '';
    const doing = soaked ? 'Going on' : `Watching at ${weight} %`;
    return `${doing}: ${failures}${speed}${compared}.`;
  },
  hold(findings) {
    const { weight, minute, heardAt, gates } = findings;
    if (heardAt === undefined)
      return `Holding at ${weight} %: nothing was ever heard of the canary.`;
    if (heardAt < minute && minute - heardAt >= 5)
      return `Holding at ${weight} %: no data of the canary for ${sayMinutes(
        minute - heardAt,
      )}.`;
    const closed = gates.filter(({ open }) => !open);
    return `Holding at ${weight} %: ${closed
      .map(({ title, words }) => (title ? `${title}: ${words}` : words))
      .join('; ')}.`;
  },
  rollBack(findings, policy, parameters) {
    const { weight, minute, faults } = findings;
    return `Rolled back at ${weight} % after ${sayMinutes(minute)}: ${faults
      .map(fault => sayFault[fault](findings, policy, parameters))
      .join('; ')}.`;
  },
};

/** A verdict in a sentence: what is done, when, what was seen with counts, the limit, and how sure that is. */
export function sayVerdict(
  decision: CanaryDecision,
  findings: CanaryFindings,
  policy: CanaryPolicy,
  parameters: JudgeParameters,
): string {
  const { troubled } = findings;
  const leftOut =
    troubled.length > 0
      ? ` ${sayMinutes(
          troubled.length,
        )} left out: the baseline was in trouble, too, then or right beside.`
      : '';
  return `${say[decision](findings, policy, parameters)}${leftOut}`;
}
