// SPDX-License-Identifier: Apache-2.0
import {
  releaseInSight,
  type StageObservation,
  type StageSight,
} from '../gates/observation';
import type { Pipeline, Stage } from '../pipeline/pipeline';
import {
  isActive,
  type PromotedRelease,
  type Promotion,
} from '../promotion/promotion';
import { neverSwitched } from '../promotion/blueGreen';
import { refused, type Refused } from '../promotion/refusal';
import type { Instant } from '../time';
import type {
  PlannedRollback,
  RollbackChoice,
  RollbackChoices,
} from './choices';

/** What choosing a release to go back to looks at, for one service. */
export interface RollbackFacts {
  readonly pipeline: Pipeline;
  readonly observations: readonly StageObservation[];
  /** Newest request first. */
  readonly promotions: readonly Promotion[];
  /** By stage name. */
  readonly sights: Readonly<Record<string, StageSight>>;
  /** Releases that are named above, by id. */
  readonly releases: Readonly<Record<string, PromotedRelease>>;
}

/** Per stage with targets: the releases that once were healthy there. */
export function rollbackChoices(
  facts: RollbackFacts,
): readonly RollbackChoices[] {
  return facts.pipeline.stages
    .filter(({ targets }) => targets.length > 0)
    .map(stage => choicesOf(stage, facts));
}

function choicesOf(stage: Stage, facts: RollbackFacts): RollbackChoices {
  const here = facts.promotions.filter(each => each.stage === stage.name);
  const seen = facts.observations.filter(each => each.stage === stage.name);
  const currentId = currentRelease(here, seen, facts.sights[stage.name]);
  const current = currentId ? facts.releases[currentId] : undefined;
  const stays = staysOf(here, seen).filter(({ id }) => facts.releases[id]);
  const underway = here.find(isActive);
  const previous = stays.find(
    ({ id }) => id !== currentId && !wasTakenBack(id, here),
  );
  const choices = stays.map((stay): RollbackChoice => {
    const release = facts.releases[stay.id];
    const no = refuseChoice(stage, release, { currentId, underway });
    return {
      release,
      previous: stay === previous,
      ranFrom: stay.from,
      ...(stay.until && { ranUntil: stay.until }),
      ...(no && { refused: no }),
    };
  });
  return {
    stage: stage.name,
    title: stage.title,
    ...(current && { current }),
    refused: choices.some(choice => !choice.refused)
      ? []
      : [
          refused(
            'nothingToGoBackTo',
            `No other release was ever healthy in ${stage.title}.`,
            { hint: 'Promote a repaired release instead.' },
          ),
        ],
    choices,
  };
}

/**
 * What a rollback leads away from. A promotion that wrote its commit and has not succeeded comes
 * first: Git declares it even where the cluster does not run it (yet).
 */
function currentRelease(
  here: readonly Promotion[],
  seen: readonly StageObservation[],
  sight: StageSight | undefined,
): string | undefined {
  const written = here.find(
    each => 'commit' in each && each.commit && !neverSwitched(each),
  );
  if (written && written.phase !== 'succeeded') return written.release.id;
  const whole = sight && releaseInSight(sight);
  if (whole) return whole;
  return (
    written?.release.id ?? seen.find(({ health }) => health !== 'gone')?.release
  );
}

interface Stay {
  readonly id: string;
  readonly from: Instant;
  readonly until?: Instant;
}

/** When each release was healthy in the stage, the latest stay first. */
function staysOf(
  here: readonly Promotion[],
  seen: readonly StageObservation[],
): readonly Stay[] {
  const stays = new Map<string, Stay>();
  for (const { release, arrivedAt, health, since } of seen) {
    if (!arrivedAt) continue;
    const until = health === 'gone' ? since : undefined;
    stays.set(release, {
      id: release,
      from: arrivedAt,
      ...(until && { until }),
    });
  }
  for (const each of here) {
    if (each.phase !== 'succeeded') continue;
    const known = stays.get(each.release.id);
    if (known && known.from >= each.finishedAt) continue;
    stays.set(each.release.id, {
      ...known,
      id: each.release.id,
      from: each.finishedAt,
    });
  }
  return [...stays.values()].sort((left, right) =>
    left.from < right.from ? 1 : -1,
  );
}

/** A release that somebody rolled back from is no default again, until a promotion of it succeeded. */
function wasTakenBack(id: string, here: readonly Promotion[]): boolean {
  const verdict = here.find(
    each =>
      (each.kind === 'rollback' && each.replaces?.id === id) ||
      (each.kind === 'promotion' &&
        each.release.id === id &&
        each.phase === 'succeeded'),
  );
  return verdict?.kind === 'rollback';
}

function refuseChoice(
  stage: Stage,
  release: PromotedRelease,
  now: { readonly currentId?: string; readonly underway?: Promotion },
): Refused | undefined {
  const { underway } = now;
  if (underway?.kind === 'rollback' && underway.release.id === release.id) {
    return refused(
      'alreadyRequested',
      `${stage.title} is already being rolled back to ${release.version}.`,
      { hint: 'Follow it in the Pipeline tab.' },
    );
  }
  if (release.id === now.currentId) {
    return refused(
      'alreadyThere',
      `${release.version} is what ${stage.title} has now.`,
      { hint: 'Choose another release.' },
    );
  }
  return undefined;
}

/** What a rollback would do in each stage that it names. */
export function planRollback(
  wish: {
    readonly stages: readonly string[];
    /** Release id; the previous one of each stage when undefined. */
    readonly release?: string;
  },
  options: readonly RollbackChoices[],
): readonly PlannedRollback[] {
  return [...new Set(wish.stages)].map(name => {
    const stage = options.find(option => option.stage === name);
    return stage ? planStage(stage, wish.release) : unknownStage(name, options);
  });
}

function planStage(
  stage: RollbackChoices,
  release: string | undefined,
): PlannedRollback {
  const choice = stage.choices.find(each =>
    release ? each.release.id === release : each.previous,
  );
  return {
    stage: stage.stage,
    title: stage.title,
    ...(stage.current && { from: stage.current }),
    ...(choice && { to: choice.release }),
    problems: choice ? refusals(choice) : [notChosen(stage, release)],
  };
}

function refusals(choice: RollbackChoice): readonly Refused[] {
  return choice.refused ? [choice.refused] : [];
}

function notChosen(
  stage: RollbackChoices,
  release: string | undefined,
): Refused {
  if (release) {
    return refused(
      'neverRanHere',
      `That release was never healthy in ${stage.title}.`,
      { hint: 'Choose one of the releases that ran there.' },
    );
  }
  return refused(
    'nothingToGoBackTo',
    `No earlier release of ${stage.title} is known to be good.`,
    { hint: 'Choose a release by hand, or promote a repaired one.' },
  );
}

function unknownStage(
  name: string,
  options: readonly RollbackChoices[],
): PlannedRollback {
  return {
    stage: name,
    title: name,
    problems: [
      refused(
        'unknownStage',
        `The pipeline has no stage ${name} with targets.`,
        {
          hint: `Its stages are ${options
            .map(({ stage }) => stage)
            .join(', ')}.`,
        },
      ),
    ],
  };
}
