// SPDX-License-Identifier: Apache-2.0
import { createHmac, randomUUID } from 'node:crypto';
import { ApiContext } from './api/requests';
import { payloadCommit, repositoryShape, userShape } from './api/shapes';
import { Push } from './Forge';
import { Hook } from './ForgeRepository';

const zeroSha = '0'.repeat(40);

/** The body of Gitea's push event. */
export async function pushPayload(context: ApiContext, push: Push) {
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
  };
}

/** The signature Gitea sends: HMAC-SHA256 of the raw body, hexadecimal, without a prefix. */
export function giteaSignature(secret: string, body: string): string {
  return createHmac('sha256', secret).update(body).digest('hex');
}

/** How often and how long a delivery is tried; Gitea tries once. */
const deliveryTimeout = 5_000;

/**
 * Tells the hooks of a repository about a push. A hook that does not answer is
 * logged and forgotten, as Gitea does: receivers must not rely on hooks alone.
 */
export async function deliverPush(
  context: ApiContext,
  push: Push,
  extraHooks: readonly Hook[],
  log: (line: string) => void,
): Promise<void> {
  const hooks = [...push.repository.hooks, ...extraHooks].filter(
    ({ active }) => active,
  );
  if (hooks.length === 0) return;
  const body = JSON.stringify(await pushPayload(context, push));
  await Promise.all(hooks.map(hook => deliver(hook, body, log)));
}

async function deliver(
  hook: Hook,
  body: string,
  log: (line: string) => void,
): Promise<void> {
  const signature = giteaSignature(hook.secret, body);
  try {
    const response = await fetch(hook.url, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        'X-Gitea-Delivery': randomUUID(),
        'X-Gitea-Event': 'push',
        'X-Gitea-Event-Type': 'push',
        'X-Gitea-Signature': signature,
        'X-Hub-Signature-256': `sha256=${signature}`,
      },
      body,
      signal: AbortSignal.timeout(deliveryTimeout),
    });
    if (!response.ok)
      log(`forge: webhook ${hook.url} answered ${response.status}`);
  } catch (error) {
    log(`forge: webhook ${hook.url} could not be reached: ${error}`);
  }
}
