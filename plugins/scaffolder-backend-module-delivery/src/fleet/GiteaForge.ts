// SPDX-License-Identifier: Apache-2.0
import { ResponseError } from '@backstage/errors';
import type { ScmIntegrations } from '@backstage/integration';

/** A proposal to change a branch. */
export interface PullRequest {
  readonly number: number;
  readonly url: string;
}

/** What the onboarding asks of a Gitea or Forgejo: pull requests and secrets of a repository. */
export class GiteaForge {
  private constructor(
    private readonly api: string,
    private readonly authorization: string,
  ) {}

  /** Undefined when the repository is on no forge of this kind. */
  static of(
    integrations: ScmIntegrations,
    repository: string,
  ): GiteaForge | undefined {
    const config = integrations.gitea.byUrl(repository)?.config;
    if (!config?.password) return undefined;
    const base = (config.baseUrl ?? `https://${config.host}`).replace(
      /\/+$/,
      '',
    );
    const [owner, name] = repository
      .slice(base.length)
      .replace(/^\/+/, '')
      .replace(/(\.git)?\/*$/, '')
      .split('/');
    const credentials = `${config.username ?? ''}:${config.password}`;
    return new GiteaForge(
      `${base}/api/v1/repos/${encodeURIComponent(owner)}/${encodeURIComponent(
        name ?? '',
      )}`,
      `Basic ${Buffer.from(credentials).toString('base64')}`,
    );
  }

  /** Whether a branch exists. */
  async hasBranch(branch: string): Promise<boolean> {
    const response = await this.#ask(`/branches/${encodeURIComponent(branch)}`);
    if (response.status === 404) return false;
    await checked(response);
    return true;
  }

  /** The open pull request from one branch to another; it is opened when there is none. */
  async ensurePull(wanted: {
    readonly head: string;
    readonly base: string;
    readonly title: string;
    readonly body: string;
  }): Promise<PullRequest> {
    const existing = await this.findPull(wanted.head);
    if (existing) return existing;
    const response = await checked(
      await this.#ask('/pulls', { method: 'POST', body: wanted }),
    );
    return pullOf(await response.json());
  }

  /** The open pull request from a branch. */
  async findPull(head: string): Promise<PullRequest | undefined> {
    for (let page = 1; ; page += 1) {
      const response = await checked(
        await this.#ask(`/pulls?state=open&limit=50&page=${page}`),
      );
      const pulls: readonly { head?: { ref?: string } }[] =
        await response.json();
      const found = pulls.find(pull => pull.head?.ref === head);
      if (found) return pullOf(found);
      if (pulls.length < 50) return undefined;
    }
  }

  /** Whether the repository has a secret of a name. Undefined: this forge keeps no secrets. */
  async hasSecret(name: string): Promise<boolean | undefined> {
    const response = await this.#ask('/actions/secrets?limit=50');
    if (response.status === 404 || response.status === 405) return undefined;
    await checked(response);
    const secrets: readonly { name?: string }[] = await response.json();
    return secrets.some(secret => secret.name === name);
  }

  /** Sets a secret for the workflows of the repository; it can not be read back. */
  async setSecret(name: string, data: string): Promise<void> {
    await checked(
      await this.#ask(`/actions/secrets/${encodeURIComponent(name)}`, {
        method: 'PUT',
        body: { data },
      }),
    );
  }

  #ask(
    path: string,
    options: { readonly method?: string; readonly body?: object } = {},
  ): Promise<Response> {
    return fetch(`${this.api}${path}`, {
      method: options.method ?? 'GET',
      headers: {
        Authorization: this.authorization,
        ...(options.body && { 'Content-Type': 'application/json' }),
      },
      ...(options.body && { body: JSON.stringify(options.body) }),
      signal: AbortSignal.timeout(30_000),
    });
  }
}

async function checked(response: Response): Promise<Response> {
  if (!response.ok) throw await ResponseError.fromResponse(response);
  return response;
}

function pullOf(value: unknown): PullRequest {
  const pull = value as { readonly number: number; readonly html_url: string };
  return { number: pull.number, url: pull.html_url };
}
