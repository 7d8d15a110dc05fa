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
import { repositoryShape, userShape } from './shapes';

const giteaVersion = '1.26.0+causeway-simulator';

/** Version, accounts and repositories. */
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
  router.get('/orgs/:owner', (request, response) => {
    const { owner } = request.params;
    // Organisations are made with their first repository.
    const isThere = forge
      .repositories()
      .some(({ settings }) => settings.owner === owner);
    if (!isThere) throw ApiError.notFound();
    response.json({ name: owner, username: owner, visibility: 'public' });
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
  return router;
}
