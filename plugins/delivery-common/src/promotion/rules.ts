// SPDX-License-Identifier: Apache-2.0
import type { StageSight } from '../gates/observation';
import { releaseInSight } from '../gates/observation';
import { isOwnRelease } from '../gates/approval';
import type { Known } from '../gates/known';
import { sayEntity } from '../gates/sayEntity';
import type { Pipeline, Stage } from '../pipeline/pipeline';
import type { Release } from '../release/release';
import type { Instant } from '../time';
import type { PromotionEvent } from './events';
import {
  isActive,
  wantedImages,
  type Declaration,
  type Promotion,
} from './promotion';
import { refused, type Refused } from './refusal';

/** The pipeline document of a service, as far as asking for a promotion depends on it. */
export type PipelineDocument =
  | {
      readonly state: 'valid';
      readonly pipeline: Pipeline;
      /** A newer document is broken; `pipeline` is the last good one. */
      readonly outdated: boolean;
    }
  | { readonly state: 'broken'; readonly problem: string }
  | { readonly state: 'missing' };

/** What the rules of a request look at. */
export interface RequestFacts {
  readonly document: PipelineDocument;
  /** Undefined when no such release was reported. */
  readonly release: Release | undefined;
  /** Names of the stages in which the release was healthy or succeeded. */
  readonly arrivedIn: ReadonlySet<string>;
  /** What the clusters show of the stage. */
  readonly sight: StageSight;
  /** The promotion that moves in the stage now. */
  readonly active?: {
    readonly promotion: Promotion;
    /** A named problem or a cluster out of sight keeps it from going on. */
    readonly held: boolean;
  };
}

/** Every rule that says no to a promotion; empty when it may be asked for. */
export function checkRequest(
  wish: {
    readonly service: string;
    readonly stage: string;
    readonly release: string;
  },
  facts: RequestFacts,
): readonly Refused[] {
  const { document } = facts;
  const unusable = checkDocument(wish.service, document);
  if (unusable || document.state !== 'valid') return unusable ? [unusable] : [];
  const { pipeline } = document;
  const stage = pipeline.stages.find(({ name }) => name === wish.stage);
  if (!stage) return [unknownStage(wish, pipeline)];
  const { release } = facts;
  if (!release || release.service !== wish.service) {
    return [
      refused(
        'unknownRelease',
        `${sayEntity(wish.service)} has no release ${wish.release}.`,
        { hint: 'Choose a release that CI has reported.' },
      ),
    ];
  }
  return [
    checkTargets(stage),
    checkImages(pipeline, stage, release),
    ...checkStagesBefore(pipeline, stage, {
      release,
      arrivedIn: facts.arrivedIn,
    }),
    checkPresence(stage, release, facts),
    checkActive(stage, release, facts.active),
  ].filter(found => found !== undefined);
}

function checkDocument(
  service: string,
  document: PipelineDocument,
): Refused | undefined {
  switch (document.state) {
    case 'missing':
      return refused(
        'unknownService',
        `${service} is not in the catalog or has no pipeline.`,
        {
          hint: 'Add the annotation causeway.dev/pipeline to its catalog-info.yaml.',
        },
      );
    case 'broken':
      return refused('invalidPipeline', document.problem, {
        hint: 'Correct the pipeline document; the Pipeline tab names line and remedy.',
        owners: [service],
      });
    default:
      return document.outdated
        ? refused(
            'invalidPipeline',
            'The newest pipeline document is broken, so its gates are not known.',
            {
              hint: 'Correct the pipeline document; the Pipeline tab names line and remedy.',
              owners: [service],
            },
          )
        : undefined;
  }
}

function unknownStage(
  wish: { readonly service: string; readonly stage: string },
  pipeline: Pipeline,
): Refused {
  const names = pipeline.stages
    .filter(({ targets }) => targets.length > 0)
    .map(({ name }) => name);
  return refused(
    'unknownStage',
    `The pipeline of ${sayEntity(wish.service)} has no stage ${wish.stage}.`,
    { hint: `Its stages are ${names.join(', ')}.` },
  );
}

function checkTargets(stage: Stage): Refused | undefined {
  if (stage.targets.length > 0) return undefined;
  return refused(
    'stageWithoutTargets',
    `${stage.title} deploys to no cluster, so nothing can be promoted to it.`,
    { hint: 'Promote to a stage with targets.' },
  );
}

function checkImages(
  pipeline: Pipeline,
  stage: Stage,
  release: Release,
): Refused | undefined {
  const declaration = declarationOf(pipeline, stage);
  if (wantedImages({ release, declaration }).length > 0) return undefined;
  return refused(
    'imagesMissing',
    `Release ${
      release.version
    } carries none of the images ${pipeline.images.join(', ')}.`,
    { hint: 'Let CI report the images that the pipeline document names.' },
  );
}

/** A stage without targets was passed when CI reported the release. */
function checkStagesBefore(
  pipeline: Pipeline,
  stage: Stage,
  came: { readonly release: Release; readonly arrivedIn: ReadonlySet<string> },
): readonly Refused[] {
  return stage.after
    .filter(name => !hasArrived(pipeline, name, came.arrivedIn))
    .map(name =>
      refused(
        'stageBeforeNotReached',
        `${came.release.version} has not succeeded in ${name} yet.`,
        { hint: `Promote it to ${name} first.` },
      ),
    );
}

/** Whether a release that CI reported came through a stage. */
export function hasArrived(
  pipeline: Pipeline,
  stageName: string,
  arrivedIn: ReadonlySet<string>,
): boolean {
  const stage = pipeline.stages.find(({ name }) => name === stageName);
  return stage?.targets.length === 0 || arrivedIn.has(stageName);
}

function checkPresence(
  stage: Stage,
  release: Release,
  { sight, active }: RequestFacts,
): Refused | undefined {
  if (active || sight.state === 'unknown' || sight.health !== 'healthy') {
    return undefined;
  }
  if (releaseInSight(sight) !== release.id) return undefined;
  return refused(
    'alreadyThere',
    `${release.version} already runs in ${stage.title}.`,
    { hint: 'Choose another release.' },
  );
}

function checkActive(
  stage: Stage,
  release: Release,
  active: RequestFacts['active'],
): Refused | undefined {
  if (!active) return undefined;
  const { promotion, held } = active;
  const version = promotion.release.version;
  if (promotion.release.id === release.id) {
    return refused(
      'alreadyRequested',
      `${version} is already on its way to ${stage.title}.`,
      { hint: 'Follow it in the Pipeline tab.' },
    );
  }
  if (promotion.kind === 'rollback') {
    return refused(
      'rollbackRunning',
      `${stage.title} is being rolled back to ${version}.`,
      { hint: 'Wait until the rollback has ended.' },
    );
  }
  if (promotion.phase === 'waiting' || held) return undefined;
  return refused(
    'promotionRunning',
    `${version} is being rolled out to ${stage.title}.`,
    { hint: 'Wait until it has ended, or roll the stage back.' },
  );
}

/** What a promotion to the stage keeps of the pipeline document. */
export function declarationOf(pipeline: Pipeline, stage: Stage): Declaration {
  return {
    stageTitle: stage.title,
    stageKind: stage.kind,
    gates: stage.gates,
    targets: stage.targets,
    images: pipeline.images,
    fleet: pipeline.fleet,
    ...(stage.strategy && { strategy: stage.strategy }),
    ...(stage.blueGreen && { blueGreen: stage.blueGreen }),
    ...(stage.wave && { wave: stage.wave }),
  };
}

/** What the rules of a decision look at. */
export interface Decision {
  /** Entity ref of who decides. */
  readonly by: string;
  readonly at: Instant;
  readonly reason?: string;
  /** By group: whether they belong to it. */
  readonly membership: Readonly<Record<string, Known<boolean>>>;
}

/** The groups whose approval the promotion may need. */
export function approvingGroups(promotion: Promotion): readonly string[] {
  const groups = promotion.declaration.gates.flatMap(gate =>
    gate.kind === 'approval' ? [gate.group] : [],
  );
  return [...new Set(groups)];
}

/** An approval, or why it does not count. */
export function approve(
  promotion: Promotion,
  decision: Decision,
): PromotionEvent | Refused {
  const no = checkDecider(promotion, decision);
  if (no) return no;
  if (isOwnRelease(decision.by, promotion)) {
    const wrote = promotion.release.commit.authorRef === decision.by;
    return refused(
      'ownRelease',
      wrote
        ? `You wrote ${promotion.release.version}, so somebody else must approve it.`
        : `You asked for this promotion, so somebody else must approve it.`,
      {
        hint: `Ask another member of ${approvingGroups(promotion)
          .map(sayEntity)
          .join(' or ')}.`,
        owners: approvingGroups(promotion),
      },
    );
  }
  const gates = promotion.declaration.gates.flatMap(gate => {
    if (gate.kind !== 'approval') return [];
    const member = decision.membership[gate.group];
    return member?.known && member.value ? [gate] : [];
  });
  const earlier = promotion.approvals.find(({ by }) => by === decision.by);
  const stillCounts =
    earlier &&
    gates.every(
      gate => Date.parse(decision.at) - Date.parse(earlier.at) < gate.expires,
    );
  if (stillCounts) {
    return refused('alreadyApproved', 'You have already approved this.', {
      hint: 'Somebody else must give what is still missing.',
      owners: approvingGroups(promotion),
    });
  }
  return {
    type: 'approved',
    at: decision.at,
    actor: decision.by,
    ...(decision.reason && { reason: decision.reason }),
    gates: gates.map(({ name }) => name),
  };
}

/** A rejection, or why it is not taken. Rejecting one's own release is allowed. */
export function reject(
  promotion: Promotion,
  decision: Decision,
): PromotionEvent | Refused {
  const no = checkDecider(promotion, decision);
  if (no) return no;
  const reason = decision.reason?.trim();
  if (!reason) {
    return refused('reasonNeeded', 'A rejection needs a reason.', {
      hint: 'Say what has to change.',
    });
  }
  return { type: 'rejected', at: decision.at, actor: decision.by, reason };
}

function checkDecider(
  promotion: Promotion,
  decision: Decision,
): Refused | undefined {
  if (promotion.phase !== 'waiting') {
    return refused(
      'notWaiting',
      isActive(promotion)
        ? 'The promotion no longer waits; it is being carried out.'
        : `The promotion has ended: it was ${promotion.phase}.`,
      { hint: 'Look at the Pipeline tab for what happened.' },
    );
  }
  const groups = approvingGroups(promotion);
  if (groups.length === 0) {
    return refused(
      'noApprovalNeeded',
      `${promotion.declaration.stageTitle} asks for no approval.`,
      { hint: 'It goes on by itself.' },
    );
  }
  const answers = groups.map(group => decision.membership[group]);
  if (answers.some(answer => answer?.known && answer.value)) return undefined;
  const names = groups.map(sayEntity).join(' or ');
  if (answers.some(answer => !answer?.known)) {
    return refused(
      'membershipUnknown',
      `Whether you are in ${names} can not be found out now.`,
      { hint: 'Try again when the catalog answers.' },
    );
  }
  return refused('notInGroup', `Only members of ${names} may decide this.`, {
    hint: `Ask a member of ${names}.`,
    owners: groups,
  });
}

/**
 * A cancellation, or why it comes too late. Where a commit may be under way it is only asked for:
 * whether it comes in time is known when Git was looked at.
 */
export function cancel(
  promotion: Promotion,
  decision: Pick<Decision, 'by' | 'at' | 'reason'>,
): PromotionEvent | Refused {
  const stop = {
    at: decision.at,
    actor: decision.by,
    ...(decision.reason && { reason: decision.reason }),
  };
  switch (promotion.phase) {
    case 'waiting':
      return promotion.attempted
        ? { type: 'cancelRequested', ...stop }
        : { type: 'cancelled', ...stop };
    case 'writing':
      return { type: 'cancelRequested', ...stop };
    case 'reconciling':
    case 'verifying':
      if (promotion.colours && !promotion.colours.switching) {
        return { type: 'cancelled', ...stop };
      }
      return refused('alreadyWritten', 'The commit is already in Git.', {
        hint: 'Roll the stage back.',
      });
    default:
      return refused(
        'notWaiting',
        `The promotion has ended: it was ${promotion.phase}.`,
        { hint: 'There is nothing to cancel.' },
      );
  }
}
