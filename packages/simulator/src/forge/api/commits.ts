// SPDX-License-Identifier: Apache-2.0
import PromiseRouter from 'express-promise-router';
import type { Request, Router } from 'express';
import { Reference } from '../../git/BareRepository';
import { Account } from '../accounts';
import { ForgeRepository } from '../ForgeRepository';
import { BranchProtection, mayMerge, mayPush } from '../protections';
import { ApiError } from './errors';
import {
  accountOf,
  ApiContext,
  checkMayPush,
  pageOf,
  repositoryOf,
  requiredField,
  requireWriter,
  resolveRevision,
  textField,
} from './requests';
import { commitShape, payloadCommit } from './shapes';

/** Branches, tags, commits, comparison and archives. */
export function commitRoutes(context: ApiContext): Router {
  const router = PromiseRouter();
  const base = '/repos/:owner/:repo';

  router.get(`${base}/commits`, async (request, response) => {
    const repository = repositoryOf(context, request);
    const from = await resolveRevision(repository, request.query.sha);
    const path =
      typeof request.query.path === 'string' ? request.query.path : undefined;
    const { skip, limit } = pageOf(request);
    const commits = await repository.git.log({ from, path, skip, limit });
    const total = await repository.git.count({ from, path });
    response.set({
      'X-Total': String(total),
      'X-Total-Count': String(total),
      'X-HasMore': String(skip + limit < total),
    });
    response.json(
      commits.map(commit => commitShape(context, repository, commit)),
    );
  });
  router.get(`${base}/git/commits/:sha`, async (request, response) => {
    const repository = repositoryOf(context, request);
    const commit = await repository.git.commit(request.params.sha);
    if (!commit) throw ApiError.notFound();
    const files = await repository.git.differences(
      commit.parents[0],
      commit.sha,
    );
    response.json(commitShape(context, repository, commit, files));
  });
  router.get(`${base}/compare/*`, async (request, response) => {
    response.json(await comparison(context, request));
  });
  router.get(`${base}/git/trees/:sha`, async (request, response) => {
    const repository = repositoryOf(context, request);
    const sha = await resolveRevision(repository, request.params.sha);
    const entries = await repository.git.tree(
      sha,
      '',
      request.query.recursive === 'true' || request.query.recursive === '1',
    );
    response.json({
      sha,
      truncated: false,
      tree: entries.map(({ path, mode, kind, sha: entrySha, size }) => ({
        path,
        mode,
        type: kind,
        size: size ?? 0,
        sha: entrySha,
      })),
    });
  });
  router.get(`${base}/archive/*`, async (request, response) => {
    const repository = repositoryOf(context, request);
    const match = /^(.+)\.(tar\.gz|zip)$/.exec(wildcard(request));
    if (!match) throw new ApiError(400, 'archive format not supported');
    const sha = await resolveRevision(repository, match[1]);
    const format = match[2] === 'zip' ? 'zip' : 'tar.gz';
    response.type(format === 'zip' ? 'application/zip' : 'application/gzip');
    response.set(
      'Content-Disposition',
      `attachment; filename="${repository.settings.name}-${sha.slice(
        0,
        10,
      )}.${format}"`,
    );
    response.send(
      await repository.git.archive(sha, format, repository.settings.name),
    );
  });
  router.use(branchRoutes(context));
  return router;
}

/** Compares `base...head` (or `base..head`), as commits of head that base does not have. */
async function comparison(context: ApiContext, request: Request) {
  const repository = repositoryOf(context, request);
  const [base, head] = wildcard(request).split(/\.{2,3}/);
  if (!base || !head) throw ApiError.notFound();
  const from = await resolveRevision(repository, head);
  const excluding = await resolveRevision(repository, base);
  const commits = await repository.git.log({ from, excluding });
  const ancestor = await repository.git.mergeBase(excluding, from);
  const files = await repository.git.differences(ancestor, from);
  return {
    total_commits: commits.length,
    commits: commits.map(commit => commitShape(context, repository, commit)),
    files: files.map(({ path, status }) => ({ filename: path, status })),
  };
}

function wildcard(request: Request): string {
  return (request.params as Record<string, string>)[0] ?? '';
}

function branchRoutes(context: ApiContext): Router {
  const router = PromiseRouter();
  const base = '/repos/:owner/:repo';

  const branchShape = async (
    repository: ForgeRepository,
    { name, sha }: Reference,
    account: Account | undefined,
  ) => {
    const commit = await repository.git.commit(sha);
    return {
      name,
      commit: commit ? payloadCommit(context, repository, commit) : null,
      ...protectionShape(repository.protectionOf(name), account),
    };
  };
  router.get(`${base}/branches`, async (request, response) => {
    const repository = repositoryOf(context, request);
    const branches = await repository.git.references('refs/heads/');
    response.json(
      await Promise.all(
        branches.map(branch =>
          branchShape(repository, branch, accountOf(request)),
        ),
      ),
    );
  });
  router.get(`${base}/branches/*`, async (request, response) => {
    const repository = repositoryOf(context, request);
    const name = wildcard(request);
    const sha = await repository.git.resolve(`refs/heads/${name}`);
    if (!sha) throw ApiError.notFound();
    response.json(
      await branchShape(repository, { name, sha }, accountOf(request)),
    );
  });
  router.post(`${base}/branches`, async (request, response) => {
    const account = requireWriter(request);
    const repository = repositoryOf(context, request);
    const name = requiredField(request.body, 'new_branch_name');
    if (!/^[A-Za-z0-9][\w./-]*$/.test(name) || name.includes('..'))
      throw new ApiError(422, `branch name is invalid [${name}]`);
    checkMayPush(context, repository, account, name);
    const old =
      textField(request.body, 'old_ref_name') ??
      textField(request.body, 'old_branch_name');
    const sha = await resolveRevision(repository, old);
    await context.forge.moving(repository, account, async () => {
      if (await repository.git.resolve(`refs/heads/${name}`))
        throw new ApiError(409, 'The branch already exists.');
      await repository.git.moveReference(`refs/heads/${name}`, undefined, sha);
    });
    response
      .status(201)
      .json(await branchShape(repository, { name, sha }, account));
  });
  router.delete(`${base}/branches/*`, async (request, response) => {
    const account = requireWriter(request);
    const repository = repositoryOf(context, request);
    const name = wildcard(request);
    if (name === 'main')
      throw new ApiError(
        403,
        'can not delete default or pull request target branch',
      );
    checkMayPush(context, repository, account, name);
    await context.forge.moving(repository, account, async () => {
      const sha = await repository.git.resolve(`refs/heads/${name}`);
      if (!sha) throw ApiError.notFound();
      await repository.git.removeReference(`refs/heads/${name}`, sha);
    });
    response.status(204).end();
  });
  router.get(`${base}/tags`, async (request, response) => {
    const repository = repositoryOf(context, request);
    const tags = await repository.git.references('refs/tags/');
    const api = `${context.baseUrl()}/api/v1/repos/${repository.fullName}`;
    response.json(
      tags.map(({ name, sha }) => ({
        name,
        id: sha,
        message: '',
        commit: { sha, url: `${api}/git/commits/${sha}` },
      })),
    );
  });
  return router;
}

/** What a branch says of its protection to who asks. */
function protectionShape(
  protection: BranchProtection | undefined,
  account: Account | undefined,
) {
  return {
    protected: protection !== undefined,
    required_approvals: protection?.requiredApprovals ?? 0,
    enable_status_check: protection?.enableStatusCheck ?? false,
    status_check_contexts: protection?.statusCheckContexts ?? [],
    user_can_push: account !== undefined && mayPush(account, protection),
    user_can_merge: account !== undefined && mayMerge(account, protection),
  };
}
