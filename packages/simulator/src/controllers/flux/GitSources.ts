// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { GitRepository } from './fluxObjects';
import { GitCredentials, GitSource } from './gitSource';

/**
 * The mirrors of the sources of any number of clusters: those that follow the
 * same reference of the same repository as the same user have one together.
 */
export class GitSources {
  readonly #sources = new Map<string, GitSource>();

  constructor(private readonly directory: string) {}

  /** The mirror of what a GitRepository follows; made at the first call. */
  of(
    { url, ref }: GitRepository['spec'],
    credentials: GitCredentials | undefined,
  ): GitSource {
    const { branch, tag, commit } = ref ?? {};
    const key = createHash('sha256')
      .update(JSON.stringify([url, branch, tag, commit, credentials]))
      .digest('hex')
      .slice(0, 24);
    const known = this.#sources.get(key);
    if (known) return known;
    const source = new GitSource(
      { url, ref },
      credentials,
      join(this.directory, `${key}.git`),
    );
    this.#sources.set(key, source);
    return source;
  }
}
