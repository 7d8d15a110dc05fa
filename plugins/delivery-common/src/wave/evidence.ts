// SPDX-License-Identifier: Apache-2.0
import { tolerancesOf, type WavePolicy } from './policy';
import { wilsonLowerBound } from './statistics';
import type { ClassTally, Tallies } from './tally';

/** Whether a hardware class fails more often than is tolerated, sure or not. */
export function isSuspect(mine: ClassTally, policy: WavePolicy): boolean {
  return mine.failures > 0 && mine.rate > tolerancesOf(policy).wave;
}

/**
 * What must be judged before a suspect class goes on: all of it that is unproven, and the first devices of
 * the other classes, since their failure would speak against the whole release.
 */
export function unjudgedFor(mine: ClassTally, { classes }: Tallies): number {
  let unjudged = 0;
  for (const each of classes.values())
    if (each === mine || each.proven === 0)
      unjudged += each.inFlight + each.inSoak;
  return unjudged;
}

/**
 * How many devices of a class may be unproven at once. Under suspicion nothing starts before all in flight
 * is judged; then growth begins again with one device, from what was proven since.
 */
export function startLimit(
  mine: ClassTally,
  tallies: Tallies,
  policy: WavePolicy,
): number {
  if (!isSuspect(mine, policy))
    return Math.max(policy.canaries, Math.ceil(policy.growth * mine.proven));
  const since = mine.provenSinceFailure;
  if (since < 3 && unjudgedFor(mine, tallies) > 0) return 0;
  const enough = Math.ceil(2 / mine.rate);
  return Math.max(1, Math.min(enough, Math.ceil(policy.growth * since)));
}

/** Two failures are the least, since a device may be at fault itself. */
const fewestFailures = 2;

function condemns(
  { failures, rate }: { readonly failures: number; readonly rate: number },
  tolerance: number,
  policy: WavePolicy,
): boolean {
  return (
    failures >= fewestFailures &&
    wilsonLowerBound(failures, rate, policy.confidence) > tolerance
  );
}

const percent = (share: number) => `${(share * 100).toFixed(1)} %`;

/** Why the evidence ends the wave; undefined while it does not. */
export function evidenceAgainst(
  tallies: Tallies,
  policy: WavePolicy,
): string | undefined {
  const tolerance = tolerancesOf(policy);
  const say = (who: string, counted: ClassTally | Tallies, limit: number) =>
    `${counted.failures} devices${who} failed, about ${percent(
      counted.rate,
    )} of those that ran it as long. Surely more than the ${percent(
      limit,
    )} that are tolerated.`;
  if (condemns(tallies, tolerance.wave, policy))
    return say('', tallies, tolerance.wave);
  for (const [hardware, mine] of tallies.classes)
    if (condemns(mine, tolerance.hardware, policy))
      return say(` of ${hardware}`, mine, tolerance.hardware);
  return undefined;
}

/**
 * Whether a class loses too many devices after their order for that to be chance. Being away is no failure,
 * but a release that cuts devices off would otherwise take one after the other.
 */
export function losesDevices(mine: ClassTally, policy: WavePolicy): boolean {
  return (
    mine.vanished >= 3 &&
    wilsonLowerBound(
      mine.vanished,
      mine.vanished / mine.ordered,
      policy.confidence,
    ) > 0.2
  );
}
