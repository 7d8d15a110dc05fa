// SPDX-License-Identifier: Apache-2.0
import type { ReleaseRef, ReleaseView } from '../api/views';
import type { Release } from './release';

/** A release as the HTTP API shows it; CI's jobs are counted. */
export function releaseView(release: Release): ReleaseView {
  const { ci, ...rest } = release;
  return {
    ...rest,
    ...(ci && {
      ci: {
        run: ci.run,
        ...(ci.url && { url: ci.url }),
        startedAt: ci.startedAt,
        finishedAt: ci.finishedAt,
        passed: ci.jobs.filter(job => job.outcome === 'passed').length,
        total: ci.jobs.length,
      },
    }),
  };
}

/** The short name of a release: version, short commit and the first line of its message. */
export function releaseRef(release: Release): ReleaseRef {
  return {
    id: release.id,
    version: release.version,
    commit: release.commit.sha.slice(0, 7),
    message: release.commit.message.split('\n', 1)[0],
    ...(release.commit.url && { url: release.commit.url }),
  };
}
