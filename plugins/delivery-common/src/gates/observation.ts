// SPDX-License-Identifier: Apache-2.0
import type { Instant, Milliseconds } from '../time';

/**
 * What was seen of one release in one stage, kept over restarts. Time counts as soaked only while
 * somebody looked: neither a portal that was down nor a cluster that was silent adds to it.
 */
export interface StageObservation {
  readonly service: string;
  readonly stage: string;
  /** Release id. */
  readonly release: string;
  /** `gone`: the stage was last seen running something else. */
  readonly health: 'healthy' | 'progressing' | 'unhealthy' | 'gone';
  /** When this health began. */
  readonly since: Instant;
  /** Watched healthy time without an unhealthy moment in between. */
  readonly soaked: Milliseconds;
  readonly firstSeenAt: Instant;
  /** The last moment at which every target of the stage was live. */
  readonly lastSeenAt: Instant;
  /** Since when it is seen there, never unwatched for longer than may be, whatever its health was. */
  readonly watchedSince: Instant;
  /** First moment at which it was healthy on every target. */
  readonly arrivedAt?: Instant;
}

/** What the clusters show of a stage at one moment. */
export type StageSight =
  | {
      readonly state: 'unknown';
      readonly since: Instant;
      readonly problem: string;
    }
  | {
      readonly state: 'seen';
      /** Ids of the releases on the targets' templates, without repeats. */
      readonly releases: readonly string[];
      /** Some target runs an image that no release of the service carries. */
      readonly unrecognised: boolean;
      /** Worst of all targets; `missing` when a target has no workload. */
      readonly health: 'healthy' | 'progressing' | 'unhealthy' | 'missing';
    };

/** Two looks further apart than this do not vouch for the time between them. */
export const LONGEST_GAP: Milliseconds = 60_000;

/**
 * So long may nobody have looked before devices have to prove anew that they are healthy: as long as a
 * measurement is believed. A portal is started again in less.
 */
const LONGEST_UNWATCHED: Milliseconds = 5 * 60_000;

/** The release that all targets of the stage run, when there is exactly one. */
export function releaseInSight(sight: StageSight): string | undefined {
  if (sight.state === 'unknown' || sight.unrecognised) return undefined;
  return sight.releases.length === 1 ? sight.releases[0] : undefined;
}

/**
 * The observations of one stage after one more look. Unknown changes nothing. An unhealthy moment
 * starts the soak anew; a progressing one (a pod moves) only does not count.
 */
export function observe(
  before: readonly StageObservation[],
  sight: StageSight,
  look: {
    readonly service: string;
    readonly stage: string;
    readonly now: Instant;
  },
): readonly StageObservation[] {
  if (sight.state === 'unknown') return before;
  const here = before
    .filter(observation => !sight.releases.includes(observation.release))
    .map(observation => leave(observation, look.now));
  const whole = releaseInSight(sight);
  const present = sight.releases.map(release => {
    const earlier = before.find(known => known.release === release);
    const health =
      release === whole
        ? presentHealth(sight.health)
        : ('progressing' as const);
    return stay(earlier, { ...look, release, health });
  });
  return [...here, ...present];
}

function presentHealth(
  health: Extract<StageSight, { state: 'seen' }>['health'],
): 'healthy' | 'progressing' | 'unhealthy' {
  return health === 'missing' ? 'unhealthy' : health;
}

function leave(observation: StageObservation, now: Instant): StageObservation {
  if (observation.health === 'gone') return observation;
  return { ...observation, health: 'gone', since: now, lastSeenAt: now };
}

function stay(
  earlier: StageObservation | undefined,
  seen: {
    readonly service: string;
    readonly stage: string;
    readonly release: string;
    readonly health: 'healthy' | 'progressing' | 'unhealthy';
    readonly now: Instant;
  },
): StageObservation {
  const { health, now } = seen;
  const same = earlier?.health === health;
  const gap = earlier ? Date.parse(now) - Date.parse(earlier.lastSeenAt) : 0;
  const watched =
    same && health === 'healthy' && gap > 0 && gap <= LONGEST_GAP ? gap : 0;
  const arrivedAt =
    earlier?.arrivedAt ?? (health === 'healthy' ? now : undefined);
  const isWatched =
    earlier && earlier.health !== 'gone' && gap <= LONGEST_UNWATCHED;
  // Coming back after something else ran begins a new soak: that time was not in this stage.
  const kept =
    earlier && health !== 'unhealthy' && earlier.health !== 'gone'
      ? earlier.soaked
      : 0;
  return {
    service: seen.service,
    stage: seen.stage,
    release: seen.release,
    health,
    since: same ? earlier.since : now,
    soaked: kept + watched,
    firstSeenAt: earlier?.firstSeenAt ?? now,
    lastSeenAt: now,
    watchedSince: isWatched ? earlier.watchedSince : now,
    ...(arrivedAt && { arrivedAt }),
  };
}
