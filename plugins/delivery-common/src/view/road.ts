// SPDX-License-Identifier: Apache-2.0
import type { RoadCell, RoadRow, State } from '../api/views';
import type { Pipeline, Stage } from '../pipeline/pipeline';
import type { Release } from '../release/release';
import { findCandidate, isFailed } from './candidate';
import { promotionState, releaseRef, wasTakenBack } from './promotionView';
import { runningIn, type Running } from './running';
import type { PipelineSituation } from './situation';

/** Rows shown at least, when there are that many releases. */
const ROWS = 8;

/**
 * The newest releases, each with how far it has come. Goes back far enough to show what runs in the
 * last stage, but not without end.
 */
export function roadRows(
  situation: PipelineSituation & { readonly pipeline: Pipeline },
): readonly RoadRow[] {
  const running = new Map<string, readonly Running[]>();
  for (const [name, { targets }] of situation.stages) {
    running.set(
      name,
      targets.map(target =>
        runningIn(target, situation.pipeline.images, situation.byDigest),
      ),
    );
  }
  const oldestRunning = situation.releases.findLastIndex(release =>
    Array.from(running.values()).some(targets => runs(release, targets)),
  );
  const rows = Math.min(Math.max(ROWS, oldestRunning + 1), 2 * ROWS);
  return situation.releases.slice(0, rows).map(release => ({
    release: releaseRef(release),
    cells: situation.pipeline.stages.map(stage =>
      cell(release, stage, { situation, running }),
    ),
  }));
}

function cell(
  release: Release,
  stage: Stage,
  known: {
    readonly situation: PipelineSituation & { readonly pipeline: Pipeline };
    readonly running: ReadonlyMap<string, readonly Running[]>;
  },
): RoadCell {
  if (stage.kind === 'local') {
    return { stage: stage.name, state: { key: 'skip', word: 'Not reported' } };
  }
  if (stage.kind === 'ci') {
    return {
      stage: stage.name,
      state: isFailed(release)
        ? { key: 'bad', word: 'Failed' }
        : { key: 'ok', word: 'Verified' },
      at: release.ci?.finishedAt ?? release.reportedAt,
    };
  }
  const { situation } = known;
  const here = situation.stages.get(stage.name);
  const running = known.running.get(stage.name) ?? [];
  const newest = situation.promotions.find(
    ({ promotion }) =>
      promotion.stage === stage.name && promotion.release.id === release.id,
  );
  if (here?.active && here.active.promotion.release.id === release.id) {
    const mine = here.decide?.length === 0;
    const { promotion, unmet } = here.active;
    return {
      stage: stage.name,
      state: promotionState(promotion, unmet, mine),
      at: promotion.requestedAt,
    };
  }
  const at =
    newest && 'finishedAt' in newest.promotion
      ? { at: newest.promotion.finishedAt }
      : {};
  if (runs(release, running)) {
    return {
      stage: stage.name,
      state: presentState(release, running, here),
      ...at,
    };
  }
  const takenBack = situation.promotions.find(
    stored =>
      stored.promotion.stage === stage.name && wasTakenBack(stored, release.id),
  );
  if (takenBack && 'finishedAt' in takenBack.promotion) {
    return {
      stage: stage.name,
      state: { key: 'back', word: 'Taken back' },
      at: takenBack.promotion.finishedAt,
    };
  }
  if (newest) {
    return { stage: stage.name, state: pastState(newest), ...at };
  }
  const next = findCandidate(stage, {
    pipeline: situation.pipeline,
    releases: situation.releases,
    running: known.running,
  });
  return {
    stage: stage.name,
    state:
      next?.id === release.id
        ? { key: 'todo', word: 'Next' }
        : absentState(release, running),
  };
}

function runs(release: Release, running: readonly Running[]): boolean {
  return running.some(
    one => one.kind === 'release' && one.release.id === release.id,
  );
}

function presentState(
  release: Release,
  running: readonly Running[],
  here:
    | {
        readonly targets: readonly {
          readonly freshness: { readonly state: string };
        }[];
      }
    | undefined,
): State {
  const isLive = here?.targets.every(
    target => target.freshness.state === 'live',
  );
  if (!isLive) return { key: 'stale', word: 'Was here' };
  const count = running.filter(
    one => one.kind === 'release' && one.release.id === release.id,
  ).length;
  return count === running.length
    ? { key: 'ok', word: 'Here' }
    : { key: 'warn', word: `On ${count} of ${running.length} targets` };
}

/** The release was here, or was to come, but does not run here now. */
function pastState(stored: PipelineSituation['promotions'][number]): State {
  const { promotion } = stored;
  if (promotion.phase === 'succeeded') return { key: 'skip', word: 'Was here' };
  return promotionState(promotion, stored.unmet, false);
}

function absentState(release: Release, running: readonly Running[]): State {
  const isPassedBy = running.some(
    one =>
      one.kind === 'release' &&
      Date.parse(one.release.reportedAt) > Date.parse(release.reportedAt),
  );
  return isPassedBy
    ? { key: 'skip', word: 'Passed by' }
    : { key: 'todo', word: 'Not started' };
}
