// SPDX-License-Identifier: Apache-2.0
import type { CanaryDecision } from './judgeCanary';
import type { SwitchFindings, SwitchGate } from './judgeSwitch';
import type { JudgeParameters } from './policy';
import {
  sayCount,
  sayMilliseconds,
  sayMinutes,
  sayOdds,
  sayShare,
} from './say';

/** A verdict about a switch in a sentence: what is done, when, what was seen, the limit, and how sure that is. */
export function saySwitchVerdict(
  decision: CanaryDecision,
  findings: SwitchFindings,
  {
    gates,
    parameters,
  }: {
    readonly gates: readonly SwitchGate[];
    readonly parameters: JudgeParameters;
  },
): string {
  const { minute, heardAt, watched } = findings;
  switch (decision) {
    case 'rollBack':
      return `Switched back after ${sayMinutes(minute)}: ${sayFaults(
        findings,
        parameters,
      ).join('; ')}.`;
    case 'hold': {
      const closed = gates.filter(({ open }) => !open);
      const why =
        heardAt === undefined || minute - heardAt >= 5
          ? `nothing was heard of the new version for ${sayMinutes(
              minute - (heardAt ?? 0),
            )}`
          : closed.map(({ words }) => words).join('; ');
      return `Not sure after ${sayMinutes(minute)}: ${why}.`;
    }
    default:
      return `${watched ? 'Well' : 'Watching'} after the switch: ${saySeen(
        findings,
      )}.`;
  }
}

function sayFaults(
  { faults, errors, latency }: SwitchFindings,
  { alpha }: JudgeParameters,
): readonly string[] {
  const rate = errors.requests > 0 ? errors.errors / errors.requests : 0;
  return faults.map(fault =>
    fault === 'errors'
      ? `${sayCount(errors.errors, 'error')} in ${sayCount(
          errors.requests,
          'request',
        )} (${sayShare(rate)}, at least ${sayShare(
          errors.lower,
        )}), most tolerated ${sayShare(errors.tolerated)} (${sayShare(
          errors.baselineRate,
        )} before the switch); evidence ${sayOdds(
          errors.logEvidence,
        )}, needed ${sayOdds(Math.log(1 / alpha))}`
      : `P95 is ${sayMilliseconds(
          latency.p95?.value ?? 0,
        )} (at least ${sayMilliseconds(
          latency.p95?.lower ?? 0,
        )}), most tolerated ${sayMilliseconds(latency.tolerated)}${sayBefore(
          latency.before,
        )}`,
  );
}

function saySeen({ errors, latency }: SwitchFindings): string {
  const rate = errors.requests > 0 ? errors.errors / errors.requests : 0;
  const failures =
    errors.requests > 0
      ? `${sayShare(rate)} of ${sayCount(
          errors.requests,
          'request',
        )} failed (${sayShare(errors.baselineRate)} before the switch)`
      : 'no request counts yet';
  const speed = latency.p95
    ? `, P95 ${sayMilliseconds(latency.p95.value)}${sayBefore(latency.before)}`
    : '';
  return `${failures}${speed}`;
}

function sayBefore(before: number | undefined): string {
  return before === undefined
    ? ''
    : ` (${sayMilliseconds(before)} before the switch)`;
}
