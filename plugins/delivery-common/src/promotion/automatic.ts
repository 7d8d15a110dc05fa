// SPDX-License-Identifier: Apache-2.0
import type { StageObservation, StageSight } from '../gates/observation';
import type { Pipeline, Stage } from '../pipeline/pipeline';
import { compareVersions } from '../release/compareVersions';
import type { Release } from '../release/release';
import { isActive, type Promotion } from './promotion';
import { hasArrived } from './rules';

/** What promotion by itself looks at, for one service. */
export interface AutomaticFacts {
  readonly pipeline: Pipeline;
  readonly releases: readonly Release[];
  readonly observations: readonly StageObservation[];
  /** Every promotion of these releases to stages of the pipeline, ended ones too. */
  readonly promotions: readonly Promotion[];
  /** By stage name. A missing one is unknown. */
  readonly sights: Readonly<Record<string, StageSight>>;
  /** By stage name, where Git was asked what it declares; see `declaredUnknown`. */
  readonly declared?: Readonly<Record<string, DeclaredReleases>>;
  /** Ids of active promotions that a named problem keeps from going on. */
  readonly held: ReadonlySet<string>;
}

/** What the overlays of a stage declare in Git. */
export interface DeclaredReleases {
  /** Ids. */
  readonly releases: readonly string[];
  /** An overlay declares an image that no release of the service carries. */
  readonly unrecognised: boolean;
}

/** What the portal does about one stage with `promotion: auto`. */
export type AutomaticDecision =
  | {
      readonly decision: 'request';
      readonly stage: string;
      readonly release: string;
    }
  | {
      readonly decision: 'hold';
      readonly stage: string;
      readonly release?: string;
      readonly code: HoldCode;
    };

export type HoldCode =
  /** No release came through the stages before. */
  | 'nothingArrived'
  /** It was asked for before; whatever came of it, the portal does not ask twice. */
  | 'askedBefore'
  /** It was seen in the stage already. */
  | 'wasThere'
  /** What runs is not older. */
  | 'notNewer'
  /** What runs is not known, so it could be newer. */
  | 'runningUnknown'
  /** A target has no workload yet, and Git was not asked what it will run. */
  | 'declaredUnknown'
  /** Something else is on its way. */
  | 'stageBusy';

/**
 * The releases that the portal promotes by itself. Only the newest release that came through the
 * stages before, at most once per stage, and only over something known to be older: a release that
 * failed, was rejected, cancelled or taken back there waits for a person.
 */
export function automaticPromotions(
  facts: AutomaticFacts,
): readonly AutomaticDecision[] {
  return facts.pipeline.stages
    .filter(
      ({ promotion, targets }) => promotion === 'auto' && targets.length > 0,
    )
    .map(stage => decide(stage, facts));
}

function decide(stage: Stage, facts: AutomaticFacts): AutomaticDecision {
  const candidate = newest(
    facts.releases.filter(release => cameThrough(stage, release, facts)),
  );
  if (!candidate) return hold(stage, 'nothingArrived');
  const here = facts.promotions.filter(each => each.stage === stage.name);
  const seen = facts.observations.filter(each => each.stage === stage.name);
  if (here.some(({ release }) => release.id === candidate.id)) {
    return hold(stage, 'askedBefore', candidate);
  }
  if (seen.some(({ release }) => release === candidate.id)) {
    return hold(stage, 'wasThere', candidate);
  }
  const busy = here.find(isActive);
  if (busy && !givesWay(busy, candidate, facts)) {
    return hold(stage, 'stageBusy', candidate);
  }
  const running = runningIn(stage, seen, facts);
  if (typeof running === 'string') return hold(stage, running, candidate);
  const older = running.every(release => isNewer(candidate, release));
  return older
    ? { decision: 'request', stage: stage.name, release: candidate.id }
    : hold(stage, 'notNewer', candidate);
}

function cameThrough(
  stage: Stage,
  release: Release,
  facts: AutomaticFacts,
): boolean {
  const arrivedIn = arrivals(release.id, facts);
  return stage.after.every(name => hasArrived(facts.pipeline, name, arrivedIn));
}

/** Stages in which a release was healthy: seen so, or its promotion succeeded. */
export function arrivals(
  release: string,
  facts: Pick<AutomaticFacts, 'observations' | 'promotions'>,
): ReadonlySet<string> {
  return new Set([
    ...facts.observations
      .filter(seen => seen.release === release && seen.arrivedAt)
      .map(({ stage }) => stage),
    ...facts.promotions
      .filter(each => each.release.id === release && each.phase === 'succeeded')
      .map(({ stage }) => stage),
  ]);
}

function givesWay(
  busy: Promotion,
  candidate: Release,
  facts: AutomaticFacts,
): boolean {
  if (busy.kind === 'rollback') return false;
  if (busy.phase !== 'waiting' && !facts.held.has(busy.id)) return false;
  const release = facts.releases.find(({ id }) => id === busy.release.id);
  return release !== undefined && isNewer(candidate, release);
}

/**
 * Releases that run in the stage as last seen. Where a target has no workload, what Git declares counts
 * as well: a cluster that comes up will run that, so an older release must not take its place.
 */
function runningIn(
  stage: Stage,
  seen: readonly StageObservation[],
  facts: AutomaticFacts,
): readonly Release[] | 'runningUnknown' | 'declaredUnknown' {
  const sight = facts.sights[stage.name];
  if (sight?.state !== 'seen') {
    const present = seen.filter(({ health }) => health !== 'gone');
    if (present.length === 0) return 'runningUnknown';
    return known(
      present.map(({ release }) => release),
      facts,
    );
  }
  if (sight.unrecognised) return 'runningUnknown';
  if (sight.health !== 'missing') return known(sight.releases, facts);
  const declared = facts.declared?.[stage.name];
  if (!declared) return 'declaredUnknown';
  if (declared.unrecognised) return 'runningUnknown';
  return known([...sight.releases, ...declared.releases], facts);
}

function known(
  ids: readonly string[],
  { releases }: AutomaticFacts,
): readonly Release[] | 'runningUnknown' {
  const found = ids.map(id => releases.find(each => each.id === id));
  return found.every(release => release !== undefined)
    ? found
    : 'runningUnknown';
}

/**
 * Whether a release is newer than another: by semantic version where both have one, since a repair
 * of an old line is older than the newest line; else by the commit's time, then by the report's.
 */
export function isNewer(release: Release, than: Release): boolean {
  const order = compareVersions(release.version, than.version);
  if (order !== undefined && order !== 0) return order > 0;
  const committed =
    Date.parse(release.commit.time) - Date.parse(than.commit.time);
  if (committed !== 0) return committed > 0;
  return Date.parse(release.reportedAt) > Date.parse(than.reportedAt);
}

function newest(releases: readonly Release[]): Release | undefined {
  return releases.reduce<Release | undefined>(
    (best, release) => (!best || isNewer(release, best) ? release : best),
    undefined,
  );
}

function hold(
  stage: Stage,
  code: HoldCode,
  release?: Release,
): AutomaticDecision {
  return {
    decision: 'hold',
    stage: stage.name,
    code,
    ...(release && { release: release.id }),
  };
}
