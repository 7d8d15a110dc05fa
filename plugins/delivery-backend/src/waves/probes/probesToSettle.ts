// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import type {
  HealthCheckSeen,
  JobCheck,
  Target,
} from '@causeway/plugin-delivery-common';
import type { DeviceToCheck } from '../devicesToCheck';
import { longestProbe } from './probeJob';
import { notRun, type ProbeOutcome } from './probeOutcome';
import type { ConfiguredProbe, ConfiguredProbes } from './readProbeConfig';

/** The Job of a probe as its cluster has it. */
export interface SeenProbe {
  readonly cluster: string;
  readonly namespace: string;
  readonly name: string;
  /** Id of the device that it is for. */
  readonly device: string;
  readonly deleting: boolean;
  readonly outcome: ProbeOutcome;
}

/** What clusters have of the probes of a wave. */
export interface ProbeListing {
  readonly probes: readonly SeenProbe[];
  /** Clusters that told nothing, with the reason where that does not go by itself. */
  readonly silent: ReadonlyMap<string, string | undefined>;
}

/** A run of a probe that is to begin. */
export interface ProbeToMake {
  readonly name: string;
  readonly namespace: string;
  readonly device: string;
  readonly node: string;
  readonly pod: string;
  readonly target: Target;
  readonly probe: ConfiguredProbe;
}

/** What is to be done for the probes of a wave now. */
export interface ProbesToSettle {
  readonly make: readonly ProbeToMake[];
  readonly remove: readonly SeenProbe[];
}

/** So many run at once, of one wave. */
export const probesAtOnce = 50;

interface DueProbe {
  readonly device: DeviceToCheck;
  readonly name: string;
  readonly pod: string;
  readonly check: JobCheck;
  readonly probe: ConfiguredProbe;
}

/** The probe that a device has to pass; undefined when it has none, or the portal does not know it. */
function dueProbe(
  promotion: string,
  device: DeviceToCheck,
  configured: ConfiguredProbes,
): DueProbe | undefined {
  const check = device.checks.job;
  const pod = device.found.pod?.name;
  const probe = check && configured.get(check.probe);
  if (!check || !pod || !probe || !device.due.includes('job')) return undefined;
  return { device, pod, check, probe, name: nameOf(promotion, device, pod) };
}

/**
 * An attempt is named by the answer that it follows, which is written down with the wave. So whoever looks
 * makes the same one, and an outcome counts until it is written down and never after.
 */
function nameOf(
  promotion: string,
  { id, tallies }: DeviceToCheck,
  pod: string,
): string {
  const after = tallies.job?.at ?? 0;
  const hash = createHash('sha256').update(
    [promotion, id, pod, after].join(' '),
  );
  return `causeway-probe-${hash.digest('hex').slice(0, 24)}`;
}

/** Where the Jobs of a probe are made for a workload. */
export function namespaceOf(
  { namespace }: ConfiguredProbe,
  { workload }: Target,
): string {
  return namespace ?? workload.namespace;
}

/**
 * What the probe of a device says now: an outcome that was not counted yet, or the last one until the next
 * should long have come. Undefined when nobody knows.
 * @param refused - what the cluster refused to do for this device, and when
 */
export function probeAnswer(
  promotion: string,
  device: DeviceToCheck,
  configured: ConfiguredProbes,
  { probes, silent }: ProbeListing,
  refused: HealthCheckSeen | undefined,
  now: number,
): HealthCheckSeen | undefined {
  const { job: check } = device.checks;
  if (!check || !device.due.includes('job')) return undefined;
  if (!configured.has(check.probe))
    return {
      at: now,
      obstacle: `the configuration of the portal has no probe ${check.probe}`,
    };
  const due = dueProbe(promotion, device, configured);
  if (!due) return undefined;
  const run = probes.find(
    ({ name, deleting }) => name === due.name && !deleting,
  );
  const counted = device.tallies.job;
  switch (run?.outcome.kind) {
    case 'well':
      return { at: now };
    case 'failed':
      return { at: now, problem: run.outcome.problem };
    case 'hindered':
      return { at: now, obstacle: run.outcome.obstacle };
    default: {
      if (refused && refused.at > (counted?.at ?? 0)) return refused;
      const refusal = silent.get(device.found.target.cluster);
      if (refusal !== undefined)
        return { at: now, obstacle: notRun(check.probe, refusal) };
      const holds = 2 * check.every + longestProbe(due.probe) * 1_000;
      return counted && now - counted.at <= holds
        ? { at: counted.at }
        : undefined;
    }
  }
}

/**
 * The runs that are to begin, those that waited longest first, and those that nobody needs any more. It
 * follows from what was written down and what is there, so it can be asked again at any time, and after
 * any crash.
 */
export function probesToSettle(
  promotion: string,
  devices: readonly DeviceToCheck[],
  configured: ConfiguredProbes,
  { probes, silent }: ProbeListing,
  now: number,
): ProbesToSettle {
  const due = devices.flatMap(
    device => dueProbe(promotion, device, configured) ?? [],
  );
  const wanted = new Set(due.map(({ name }) => name));
  const stays = probes.filter(({ name }) => wanted.has(name));
  const busy = new Set(probes.map(({ device }) => device));
  const waiting = due
    .filter(
      ({ device, check }) =>
        !busy.has(device.id) &&
        !silent.has(device.found.target.cluster) &&
        now - lastAnswer(device) >= check.every,
    )
    .sort((one, other) => lastAnswer(one.device) - lastAnswer(other.device));
  return {
    make: waiting
      .slice(0, Math.max(0, probesAtOnce - stays.length))
      .map(({ device, name, pod, probe }) => ({
        name,
        namespace: namespaceOf(probe, device.found.target),
        device: device.id,
        node: device.found.node,
        pod,
        target: device.found.target,
        probe,
      })),
    remove: probes.filter(
      ({ name, deleting }) => !wanted.has(name) && !deleting,
    ),
  };
}

function lastAnswer({ tallies }: DeviceToCheck): number {
  return tallies.job?.at ?? 0;
}
