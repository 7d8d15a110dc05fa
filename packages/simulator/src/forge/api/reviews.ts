// SPDX-License-Identifier: Apache-2.0
import PromiseRouter from 'express-promise-router';
import type { Request, Router } from 'express';
import { Account, mayWrite } from '../accounts';
import { ForgeRepository } from '../ForgeRepository';
import { PullRequest, Review, ReviewState } from '../records';
import { ApiError } from './errors';
import { endsOf, pullOf } from './pullRecords';
import {
  ApiContext,
  pageOf,
  repositoryOf,
  requireAccount,
  textField,
} from './requests';
import { instant, userShape } from './shapes';

const states: readonly ReviewState[] = [
  'APPROVED',
  'REQUEST_CHANGES',
  'COMMENT',
];

/** Reviews of pull requests: approve, ask for changes, remark. They are submitted at once; there are no drafts. */
export function reviewRoutes(context: ApiContext): Router {
  const router = PromiseRouter();
  const base = '/repos/:owner/:repo/pulls/:number/reviews';

  router.get(base, (request, response) => {
    const repository = repositoryOf(context, request);
    const pull = pullOf(repository, request);
    const reviews = pull.reviews ?? [];
    const { skip, limit } = pageOf(request);
    response.set('X-Total-Count', String(reviews.length));
    response.json(
      reviews
        .slice(skip, skip + limit)
        .map(review => reviewShape(context, repository, pull, review)),
    );
  });
  router.post(base, async (request, response) => {
    const account = requireAccount(request);
    const repository = repositoryOf(context, request);
    const pull = pullOf(repository, request);
    const { head } = await endsOf(repository, pull);
    const review = submitted(pull, account, request.body, {
      commit: head ?? '',
      submittedAt: context.forge.now().toISOString(),
    });
    const reviewed = withReview(pull, review);
    await repository.storePull(reviewed);
    context.forge.announce({
      kind: 'review',
      repository,
      pull: reviewed,
      review,
      sender: account,
    });
    response.json(reviewShape(context, repository, reviewed, review));
  });
  router.get(`${base}/:id`, (request, response) => {
    const repository = repositoryOf(context, request);
    const pull = pullOf(repository, request);
    response.json(
      reviewShape(context, repository, pull, reviewOf(pull, request)),
    );
  });
  return router;
}

function reviewOf(pull: PullRequest, request: Request): Review {
  const found = pull.reviews?.find(
    ({ id }) => id === Number(request.params.id),
  );
  if (!found) throw ApiError.notFound();
  return found;
}

/** The review that a body asks for, or a refusal. */
function submitted(
  pull: PullRequest,
  account: Account,
  body: unknown,
  facts: Pick<Review, 'commit' | 'submittedAt'>,
): Review {
  const event = textField(body, 'event');
  const state = states.find(candidate => candidate === event);
  if (!state)
    throw new ApiError(422, `[event]: must be one of ${states.join(', ')}`);
  if (account.login === pull.author && state === 'APPROVED')
    throw new ApiError(422, 'approve your own pull is not allowed');
  if (account.login === pull.author && state === 'REQUEST_CHANGES')
    throw new ApiError(422, 'reject your own pull is not allowed');
  const text = textField(body, 'body') ?? '';
  if (!text && state === 'COMMENT')
    throw new ApiError(
      422,
      'review event COMMENT requires a body or a comment',
    );
  if (!text && state === 'REQUEST_CHANGES')
    throw new ApiError(422, 'review event REQUEST_CHANGES requires a body');
  return {
    ...facts,
    id: (pull.reviews?.at(-1)?.id ?? 0) + 1,
    author: account.login,
    state,
    body: text,
    stale: false,
    official: state !== 'COMMENT' && mayWrite(account),
    dismissed: false,
  };
}

/** The pull request with one more review; a judgement makes earlier ones of the same author void. */
function withReview(pull: PullRequest, review: Review): PullRequest {
  const supersedes = (earlier: Review) =>
    review.state !== 'COMMENT' &&
    earlier.state !== 'COMMENT' &&
    earlier.author === review.author;
  const earlier = (pull.reviews ?? []).map(other =>
    supersedes(other) ? { ...other, official: false, dismissed: true } : other,
  );
  return {
    ...pull,
    reviews: [...earlier, review],
    updatedAt: review.submittedAt,
  };
}

function reviewShape(
  context: ApiContext,
  repository: ForgeRepository,
  pull: PullRequest,
  review: Review,
) {
  const author = context.forge.account(review.author);
  const url = `${context.baseUrl()}/${repository.fullName}/pulls/${
    pull.number
  }`;
  const at = instant(new Date(review.submittedAt));
  return {
    id: review.id,
    user: author ? userShape(context, author) : null,
    team: null,
    state: review.state,
    body: review.body,
    commit_id: review.commit,
    stale: review.stale,
    official: review.official,
    dismissed: review.dismissed,
    comments_count: 0,
    submitted_at: at,
    updated_at: at,
    html_url: `${url}#review-${review.id}`,
    pull_request_url: url,
  };
}
