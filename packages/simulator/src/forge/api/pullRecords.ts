// SPDX-License-Identifier: Apache-2.0
import type { Request } from 'express';
import { GitError } from '../../git/program';
import { ForgeRepository } from '../ForgeRepository';
import type { PullRequest } from '../records';
import { ApiError } from './errors';
import { ApiContext } from './requests';
import { repositoryShape, userShape } from './shapes';

/** The pull request named in the address, or a refusal. */
export function pullOf(
  repository: ForgeRepository,
  request: Request,
): PullRequest {
  const pull = repository.pulls.find(
    ({ number }) => number === Number(request.params.number),
  );
  if (!pull) throw ApiError.notFound();
  return pull;
}

/** Commits that a pull request is between; an end is undefined when its branch is gone. */
export async function endsOf(
  repository: ForgeRepository,
  pull: PullRequest,
): Promise<{ readonly head?: string; readonly base?: string }> {
  if (pull.state === 'closed')
    return { head: pull.closedHead, base: pull.closedBase };
  const [head, base] = await Promise.all(
    [pull.head, pull.base].map(branch =>
      repository.git.resolve(`refs/heads/${branch}`),
    ),
  );
  return { head, base };
}

/** The tree of head merged into base; undefined when they conflict. */
export async function mergedTree(
  repository: ForgeRepository,
  base: string,
  head: string,
): Promise<string | undefined> {
  try {
    return await repository.git.mergedTree(base, head);
  } catch (error) {
    if (error instanceof GitError && error.exitCode === 1) return undefined;
    throw error;
  }
}

/** A pull request in Gitea's shape. */
export async function pullShape(
  context: ApiContext,
  repository: ForgeRepository,
  pull: PullRequest,
) {
  const author = context.forge.account(pull.author);
  const mergedBy = pull.mergedBy
    ? context.forge.account(pull.mergedBy)
    : undefined;
  const { head, base } = await endsOf(repository, pull);
  const merged = pull.mergeCommit !== undefined;
  const mergeable =
    merged ||
    (pull.state === 'open' &&
      head !== undefined &&
      base !== undefined &&
      (await mergedTree(repository, base, head)) !== undefined);
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
    mergeable,
    merged,
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
