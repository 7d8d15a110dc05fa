// SPDX-License-Identifier: Apache-2.0
import { Account, mayWrite, ProtectedBranch } from './accounts';
import type { CommitStatus, Review } from './records';
import { combinedState } from './statuses';

/** Who may change a branch and what a pull request needs before it may be merged into it; named as in Gitea. */
export interface BranchProtection {
  /** The one branch it is about. */
  readonly branch: string;
  /** Without it nobody may push; changes come by pull requests only. */
  readonly enablePush: boolean;
  /** With it only the listed accounts may push. */
  readonly enablePushWhitelist: boolean;
  readonly pushers: readonly string[];
  /** With it only the listed accounts may merge; else everybody who may write. */
  readonly enableMergeWhitelist: boolean;
  readonly mergers: readonly string[];
  readonly requiredApprovals: number;
  readonly enableStatusCheck: boolean;
  /** Statuses that must be there and have passed; when empty, all that are there. */
  readonly statusCheckContexts: readonly string[];
  readonly blockOnRejectedReviews: boolean;
  /** A push to the head makes earlier approvals void. */
  readonly dismissStaleApprovals: boolean;
  /** Even administrators cannot force a merge. */
  readonly blockAdminMergeOverride: boolean;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** A protection that lets nobody push and asks for nothing else: what Gitea makes of a bare name. */
export function newProtection(branch: string, now: string): BranchProtection {
  return {
    branch,
    enablePush: false,
    enablePushWhitelist: false,
    pushers: [],
    enableMergeWhitelist: false,
    mergers: [],
    requiredApprovals: 0,
    enableStatusCheck: false,
    statusCheckContexts: [],
    blockOnRejectedReviews: false,
    dismissStaleApprovals: false,
    blockAdminMergeOverride: false,
    createdAt: now,
    updatedAt: now,
  };
}

/** The protection of a seeded branch: its pushers, and nobody else, may push and merge. */
export function seededProtection(
  { branch, pushers }: ProtectedBranch,
  createdAt: string,
): BranchProtection {
  return {
    ...newProtection(branch, createdAt),
    enablePush: true,
    enablePushWhitelist: true,
    pushers,
    enableMergeWhitelist: true,
    mergers: pushers,
  };
}

/** Whether an account may move a branch by a push or a commit through the API. */
export function mayPush(
  account: Account,
  protection: BranchProtection | undefined,
): boolean {
  if (!mayWrite(account)) return false;
  if (!protection) return true;
  if (!protection.enablePush) return false;
  return (
    !protection.enablePushWhitelist ||
    protection.pushers.includes(account.login)
  );
}

/** Whether an account may merge into a branch at all. */
export function mayMerge(
  account: Account,
  protection: BranchProtection | undefined,
): boolean {
  return protection?.enableMergeWhitelist
    ? protection.mergers.includes(account.login)
    : mayWrite(account);
}

/** What a protection looks at before a merge. */
interface MergeFacts {
  /** The latest status of each context of the head. */
  readonly statuses: readonly CommitStatus[];
  readonly reviews: readonly Review[];
}

/**
 * Why a pull request may not be merged yet, in Gitea's words; undefined when it
 * may. Checks are asked before approvals, approvals before rejections, so the
 * same sentence comes first as there.
 */
export function mergeObstacle(
  protection: BranchProtection | undefined,
  { statuses, reviews }: MergeFacts,
): string | undefined {
  if (!protection) return undefined;
  if (protection.enableStatusCheck && !checksPassed(protection, statuses))
    return 'Not all required status checks successful';
  const counted = reviews.filter(
    ({ official, dismissed }) => official && !dismissed,
  );
  const approvals = counted.filter(({ state }) => state === 'APPROVED');
  if (approvals.length < protection.requiredApprovals)
    return 'Does not have enough approvals';
  const rejected = counted.some(({ state }) => state === 'REQUEST_CHANGES');
  return protection.blockOnRejectedReviews && rejected
    ? 'There are requested changes'
    : undefined;
}

function checksPassed(
  { statusCheckContexts }: BranchProtection,
  statuses: readonly CommitStatus[],
): boolean {
  const required = statusCheckContexts.length
    ? statuses.filter(({ context }) => statusCheckContexts.includes(context))
    : statuses;
  const present = new Set(required.map(({ context }) => context));
  return (
    statusCheckContexts.every(context => present.has(context)) &&
    combinedState(required.map(({ state }) => state)) === 'success'
  );
}
