// SPDX-License-Identifier: Apache-2.0
import type { Push } from './Forge';
import { ForgeRepository } from './ForgeRepository';
import type { PullRequest } from './records';

/**
 * The pull request after its head has moved: reviews are of an older state now,
 * and approvals are void where the protection of its base says so.
 */
function withNewHead(
  pull: PullRequest,
  options: {
    readonly dismissStaleApprovals: boolean;
    readonly updatedAt: string;
  },
): PullRequest {
  return {
    ...pull,
    updatedAt: options.updatedAt,
    reviews: pull.reviews?.map(review => ({
      ...review,
      stale: review.state !== 'COMMENT',
      dismissed:
        review.dismissed ||
        (options.dismissStaleApprovals && review.state === 'APPROVED'),
    })),
  };
}

/** Brings the open pull requests of moved branches up to date and returns them. */
export async function followPulls(
  repository: ForgeRepository,
  moves: readonly Pick<Push, 'branch' | 'after'>[],
  now: Date,
): Promise<readonly PullRequest[]> {
  const followed: PullRequest[] = [];
  for (const { branch, after } of moves) {
    const open = repository.pulls.filter(
      ({ state, head }) => state === 'open' && head === branch,
    );
    for (const pull of after ? open : []) {
      const changed = withNewHead(pull, {
        dismissStaleApprovals:
          repository.protectionOf(pull.base)?.dismissStaleApprovals ?? false,
        updatedAt: now.toISOString(),
      });
      await repository.storePull(changed);
      followed.push(changed);
    }
  }
  return followed;
}
