// SPDX-License-Identifier: Apache-2.0
import PromiseRouter from 'express-promise-router';
import type { Request, Router } from 'express';
import { GitError } from '../../git/program';
import { Account } from '../accounts';
import { ForgeRepository, PullRequest } from '../ForgeRepository';
import { ApiError } from './errors';
import {
  ApiContext,
  checkMayPush,
  pageOf,
  repositoryOf,
  requiredField,
  requireWriter,
  textField,
} from './requests';
import { commitShape, repositoryShape, userShape } from './shapes';

const mergeStyles = ['merge', 'squash', 'fast-forward-only'] as const;
type MergeStyle = (typeof mergeStyles)[number];

/** Pull requests: create, list, read, change, merge. */
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
    const account = requireWriter(request);
    const repository = repositoryOf(context, request);
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
    requireWriter(request);
    const repository = repositoryOf(context, request);
    const pull = await changePull(
      context,
      repository,
      pullOf(repository, request),
      request.body,
    );
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
    response.json(
      commits.map(commit => commitShape(context, repository, commit)),
    );
  });
  router.get(`${base}/:number/merge`, (request, response) => {
    const merged =
      pullOf(repositoryOf(context, request), request).mergeCommit !== undefined;
    response.status(merged ? 204 : 404).end();
  });
  router.post(`${base}/:number/merge`, async (request, response) => {
    const account = requireWriter(request);
    const repository = repositoryOf(context, request);
    const pull = pullOf(repository, request);
    checkMayPush(context, repository, account, pull.base);
    const style = mergeStyles.find(
      candidate => candidate === (request.body?.Do ?? 'merge'),
    );
    if (!style)
      throw new ApiError(
        405,
        `merge style is not allowed; use one of ${mergeStyles.join(', ')}`,
      );
    await mergePull({
      context,
      repository,
      account,
      pull,
      style,
      body: request.body,
    });
    response.status(200).end();
  });
  return router;
}

function pullOf(repository: ForgeRepository, request: Request): PullRequest {
  const pull = repository.pulls.find(
    ({ number }) => number === Number(request.params.number),
  );
  if (!pull) throw ApiError.notFound();
  return pull;
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
  if (ends.some(sha => sha === undefined))
    throw ApiError.notFound('Could not find a branch of this pull request.');
  const twin = repository.pulls.find(
    pull => pull.state === 'open' && pull.head === head && pull.base === base,
  );
  if (twin) {
    throw new ApiError(
      409,
      `pull request already exists for these targets [id: ${twin.number}, head_branch: ${head}, base_branch: ${base}]`,
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
  if (pull.mergeCommit && state === 'open')
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
  };
  await repository.storePull(changed);
  return changed;
}

async function endsOf(repository: ForgeRepository, pull: PullRequest) {
  if (pull.state === 'closed')
    return { head: pull.closedHead, base: pull.closedBase };
  const [head, base] = await Promise.all(
    [pull.head, pull.base].map(branch =>
      repository.git.resolve(`refs/heads/${branch}`),
    ),
  );
  return { head, base };
}

interface Merge {
  readonly context: ApiContext;
  readonly repository: ForgeRepository;
  readonly account: Account;
  readonly pull: PullRequest;
  readonly style: MergeStyle;
  readonly body: unknown;
}

async function mergePull(merge: Merge): Promise<void> {
  const { context, repository, account, pull, body } = merge;
  if (pull.state === 'closed')
    throw new ApiError(405, 'Pull request is closed or was merged already.');
  await context.forge.moving(repository, account, async () => {
    const { head, base } = await endsOf(repository, pull);
    if (!head || !base) throw ApiError.notFound();
    const expected = textField(body, 'head_commit_id');
    if (expected && expected !== head)
      throw new ApiError(409, 'head out of date');
    const result = await mergedCommit(merge, head, base);
    await repository.git.moveReference(`refs/heads/${pull.base}`, base, result);
    const now = context.forge.now().toISOString();
    await repository.storePull({
      ...pull,
      state: 'closed',
      mergeCommit: result,
      mergedBy: account.login,
      closedAt: now,
      updatedAt: now,
      closedHead: head,
      closedBase: base,
    });
  });
}

async function mergedCommit(
  merge: Merge,
  head: string,
  base: string,
): Promise<string> {
  const { context, repository, account, pull, style, body } = merge;
  const ancestor = await repository.git.mergeBase(base, head);
  if (style === 'fast-forward-only') {
    if (ancestor !== base)
      throw new ApiError(409, 'Merge conflict: the base branch has moved on.');
    return head;
  }
  try {
    const tree = await repository.git.mergedTree(base, head);
    const title =
      textField(body, 'MergeTitleField') ??
      (style === 'merge'
        ? `Merge pull request '${pull.title}' (#${pull.number}) from ${pull.head} into ${pull.base}`
        : `${pull.title} (#${pull.number})`);
    const text = textField(body, 'MergeMessageField') ?? '';
    return await repository.git.commitTree({
      tree,
      parents: style === 'merge' ? [base, head] : [base],
      author: context.forge.signatureOf(account),
      message: text ? `${title}\n\n${text}\n` : `${title}\n`,
    });
  } catch (error) {
    if (error instanceof GitError && error.exitCode === 1)
      throw new ApiError(
        409,
        'Merge conflict: the branches change the same lines.',
      );
    throw error;
  }
}

async function pullShape(
  context: ApiContext,
  repository: ForgeRepository,
  pull: PullRequest,
) {
  const author = context.forge.account(pull.author);
  const mergedBy = pull.mergedBy
    ? context.forge.account(pull.mergedBy)
    : undefined;
  const { head, base } = await endsOf(repository, pull);
  const url = `${context.baseUrl()}/${repository.fullName}/pulls/${
    pull.number
  }`;
  const shape = repositoryShape(context, repository, author);
  const end = (label: string, sha: string | undefined) => ({
    label,
    ref: label,
    sha: sha ?? '',
    repo_id: shape.id,
    repo: shape,
  });
  return {
    id: pull.number,
    number: pull.number,
    url,
    html_url: url,
    diff_url: `${url}.diff`,
    patch_url: `${url}.patch`,
    user: author ? userShape(context, author) : null,
    title: pull.title,
    body: pull.body,
    state: pull.state,
    draft: false,
    labels: [],
    mergeable:
      pull.state === 'open' && head !== undefined && base !== undefined,
    merged: pull.mergeCommit !== undefined,
    merged_at: pull.mergeCommit ? pull.closedAt : null,
    merge_commit_sha: pull.mergeCommit ?? null,
    merged_by: mergedBy ? userShape(context, mergedBy) : null,
    base: end(pull.base, base),
    head: end(pull.head, head),
    merge_base:
      head && base ? (await repository.git.mergeBase(base, head)) ?? '' : '',
    created_at: pull.createdAt,
    updated_at: pull.updatedAt,
    closed_at: pull.closedAt ?? null,
  };
}
