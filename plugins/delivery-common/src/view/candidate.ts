// SPDX-License-Identifier: Apache-2.0
import type { Pipeline, Stage } from '../pipeline/pipeline';
import type { Release } from '../release/release';
import { commonRelease, type Running } from './running';

/**
 * The release that could enter a stage next: for the first stage with targets the newest that CI
 * did not fail, for later ones the release that runs in every stage directly before. None when it
 * is there already, or older than what is there.
 */
export function findCandidate(
  stage: Stage,
  known: {
    readonly pipeline: Pipeline;
    /** Newest first. */
    readonly releases: readonly Release[];
    /** By stage name: what each target runs. */
    readonly running: ReadonlyMap<string, readonly Running[]>;
  },
): Release | undefined {
  const before = known.pipeline.stages.filter(
    other => stage.after.includes(other.name) && other.targets.length > 0,
  );
  const candidate =
    before.length === 0
      ? known.releases.find(release => !isFailed(release))
      : sameEverywhere(
          before.map(other =>
            commonRelease(known.running.get(other.name) ?? []),
          ),
        );
  const here = known.running.get(stage.name) ?? [];
  if (!candidate || commonRelease(here)?.id === candidate.id) return undefined;
  const isOlder = here.every(
    running =>
      running.kind === 'release' &&
      Date.parse(running.release.reportedAt) > Date.parse(candidate.reportedAt),
  );
  return here.length > 0 && isOlder ? undefined : candidate;
}

/** CI ran and a job of it failed. */
export function isFailed(release: Release): boolean {
  return release.ci?.jobs.some(job => job.outcome === 'failed') ?? false;
}

function sameEverywhere(
  releases: readonly (Release | undefined)[],
): Release | undefined {
  const [first] = releases;
  return releases.every(release => release?.id === first?.id)
    ? first
    : undefined;
}
