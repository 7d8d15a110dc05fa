// SPDX-License-Identifier: Apache-2.0
import type { ReleaseView } from '../api/views';
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
