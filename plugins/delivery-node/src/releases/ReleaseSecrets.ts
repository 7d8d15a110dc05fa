// SPDX-License-Identifier: Apache-2.0
import { createHmac } from 'node:crypto';
import type { Config } from '@backstage/config';

/** The secrets with which repositories' CI signs, by repository. */
export interface ReleaseSecrets {
  /**
   * What may sign for a repository: every secret whose pattern matches, and the repository's own key
   * under each; more than one secret while one is being replaced.
   */
  for(repository: string): readonly string[];
  /** The repository's own key, under the secret that is named first; undefined when none matches. */
  keyOf(repository: string): string | undefined;
}

/**
 * The key of one repository: hexadecimal HMAC-SHA256 of `release:<repository>`. What leaks from one
 * repository signs for no other.
 */
export function releaseKey(secret: string, repository: string): string {
  return createHmac('sha256', secret)
    .update(`release:${normalizeRepository(repository)}`)
    .digest('hex');
}

/**
 * Reads `delivery.releases.secrets`. In a pattern `*` stands for anything but a slash, so
 * `https://forge.example/team/*` covers a team's repositories and no other.
 */
export function readReleaseSecrets(config: Config): ReleaseSecrets {
  const entries = (
    config.getOptionalConfigArray('delivery.releases.secrets') ?? []
  ).map(entry => ({
    matches: globMatcher(normalizeRepository(entry.getString('repository'))),
    secret: entry.getString('secret'),
  }));
  const matching = (repository: string) =>
    entries
      .filter(({ matches }) => matches(normalizeRepository(repository)))
      .map(({ secret }) => secret);
  return {
    for: repository =>
      matching(repository).flatMap(secret =>
        secret === '' ? [] : [secret, releaseKey(secret, repository)],
      ),
    keyOf: repository => {
      const secret = matching(repository).find(each => each !== '');
      return secret && releaseKey(secret, repository);
    },
  };
}

/** One spelling of a repository URL: no trailing slash, no `.git`. */
export function normalizeRepository(url: string): string {
  return url.replace(/\/+$/, '').replace(/\.git$/, '');
}

function globMatcher(pattern: string): (text: string) => boolean {
  const source = pattern
    .split('*')
    .map(part => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('[^/]*');
  const expression = new RegExp(`^${source}$`);
  return text => expression.test(text);
}
