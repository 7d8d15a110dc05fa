// SPDX-License-Identifier: Apache-2.0
import type { Router } from 'express';
import PromiseRouter from 'express-promise-router';
import { ApiError } from './errors';
import {
  accountOf,
  ApiContext,
  pageOf,
  repositoryOf,
  requireAccount,
  requiredField,
  requireWriter,
  textField,
} from './requests';
import { hookShape, repositoryShape, userShape } from './shapes';

const giteaVersion = '1.26.0+causeway-simulator';

/** Version, accounts, repositories and their webhooks. */
export function repositoryRoutes(context: ApiContext): Router {
  const { forge } = context;
  const router = PromiseRouter();

  router.get('/version', (_request, response) => {
    response.json({ version: giteaVersion });
  });
  router.get('/user', (request, response) => {
    response.json(userShape(context, requireAccount(request)));
  });
  router.get('/users/:login', (request, response) => {
    const account = forge.account(request.params.login);
    if (!account) throw ApiError.notFound();
    response.json(userShape(context, account));
  });

  router.get('/repos/search', (request, response) => {
    const wanted = String(request.query.q ?? '').toLowerCase();
    const { skip, limit } = pageOf(request);
    const found = forge
      .repositories()
      .filter(({ fullName }) => fullName.toLowerCase().includes(wanted));
    const data = found.slice(skip, skip + limit);
    response.set('X-Total-Count', String(found.length));
    response.json({
      ok: true,
      data: data.map(item =>
        repositoryShape(context, item, accountOf(request)),
      ),
    });
  });
  router.get('/orgs/:owner/repos', (request, response) => {
    const { skip, limit } = pageOf(request);
    const found = forge
      .repositories()
      .filter(({ settings }) => settings.owner === request.params.owner);
    response.set('X-Total-Count', String(found.length));
    response.json(
      found
        .slice(skip, skip + limit)
        .map(item => repositoryShape(context, item, accountOf(request))),
    );
  });
  router.post('/orgs/:owner/repos', async (request, response) => {
    const account = requireWriter(request);
    const name = requiredField(request.body, 'name');
    const { owner } = request.params;
    if (
      !/^[A-Za-z0-9._-]+$/.test(name) ||
      name.startsWith('.') ||
      !/^[A-Za-z0-9_-]+$/.test(owner)
    ) {
      throw new ApiError(
        422,
        `name is invalid [${name}]: must be valid alpha or numeric or dash(-_) or dot characters`,
      );
    }
    if (forge.repository(`${owner}/${name}`)) {
      throw new ApiError(
        409,
        'The repository with the same name already exists.',
      );
    }
    const description = textField(request.body, 'description') ?? '';
    const repository = await forge.createRepository({
      owner,
      name,
      description,
    });
    response.status(201).json(repositoryShape(context, repository, account));
  });
  router.get('/repos/:owner/:repo', (request, response) => {
    response.json(
      repositoryShape(
        context,
        repositoryOf(context, request),
        accountOf(request),
      ),
    );
  });

  router.get('/repos/:owner/:repo/hooks', (request, response) => {
    requireWriter(request);
    response.json(repositoryOf(context, request).hooks.map(hookShape));
  });
  router.post('/repos/:owner/:repo/hooks', async (request, response) => {
    requireWriter(request);
    const config: unknown = request.body?.config;
    const hook = await repositoryOf(context, request).addHook({
      url: requiredField(config, 'url'),
      secret: textField(config, 'secret') ?? '',
      active: request.body?.active === true,
      createdAt: forge.now().toISOString(),
    });
    response.status(201).json(hookShape(hook));
  });
  router.delete('/repos/:owner/:repo/hooks/:id', async (request, response) => {
    requireWriter(request);
    if (
      !(await repositoryOf(context, request).removeHook(
        Number(request.params.id),
      ))
    )
      throw ApiError.notFound();
    response.status(204).end();
  });
  return router;
}
