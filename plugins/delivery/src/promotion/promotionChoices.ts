// SPDX-License-Identifier: Apache-2.0
import type {
  PipelineView,
  Reason,
  ReleaseRef,
  StageView,
} from '@causeway/plugin-delivery-common';

/** A release that has an id can be asked for. */
export type KnownRelease = ReleaseRef & { readonly id: string };

/** The stages that something can be promoted to: those the backend says anything about. */
export function promotableStages(pipeline: PipelineView): readonly StageView[] {
  return pipeline.stages.filter(stage =>
    stage.allowedActions.some(each => each.action === 'promote'),
  );
}

/** The stage a dialog opens with: the one asked for, else the first that may be promoted to. */
export function initialStage(
  pipeline: PipelineView,
  asked: string | undefined,
): StageView | undefined {
  const stages = promotableStages(pipeline);
  return (
    stages.find(stage => stage.name === asked) ??
    stages.find(stage =>
      stage.allowedActions.some(
        each => each.action === 'promote' && each.allowed,
      ),
    ) ??
    stages.find(stage => stage.candidate) ??
    stages[0]
  );
}

/**
 * The releases one can choose for a stage: first those the backend proposes, then the others on the
 * road, newest first, without the one that runs there. Whether one may be promoted says its plan.
 */
export function releaseChoices(
  pipeline: PipelineView,
  stage: StageView,
): readonly KnownRelease[] {
  const proposed = [
    ...stage.allowedActions
      .filter(each => each.action === 'promote')
      .map(each => each.release),
    stage.candidate,
    ...pipeline.road.map(row => row.release),
  ];
  const choices = new Map<string, KnownRelease>();
  for (const release of proposed) {
    if (isKnown(release) && release.id !== stage.release?.id) {
      if (!choices.has(release.id)) choices.set(release.id, release);
    }
  }
  return [...choices.values()];
}

/** Every reason why a release may not be promoted to a stage now; empty when the backend knows none. */
export function reasonsAgainst(
  stage: StageView,
  release: string | undefined,
): readonly Reason[] {
  const promote = stage.allowedActions.filter(
    each => each.action === 'promote',
  );
  const said =
    promote.find(each => each.release?.id === release) ??
    promote.find(each => each.release === undefined);
  return said && !said.allowed ? said.reasons : [];
}

function isKnown(release: ReleaseRef | undefined): release is KnownRelease {
  return release?.id !== undefined;
}
