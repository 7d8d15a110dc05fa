// SPDX-License-Identifier: Apache-2.0
import { sayDuration } from '../gates/sayDuration';
import { ringNames } from './planOrder';
import type { HealthChecks } from './healthChecks';
import { tolerancesOf, usualHealthFailures, type WavePolicy } from './policy';

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
    ...sayHealth(policy),
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

function sayHealth({
  health = {},
  healthFailures = usualHealthFailures,
}: WavePolicy): readonly string[] {
  const others = Object.keys(health).length > 1 ? 'Other hardware' : 'A device';
  const lines = Object.entries(health).map(
    ([hardware, checks]) =>
      `${
        hardware === '*' ? others : hardware
      } with the release is well when ${sayChecks(checks)}.`,
  );
  return lines.length === 0
    ? []
    : [
        ...lines,
        `A check that fails ${healthFailures} times in a row has failed; what nobody knows proves nothing.`,
      ];
}

function sayChecks({ network, resources, http, job }: HealthChecks): string {
  const limit = (title: string, value: number | undefined, unit: string) =>
    value === undefined ? [] : [`its ${title} is at most ${value} ${unit}`];
  const all = [
    ...(http
      ? [
          `${http.path} on port ${http.port} answers well within ${sayDuration(
            http.within,
          )}`,
        ]
      : []),
    ...(job
      ? [`the probe ${job.probe} ends well, every ${sayDuration(job.every)}`]
      : []),
    ...limit('latency', network?.latencyMilliseconds, 'ms'),
    ...limit('packet loss', network?.lossPercent, '%'),
    ...limit('temperature', resources?.temperatureC, '°C'),
    ...limit('storage', resources?.storagePercent, '%'),
    ...limit('memory', resources?.memoryPercent, '%'),
  ];
  return all.length > 0 ? all.join(', ') : 'its pod and the device are';
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
