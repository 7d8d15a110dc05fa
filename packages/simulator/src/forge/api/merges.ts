// SPDX-License-Identifier: Apache-2.0
import PromiseRouter from 'express-promise-router';
import type { Router } from 'express';
import { Account } from '../accounts';
import { ForgeRepository } from '../ForgeRepository';
import { mayMerge, mergeObstacle } from '../protections';
import type { PullRequest } from '../records';
import { refusalReason } from '../smartHttp';
import { ApiError } from './errors';
import { endsOf, mergedTree, pullOf } from './pullRecords';
import {
  ApiContext,
  flagField,
  repositoryOf,
  requireAccount,
  requiredField,
  textField,
} from './requests';

const mergeStyles = ['merge', 'squash', 'fast-forward-only'] as const;
type MergeStyle = (typeof mergeStyles)[number];
/** What Gitea knows and this forge does not do. */
const otherStyles = ['rebase', 'rebase-merge', 'manually-merged'];

/** Merging of pull requests. */
export function mergeRoutes(context: ApiContext): Router {
  const router = PromiseRouter();
  const base = '/repos/:owner/:repo/pulls/:number/merge';

  router.get(base, (request, response) => {
    const pull = pullOf(repositoryOf(context, request), request);
    if (!pull.mergeCommit) throw ApiError.notFound();
    response.status(204).end();
  });
  router.post(base, async (request, response) => {
    const account = requireAccount(request);
    const repository = repositoryOf(context, request);
    const { number } = pullOf(repository, request);
    const style = styleOf(request.body);
    await context.forge.moving(repository, account, async () => {
      // Only now, when nobody else merges, the state counts.
      const pull = pullOf(repository, request);
      await merge({
        context,
        repository,
        account,
        pull,
        style,
        body: request.body,
      });
    });
    const merged = repository.pulls.find(pull => pull.number === number);
    if (merged)
      context.forge.announce({
        kind: 'pull',
        action: 'closed',
        repository,
        pull: merged,
        sender: account,
      });
    response.status(200).end();
  });
  return router;
}

function styleOf(body: unknown): MergeStyle {
  const wanted = requiredField(body, 'Do');
  const style = mergeStyles.find(candidate => candidate === wanted);
  if (style) return style;
  if (otherStyles.includes(wanted))
    throw new ApiError(405, `Merge style ${wanted} is not allowed`);
  throw new ApiError(422, '[Do]: In');
}

interface Merge {
  readonly context: ApiContext;
  readonly repository: ForgeRepository;
  readonly account: Account;
  readonly pull: PullRequest;
  readonly style: MergeStyle;
  readonly body: unknown;
}

/** The checks stand in Gitea's order, so that the same refusal comes first. */
async function merge(command: Merge): Promise<void> {
  const { context, repository, account, pull, body } = command;
  if (pull.mergeCommit) throw new ApiError(405, 'The PR is already merged');
  if (pull.state === 'closed') throw ApiError.notFound();
  const protection = repository.protectionOf(pull.base);
  if (!mayMerge(account, protection))
    throw new ApiError(405, 'User not allowed to merge PR');
  const { head, base } = await endsOf(repository, pull);
  if (!head || !base) throw ApiError.notFound();
  const tree = await mergedTree(repository, base, head);
  // What Gitea says of a conflict.
  if (!tree) throw new ApiError(405, 'Please try again later');
  const obstacle = mergeObstacle(protection, {
    statuses: repository.latestStatuses(head),
    reviews: pull.reviews ?? [],
  });
  const forced =
    flagField(body, 'force_merge') === true &&
    account.role === 'administrator' &&
    !protection?.blockAdminMergeOverride;
  if (obstacle && !forced) throw new ApiError(405, obstacle);
  const expected = textField(body, 'head_commit_id');
  if (expected && expected !== head)
    throw new ApiError(409, 'head out of date');
  if (context.forge.faults.takeRefusal())
    throw new ApiError(403, refusalReason);
  const result = await mergeCommit(command, { head, base, tree });
  await repository.git.moveReference(`refs/heads/${pull.base}`, base, result);
  if (flagField(body, 'delete_branch_after_merge'))
    await repository.git.removeReference(`refs/heads/${pull.head}`, head);
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
}

async function mergeCommit(
  { context, repository, account, pull, style, body }: Merge,
  { head, base, tree }: { head: string; base: string; tree: string },
): Promise<string> {
  if (style === 'fast-forward-only') {
    if ((await repository.git.mergeBase(base, head)) !== base)
      throw new ApiError(409, 'Merge conflict: the base branch has moved on.');
    return head;
  }
  const title =
    textField(body, 'MergeTitleField') ||
    (style === 'merge'
      ? `Merge pull request '${pull.title}' (#${pull.number}) from ${pull.head} into ${pull.base}`
      : `${pull.title} (#${pull.number})`);
  const text = textField(body, 'MergeMessageField') ?? '';
  return repository.git.commitTree({
    tree,
    parents: style === 'merge' ? [base, head] : [base],
    author: context.forge.signatureOf(account),
    message: text ? `${title}\n\n${text}\n` : `${title}\n`,
  });
}
