// SPDX-License-Identifier: Apache-2.0
import { pullShape } from '../api/pullRecords';
import { ApiContext } from '../api/requests';
import {
  instant,
  payloadCommit,
  repositoryShape,
  userShape,
} from '../api/shapes';
import { ForgeEvent, Push } from '../Forge';
import type { HookEvent, ReviewState } from '../records';

const zeroSha = '0'.repeat(40);

/** An event as a webhook tells it. */
export interface Message {
  /** What a hook must have asked for. */
  readonly subscription: HookEvent;
  /** `X-Gitea-Event`. */
  readonly event: string;
  /** `X-Gitea-Event-Type`; finer than the event for reviews. */
  readonly type: string;
  readonly payload: object;
}

/** Names that Gitea gives to reviews, in its two headers. */
const reviewNames = {
  APPROVED: ['pull_request_approved', 'pull_request_review_approved'],
  REQUEST_CHANGES: ['pull_request_rejected', 'pull_request_review_rejected'],
  COMMENT: ['pull_request_comment', 'pull_request_review_comment'],
} satisfies Record<ReviewState, readonly [string, string]>;

/** Tells of a moved branch; commits newest first, as Gitea lists them. */
export async function pushMessage(
  context: ApiContext,
  push: Push,
): Promise<Message> {
  const { repository, branch, before, after, pusher } = push;
  const commits = after
    ? await repository.git.log({ from: after, excluding: before, limit: 50 })
    : [];
  const described = [];
  for (const commit of commits) {
    const files = await repository.git.differences(
      commit.parents[0],
      commit.sha,
    );
    described.push(payloadCommit(context, repository, commit, files));
  }
  const user = userShape(context, pusher);
  return {
    subscription: 'push',
    event: 'push',
    type: 'push',
    payload: {
      ref: `refs/heads/${branch}`,
      before: before ?? zeroSha,
      after: after ?? zeroSha,
      compare_url:
        before && after
          ? `${context.baseUrl()}/${
              repository.fullName
            }/compare/${before}...${after}`
          : '',
      commits: described,
      total_commits: described.length,
      head_commit: described[0] ?? null,
      repository: repositoryShape(context, repository, pusher),
      pusher: user,
      sender: user,
    },
  };
}

/** Tells of a pull request, a review or a status. */
export async function eventMessage(
  context: ApiContext,
  event: ForgeEvent,
): Promise<Message> {
  const common = {
    repository: repositoryShape(context, event.repository, event.sender),
    sender: userShape(context, event.sender),
  };
  if (event.kind === 'status') {
    const { repository, status } = event;
    const commit = await repository.git.commit(status.sha);
    const at = instant(new Date(status.createdAt));
    return {
      subscription: 'status',
      event: 'status',
      type: 'status',
      payload: {
        ...common,
        commit: commit ? payloadCommit(context, repository, commit) : null,
        context: status.context,
        description: status.description,
        id: status.id,
        sha: status.sha,
        state: status.state,
        target_url: status.targetUrl,
        created_at: at,
        updated_at: at,
      },
    };
  }
  const described = {
    ...common,
    number: event.pull.number,
    pull_request: await pullShape(context, event.repository, event.pull),
    requested_reviewer: null,
    commit_id: '',
  };
  if (event.kind === 'review') {
    const [name, type] = reviewNames[event.review.state];
    return {
      subscription: 'pull_request_review',
      event: name,
      type,
      payload: {
        ...described,
        action: 'reviewed',
        review: { type, content: event.review.body },
      },
    };
  }
  const synchronized = event.action === 'synchronized';
  return {
    subscription: synchronized ? 'pull_request_sync' : 'pull_request',
    event: 'pull_request',
    type: synchronized ? 'pull_request_sync' : 'pull_request',
    payload: { ...described, action: event.action, review: null },
  };
}
