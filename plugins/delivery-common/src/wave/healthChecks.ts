// SPDX-License-Identifier: Apache-2.0
import type { Reading, Readings } from '../fleet/device';
import type { Milliseconds } from '../time';

/** Asks the pod of a device itself. */
export interface HttpCheck {
  /** Begins with a slash, and has neither a query nor parts of dots. */
  readonly path: string;
  readonly port: number;
  readonly within: Milliseconds;
}

/** Runs a Job on a device. What it runs is the portal's to say, by its name. */
export interface JobCheck {
  readonly probe: string;
  /** From the end of one to the next. */
  readonly every: Milliseconds;
}

/** What must be seen of a device with the release, besides a pod that runs and a device that is well. */
export interface HealthChecks {
  readonly network?: {
    readonly latencyMilliseconds?: number;
    readonly lossPercent?: number;
  };
  readonly resources?: {
    readonly temperatureC?: number;
    readonly storagePercent?: number;
    readonly memoryPercent?: number;
  };
  readonly http?: HttpCheck;
  readonly job?: JobCheck;
}

/** Names a check. */
export type HealthCheckName = 'network' | 'resources' | 'http' | 'job';

export const healthCheckNames: readonly HealthCheckName[] = [
  'network',
  'resources',
  'http',
  'job',
];

/** What a check found: when, in milliseconds since 1970, and what is wrong, as the end of a sentence. */
export interface HealthCheckSeen {
  readonly at: number;
  readonly problem?: string;
  /** Why it could not be made, likewise. That is neither a failure nor the end of a row of them. */
  readonly obstacle?: string;
}

/** What is known now; a check that is not there is one that nobody could make. */
export type HealthChecksSeen = Readonly<
  Partial<Record<HealthCheckName, HealthCheckSeen>>
>;

/** How a check went so far on one device. */
export interface HealthCheckTally {
  /** Of the measurement that was counted last: none counts twice. */
  readonly at: number;
  /** In a row. */
  readonly failures: number;
  readonly problem?: string;
  /** Why it could not be made the last time. */
  readonly obstacle?: string;
  /** Whether anybody knows it now. */
  readonly isKnown: boolean;
}

/** How all checks of a device went; those that were never made are not there. */
export type HealthCheckTallies = Readonly<
  Partial<Record<HealthCheckName, HealthCheckTally>>
>;

/** What was measured longer ago says nothing about now, in milliseconds. */
const longestAge: Milliseconds = 300_000;

/** What a device of some hardware has to show; undefined where nothing is asked for. */
export function healthChecksFor(
  { health }: { readonly health?: Readonly<Record<string, HealthChecks>> },
  hardware: string,
): HealthChecks | undefined {
  if (!health) return undefined;
  // The name comes from a label of the node, which may be that of any property of an object.
  return Object.hasOwn(health, hardware) ? health[hardware] : health['*'];
}

/** The checks that follow from what is measured on a device anyway. */
export function checkReadings(
  { network, resources }: HealthChecks,
  readings: Readings,
  now: number,
): HealthChecksSeen {
  const seen = {
    network:
      network &&
      checkLimits(
        [
          ['latency', readings.latency, network.latencyMilliseconds],
          ['packet loss', readings.loss, network.lossPercent],
        ],
        now,
      ),
    resources:
      resources &&
      checkLimits(
        [
          ['temperature', readings.temperature, resources.temperatureC],
          ['storage', readings.storage, resources.storagePercent],
          ['memory', readings.memory, resources.memoryPercent],
        ],
        now,
      ),
  };
  return {
    ...(seen.network && { network: seen.network }),
    ...(seen.resources && { resources: seen.resources }),
  };
}

/** One value beyond its limit is a failure; one that nobody knows lets none pass. */
function checkLimits(
  limits: readonly (readonly [
    string,
    Reading | undefined,
    number | undefined,
  ])[],
  now: number,
): HealthCheckSeen | undefined {
  const recent = limits.flatMap(([title, reading, limit]) => {
    if (limit === undefined) return [];
    const at = reading ? Date.parse(reading.at) : NaN;
    return reading && now - at <= longestAge
      ? [{ at, title, reading, limit }]
      : [undefined];
  });
  const known = recent.filter(each => each !== undefined);
  const at = Math.max(...known.map(each => each.at));
  const bad = known.find(({ reading, limit }) => reading.value > limit);
  if (bad)
    return {
      at,
      problem: `its ${bad.title} is ${Number(bad.reading.value.toFixed(1))} ${
        bad.reading.unit
      }, limit ${bad.limit}`,
    };
  return known.length === recent.length && known.length > 0
    ? { at }
    : undefined;
}

/**
 * How the checks went after another look. A measurement counts once; when a check could not be made,
 * that is neither a failure nor the end of a row of them.
 */
export function tallyChecks(
  wanted: readonly HealthCheckName[],
  before: HealthCheckTallies = {},
  seen: HealthChecksSeen = {},
): HealthCheckTallies {
  return Object.fromEntries(
    wanted.flatMap(name => {
      const tally = tallyCheck(before[name], seen[name]);
      return tally ? [[name, tally]] : [];
    }),
  );
}

function tallyCheck(
  before: HealthCheckTally | undefined,
  seen: HealthCheckSeen | undefined,
): HealthCheckTally | undefined {
  if (!seen) return before && { ...before, isKnown: false };
  const { at, problem, obstacle } = seen;
  if (before && at <= before.at)
    return { ...before, isKnown: before.obstacle === undefined };
  if (obstacle !== undefined) {
    const { failures = 0, problem: known } = before ?? {};
    return {
      at,
      failures,
      ...(known !== undefined && { problem: known }),
      obstacle,
      isKnown: false,
    };
  }
  return problem === undefined
    ? { at, failures: 0, isKnown: true }
    : { at, failures: (before?.failures ?? 0) + 1, problem, isKnown: true };
}

/** What the checks say together. */
export type HealthVerdict =
  | { readonly health: 'ok' }
  /** `because` ends a sentence. */
  | { readonly health: 'failed' | 'unknown'; readonly because: string };

const titles: Readonly<Record<HealthCheckName, string>> = {
  network: 'its network is not measured',
  resources: 'its resources are not measured',
  http: 'its probe has not been answered',
  job: 'its probe has not ended yet',
};

/**
 * Failed when one check failed so often in a row, and well when all have passed. Nobody knows in
 * between.
 */
export function judgeChecks(
  wanted: readonly HealthCheckName[],
  tallies: HealthCheckTallies,
  failures: number,
): HealthVerdict {
  const failed = wanted
    .map(name => tallies[name])
    .find(tally => tally !== undefined && tally.failures >= failures);
  if (failed)
    return {
      health: 'failed',
      because:
        failed.failures > 1
          ? `${failed.problem}, ${failed.failures} times in a row`
          : `${failed.problem}`,
    };
  for (const name of wanted) {
    const tally = tallies[name];
    if (tally && tally.failures > 0)
      return {
        health: 'unknown',
        because: `${tally.problem}, ${tally.failures} of ${failures} times`,
      };
    if (!tally?.isKnown)
      return { health: 'unknown', because: tally?.obstacle ?? titles[name] };
  }
  return { health: 'ok' };
}
