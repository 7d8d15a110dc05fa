// SPDX-License-Identifier: Apache-2.0
import { NotFoundError, ServiceUnavailableError } from '@backstage/errors';
import type { ScmIntegrationRegistry } from '@backstage/integration';
import { commitPage, credentialsFromIntegrations } from './credentials';
import { checkUrl } from './GitFleetRepositories';
import { Mirror } from './Mirror';
import { GitError } from './program';

/** A commit of a service's own repository. */
export interface ServiceCommit {
  readonly sha: string;
  /** Whole message, without a last line end. */
  readonly message: string;
  readonly author: string;
  /** When it was committed, ISO 8601 in UTC with milliseconds. */
  readonly time: string;
  /** Page of the commit on the forge, when known. */
  readonly url?: string;
}

/** What lies between two commits. */
export interface CommitRange {
  /** Newest first, at most as many as asked for. */
  readonly commits: readonly ServiceCommit[];
  /** There are more than these. */
  readonly more: boolean;
}

/** Where mirrors of service repositories are kept. */
export interface ServiceRepositoriesOptions {
  /** Folder for the mirrors; of this process alone. */
  readonly directory: string;
  readonly integrations: ScmIntegrationRegistry;
  /** Milliseconds for one fetch. Default 30 s. */
  readonly remoteTimeout?: number;
}

/** Histories of service repositories, from mirrors that hold commits and neither trees nor files. */
export class ServiceRepositories {
  readonly #mirrors = new Map<string, Mirror>();
  readonly #fetching = new Map<Mirror, Promise<void>>();

  constructor(private readonly options: ServiceRepositoriesOptions) {}

  /**
   * Commits that `to` contains and `from` does not. Asks the remote only when it does not have both.
   * @throws InputError for an address that is none, NotFoundError when the repository lacks one of
   *   the commits, ServiceUnavailableError when it can not be read
   */
  async commitsBetween(
    repository: string,
    from: string,
    to: string,
    limit: number,
    signal: AbortSignal,
  ): Promise<CommitRange> {
    const mirror = this.#mirror(repository);
    await this.#bring(mirror, [from, to]);
    signal.throwIfAborted();
    const found = await mirror.log([
      '--format=%H%n%ct%n%an%n%B',
      `--max-count=${limit + 1}`,
      to,
      `^${from}`,
    ]);
    const commits = found.slice(0, limit).map(text => {
      const [sha, seconds, author, ...message] = text.split('\n');
      const url = commitPage(this.options.integrations, repository, sha);
      return {
        sha,
        message: message.join('\n').trim(),
        author,
        time: new Date(Number(seconds) * 1000).toISOString(),
        ...(url && { url }),
      };
    });
    return { commits, more: found.length > limit };
  }

  async #bring(mirror: Mirror, commits: readonly string[]): Promise<void> {
    for (const commit of commits) {
      if (!/^[0-9a-f]{40}$/.test(commit)) {
        throw new NotFoundError(`"${commit}" is no id of a commit.`);
      }
    }
    if ((await this.#lacking(mirror, commits)).length === 0) return;
    await this.#fetch(mirror);
    const [lacking] = await this.#lacking(mirror, commits);
    if (!lacking) return;
    throw new NotFoundError(
      `${mirror.url} has no commit ${lacking} on any branch.`,
    );
  }

  async #lacking(
    mirror: Mirror,
    commits: readonly string[],
  ): Promise<readonly string[]> {
    const known = await Promise.all(commits.map(each => mirror.has(each)));
    return commits.filter((_commit, index) => !known[index]);
  }

  /** Callers that come while a fetch runs share it: commits they ask for are older than that. */
  async #fetch(mirror: Mirror): Promise<void> {
    const running =
      this.#fetching.get(mirror) ??
      mirror.fetchAll().finally(() => this.#fetching.delete(mirror));
    this.#fetching.set(mirror, running);
    try {
      await running;
    } catch (error) {
      if (!(error instanceof GitError)) throw error;
      throw new ServiceUnavailableError(
        `The history of ${mirror.url} can not be read: ${error.message}`,
      );
    }
  }

  #mirror(repository: string): Mirror {
    const known = this.#mirrors.get(repository);
    if (known) return known;
    checkUrl(repository);
    const { directory, integrations, remoteTimeout } = this.options;
    const credentials = credentialsFromIntegrations(integrations);
    const mirror = new Mirror(
      repository,
      { directory, credentials, remoteTimeout },
      'commits',
    );
    this.#mirrors.set(repository, mirror);
    return mirror;
  }
}
