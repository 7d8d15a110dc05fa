// SPDX-License-Identifier: Apache-2.0
import PromiseRouter from 'express-promise-router';
import type { Router } from 'express';
import { combinedState, statusStates } from '../statuses';
import { ApiError } from './errors';
import {
  ApiContext,
  repositoryOf,
  requireWriter,
  resolveRevision,
  textField,
} from './requests';
import { repositoryShape, statusShape } from './shapes';

/** Statuses of commits: report, list, and what they say together. */
export function statusRoutes(context: ApiContext): Router {
  const router = PromiseRouter();
  const base = '/repos/:owner/:repo';

  router.post(`${base}/statuses/:sha`, async (request, response) => {
    const account = requireWriter(request);
    const repository = repositoryOf(context, request);
    const state = statusStates.find(
      candidate => candidate === request.body?.state,
    );
    if (!state)
      throw new ApiError(
        422,
        `[state]: must be one of ${statusStates.join(', ')}`,
      );
    const status = await context.forge.reportStatus(repository, {
      sha: await resolveRevision(repository, request.params.sha),
      state,
      context: textField(request.body, 'context') ?? 'default',
      description: textField(request.body, 'description') ?? '',
      targetUrl: textField(request.body, 'target_url') ?? '',
      creator: account.login,
    });
    response.status(201).json(statusShape(context, repository, status));
  });
  router.get(
    [`${base}/commits/:ref/statuses`, `${base}/statuses/:ref`],
    async (request, response) => {
      const repository = repositoryOf(context, request);
      const sha = await resolveRevision(repository, request.params.ref);
      const statuses = repository.statuses
        .filter(status => status.sha === sha)
        .reverse();
      response.set('X-Total-Count', String(statuses.length));
      response.json(
        statuses.map(status => statusShape(context, repository, status)),
      );
    },
  );
  router.get(`${base}/commits/:ref/status`, async (request, response) => {
    const repository = repositoryOf(context, request);
    const sha = await resolveRevision(repository, request.params.ref);
    const statuses = repository.latestStatuses(sha);
    const commit = `${context.baseUrl()}/api/v1/repos/${
      repository.fullName
    }/commits/${sha}`;
    response.json({
      state: combinedState(statuses.map(({ state }) => state)),
      sha,
      total_count: statuses.length,
      statuses: statuses.map(status =>
        statusShape(context, repository, status),
      ),
      repository: repositoryShape(context, repository, undefined),
      commit_url: commit,
      url: `${commit}/status`,
    });
  });
  return router;
}
