// SPDX-License-Identifier: Apache-2.0
import { sayDuration } from '../gates/sayDuration';
import { ringNames } from './planOrder';
import { tolerancesOf, type WavePolicy } from './policy';

/** The rules of a wave in sentences, the ones that people ask for first. */
export function sayPolicy(policy: WavePolicy): readonly string[] {
  const { wave } = tolerancesOf(policy);
  return [
    sayMode(policy),
    `At most ${sayPercent(
      policy.siteShare,
    )} of a site is down at once, one device at least${
      policy.maxDown === undefined ? '' : `, and ${policy.maxDown} in all`
    }.`,
    ...sayPrePull(policy),
    `A device is proven when it runs the release, is healthy and was watched for ${sayDuration(
      policy.soak,
    )}, the first of its hardware for ${sayDuration(policy.firstSoak)}.`,
    `A device that fails goes back alone; the wave stops when more than ${sayPercent(
      wave,
    )} surely fail.`,
    `Devices that are away catch up for ${sayDuration(
      policy.catchUpDeadline,
    )}; nothing waits for them.`,
  ];
}

function sayPrePull({ prePull }: WavePolicy): readonly string[] {
  if (!prePull) return [];
  const { atOnce, share } = prePull;
  return [
    `Images are pulled ahead, to ${atOnce} devices at once${
      share > 0 ? ` or ${sayPercent(share)} of them, whichever is more` : ''
    }; no device changes before its image is there.`,
  ];
}

function sayMode(policy: WavePolicy): string {
  const { mode, growth, canaries } = policy;
  const first = `${canaries} of each hardware first, then up to ${growth} unproven for each proven one`;
  switch (mode.kind) {
    case 'oneAtATime':
      return 'One device after the other.';
    case 'rings':
      return `Rings: ${ringNames(policy).join(', ')}. In each ${first}.`;
    default:
      return `It grows on evidence: ${first}.`;
  }
}

function sayPercent(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`;
}
