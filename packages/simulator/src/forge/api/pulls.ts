// SPDX-License-Identifier: Apache-2.0
import PromiseRouter from 'express-promise-router';
import type { Router } from 'express';
import { Account, mayWrite } from '../accounts';
import { PullEvent } from '../Forge';
import { ForgeRepository } from '../ForgeRepository';
import type { PullRequest } from '../records';
import { ApiError } from './errors';
import { endsOf, pullOf, pullShape } from './pullRecords';
import {
  ApiContext,
  pageOf,
  repositoryOf,
  requireAccount,
  requiredField,
  textField,
} from './requests';
import { commitShape } from './shapes';

/** Pull requests between branches of one repository: create, list, read, change. */
export function pullRoutes(context: ApiContext): Router {
  const router = PromiseRouter();
  const base = '/repos/:owner/:repo/pulls';

  router.get(base, async (request, response) => {
    const repository = repositoryOf(context, request);
    const state = request.query.state ?? 'open';
    const found = repository.pulls
      .filter(pull => state === 'all' || pull.state === state)
      .reverse();
    const { skip, limit } = pageOf(request);
    response.set('X-Total-Count', String(found.length));
    response.json(
      await Promise.all(
        found
          .slice(skip, skip + limit)
          .map(pull => pullShape(context, repository, pull)),
      ),
    );
  });
  router.post(base, async (request, response) => {
    const account = requireAccount(request);
    const repository = repositoryOf(context, request);
    if (!mayWrite(account))
      throw new ApiError(403, 'user must be a collaborator');
    const pull = await openPull(context, repository, account, request.body);
    response.status(201).json(await pullShape(context, repository, pull));
  });
  router.get(`${base}/:number`, async (request, response) => {
    const repository = repositoryOf(context, request);
    response.json(
      await pullShape(context, repository, pullOf(repository, request)),
    );
  });
  router.patch(`${base}/:number`, async (request, response) => {
    const account = requireAccount(request);
    const repository = repositoryOf(context, request);
    const before = pullOf(repository, request);
    if (account.login !== before.author && !mayWrite(account))
      throw new ApiError(403, 'user may not change this pull request');
    const pull = await changePull(context, repository, before, request.body);
    for (const action of actionsBetween(before, pull))
      context.forge.announce({
        kind: 'pull',
        action,
        repository,
        pull,
        sender: account,
      });
    response.status(201).json(await pullShape(context, repository, pull));
  });
  router.get(`${base}/:number/commits`, async (request, response) => {
    const repository = repositoryOf(context, request);
    const { head, base: target } = await endsOf(
      repository,
      pullOf(repository, request),
    );
    const commits =
      head && target
        ? await repository.git.log({ from: head, excluding: target })
        : [];
    response.set('X-Total-Count', String(commits.length));
    response.json(
      commits.map(commit => commitShape(context, repository, commit)),
    );
  });
  router.get(`${base}/:number/files`, async (request, response) => {
    const repository = repositoryOf(context, request);
    const { head, base: target } = await endsOf(
      repository,
      pullOf(repository, request),
    );
    const ancestor =
      head && target ? await repository.git.mergeBase(target, head) : undefined;
    const files =
      head && ancestor ? await repository.git.differences(ancestor, head) : [];
    response.set('X-Total-Count', String(files.length));
    response.json(
      files.map(({ path, status }) => ({
        filename: path,
        // Gitea's words for them.
        status: { added: 'added', modified: 'changed', removed: 'deleted' }[
          status
        ],
      })),
    );
  });
  return router;
}

async function openPull(
  context: ApiContext,
  repository: ForgeRepository,
  account: Account,
  body: unknown,
) {
  const title = requiredField(body, 'title');
  const base = requiredField(body, 'base');
  const head = requiredField(body, 'head').replace(
    `${repository.settings.owner}:`,
    '',
  );
  const ends = await Promise.all(
    [base, head].map(branch => repository.git.resolve(`refs/heads/${branch}`)),
  );
  if (ends.some(sha => sha === undefined)) throw ApiError.notFound();
  if (head === base)
    throw new ApiError(
      422,
      'Invalid PullRequest: There are no changes between the head and the base',
    );
  const twin = repository.pulls.find(
    pull => pull.state === 'open' && pull.head === head && pull.base === base,
  );
  if (twin) {
    const { id } = repository.settings;
    throw new ApiError(
      409,
      `pull request already exists for these targets [id: ${twin.number}, issue_id: ${twin.number}, head_repo_id: ${id}, base_repo_id: ${id}, head_branch: ${head}, base_branch: ${base}]`,
    );
  }
  const now = context.forge.now().toISOString();
  const pull: PullRequest = {
    number: (repository.pulls.at(-1)?.number ?? 0) + 1,
    title,
    body: textField(body, 'body') ?? '',
    author: account.login,
    head,
    base,
    state: 'open',
    createdAt: now,
    updatedAt: now,
  };
  await repository.storePull(pull);
  context.forge.announce({
    kind: 'pull',
    action: 'opened',
    repository,
    pull,
    sender: account,
  });
  return pull;
}

async function changePull(
  context: ApiContext,
  repository: ForgeRepository,
  pull: PullRequest,
  body: unknown,
) {
  const now = context.forge.now().toISOString();
  const state = textField(body, 'state') ?? pull.state;
  if (state !== 'open' && state !== 'closed')
    throw new ApiError(422, '[state]: must be open or closed');
  if (pull.mergeCommit && textField(body, 'state'))
    throw new ApiError(
      412,
      'cannot change state of this pull request, it was already merged',
    );
  const closing = state === 'closed' && pull.state === 'open';
  const ends = closing ? await endsOf(repository, pull) : undefined;
  const changed: PullRequest = {
    ...pull,
    title: textField(body, 'title') ?? pull.title,
    body: textField(body, 'body') ?? pull.body,
    state,
    updatedAt: now,
    ...(closing
      ? { closedAt: now, closedHead: ends?.head, closedBase: ends?.base }
      : {}),
    ...(state === 'open' ? { closedAt: undefined } : {}),
  };
  await repository.storePull(changed);
  return changed;
}

function actionsBetween(
  before: PullRequest,
  after: PullRequest,
): readonly PullEvent['action'][] {
  const edited = before.title !== after.title || before.body !== after.body;
  return [
    ...(edited ? (['edited'] as const) : []),
    ...(before.state === 'open' && after.state === 'closed'
      ? (['closed'] as const)
      : []),
    ...(before.state === 'closed' && after.state === 'open'
      ? (['reopened'] as const)
      : []),
  ];
}
