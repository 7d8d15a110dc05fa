// SPDX-License-Identifier: Apache-2.0
import PromiseRouter from 'express-promise-router';
import type { Router } from 'express';
import { ApiError } from './errors';
import {
  ApiContext,
  pageOf,
  repositoryOf,
  requireAdministrator,
  requiredField,
} from './requests';
import { instant } from './shapes';

/** Secrets for the workflows of a repository: set, list, remove. Nobody reads one back. */
export function secretRoutes(context: ApiContext): Router {
  const router = PromiseRouter();
  const base = '/repos/:owner/:repo/actions/secrets';

  router.use(base, (request, _response, next) => {
    requireAdministrator(request);
    next();
  });
  router.get(base, (request, response) => {
    const { secrets } = repositoryOf(context, request);
    const { skip, limit } = pageOf(request);
    response.set('X-Total-Count', String(secrets.length));
    response.json(
      secrets.slice(skip, skip + limit).map(({ name, createdAt }) => ({
        name,
        created_at: instant(new Date(createdAt)),
      })),
    );
  });
  router.put(`${base}/:name`, async (request, response) => {
    const repository = repositoryOf(context, request);
    // Gitea keeps and lists names in capitals.
    const name = request.params.name.toUpperCase();
    if (!/^[A-Z_][A-Z0-9_]*$/.test(name) || /^GIT(EA|HUB)_/.test(name))
      throw new ApiError(400, 'invalid secret name');
    const value = requiredField(request.body, 'data');
    const isNew = await repository.storeSecret({
      name,
      value,
      createdAt: context.forge.now().toISOString(),
    });
    response.status(isNew ? 201 : 204).end();
  });
  router.delete(`${base}/:name`, async (request, response) => {
    const repository = repositoryOf(context, request);
    if (!(await repository.removeSecret(request.params.name.toUpperCase())))
      throw ApiError.notFound();
    response.status(204).end();
  });
  return router;
}
