// SPDX-License-Identifier: Apache-2.0
import PromiseRouter from 'express-promise-router';
import type { Request, Response, Router } from 'express';
import { ApiContext } from '../api/requests';
import {
  commitPage,
  forgePage,
  historyPage,
  missingPage,
  repositoryPage,
  sourcePage,
} from './pages';

const pageSize = 50;

/** Plain pages at the addresses Gitea uses, so that links to repositories, files and commits lead somewhere. */
export function pageRoutes({ forge, baseUrl }: ApiContext): Router {
  const router = PromiseRouter();
  const missing = (request: Request, response: Response) => {
    response.status(404).send(missingPage(request.path));
  };
  const repositoryAt = (request: Request) =>
    forge.repository(`${request.params.owner}/${request.params.repo}`);
  const rest = (request: Request) =>
    (request.params as unknown as Record<string, string>)[0] ?? '';

  router.get('/', (_request, response) => {
    response.send(
      forgePage(
        forge.repositories().map(({ fullName, settings }) => ({
          fullName,
          description: settings.description,
        })),
      ),
    );
  });
  router.get('/:owner/:repo', async (request, response) => {
    const repository = repositoryAt(request);
    if (!repository) return missing(request, response);
    const sha = await repository.git.resolve('refs/heads/main');
    response.send(
      repositoryPage({
        repository: repository.fullName,
        description: repository.settings.description,
        cloneUrl: `${baseUrl()}/${repository.fullName}.git`,
        branch: 'main',
        entries: sha ? await repository.git.tree(sha) : [],
        commits: sha ? await repository.git.log({ from: sha, limit: 20 }) : [],
      }),
    );
    return undefined;
  });
  router.get('/:owner/:repo/commit/:sha', async (request, response) => {
    const repository = repositoryAt(request);
    const commit = await repository?.git.commit(request.params.sha);
    if (!repository || !commit) return missing(request, response);
    response.send(
      commitPage({
        repository: repository.fullName,
        commit,
        patch: await repository.git.patch(commit.parents[0], commit.sha),
        statuses: repository.latestStatuses(commit.sha),
      }),
    );
    return undefined;
  });
  router.get('/:owner/:repo/commits/branch/*', async (request, response) => {
    const repository = repositoryAt(request);
    const sha = await repository?.git.resolve(`refs/heads/${rest(request)}`);
    if (!repository || !sha) return missing(request, response);
    const commits = await repository.git.log({ from: sha, limit: pageSize });
    response.send(historyPage(repository.fullName, rest(request), commits));
    return undefined;
  });
  router.get(
    [
      '/:owner/:repo/:view(src|raw)/:kind(branch|commit|tag)/:revision',
      '/:owner/:repo/:view(src|raw)/:kind(branch|commit|tag)/:revision/*',
    ],
    async (request, response) => {
      const repository = repositoryAt(request);
      const { revision, view } = request.params;
      const sha = await repository?.git.resolve(revision);
      if (!repository || !sha) return missing(request, response);
      const path = rest(request).replace(/\/$/, '');
      const entry = path ? await repository.git.entry(sha, path) : undefined;
      if (path && !entry) return missing(request, response);
      const common = {
        repository: repository.fullName,
        branch: revision,
        path,
      };
      if (entry?.kind !== 'blob') {
        response.send(
          sourcePage({
            ...common,
            content: {
              kind: 'folder',
              entries: await repository.git.tree(sha, path),
            },
          }),
        );
        return undefined;
      }
      const bytes = await repository.git.blob(entry.sha);
      if (view === 'raw') response.type('text/plain').send(bytes);
      else
        response.send(
          sourcePage({
            ...common,
            content: { kind: 'file', text: bytes.toString() },
          }),
        );
      return undefined;
    },
  );
  return router;
}
