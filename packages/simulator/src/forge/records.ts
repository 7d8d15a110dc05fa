// SPDX-License-Identifier: Apache-2.0
import type { StatusState } from './statuses';

/** A pull request as it is stored. */
export interface PullRequest {
  readonly number: number;
  readonly title: string;
  readonly body: string;
  readonly author: string;
  readonly head: string;
  readonly base: string;
  readonly state: 'open' | 'closed';
  readonly mergeCommit?: string;
  readonly mergedBy?: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly closedAt?: string;
  /** Head and base when it was closed; an open one follows its branches. */
  readonly closedHead?: string;
  readonly closedBase?: string;
  /** Oldest first. */
  readonly reviews?: readonly Review[];
}

/** How somebody judged a pull request. */
export type ReviewState = 'APPROVED' | 'REQUEST_CHANGES' | 'COMMENT';

/** One review of a pull request. */
export interface Review {
  readonly id: number;
  readonly author: string;
  readonly state: ReviewState;
  readonly body: string;
  /** The head that was judged. */
  readonly commit: string;
  /** The head has moved since. */
  readonly stale: boolean;
  /** It counts: its author may write. */
  readonly official: boolean;
  /** A later review of the same author, or a push, has made it void. */
  readonly dismissed: boolean;
  readonly submittedAt: string;
}

/** One report of some check about a commit. */
export interface CommitStatus {
  readonly id: number;
  readonly sha: string;
  readonly state: StatusState;
  readonly context: string;
  readonly description: string;
  readonly targetUrl: string;
  readonly creator: string;
  readonly createdAt: string;
}

/** What a hook can be told of. `pull_request_review` stands for approvals, rejections and remarks. */
export const hookEvents = [
  'push',
  'pull_request',
  'pull_request_sync',
  'pull_request_review',
  'status',
] as const;

/** What a hook can be told of. */
export type HookEvent = (typeof hookEvents)[number];

/** An address that is told about events. */
export interface Hook {
  readonly id: number;
  readonly url: string;
  readonly secret: string;
  readonly active: boolean;
  /** Left out by hooks of earlier versions: pushes only. */
  readonly events?: readonly HookEvent[];
  readonly createdAt: string;
}

/** What the workflows of a repository know and nobody reads. */
export interface Secret {
  readonly name: string;
  readonly value: string;
  readonly createdAt: string;
}
