// SPDX-License-Identifier: Apache-2.0
import type { Config } from '@backstage/config';

/** The secrets with which repositories' CI signs, by repository. */
export interface ReleaseSecrets {
  /** Every secret whose pattern matches; more than one while a secret is being replaced. */
  for(repository: string): readonly string[];
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
  return {
    for: repository =>
      entries
        .filter(({ matches }) => matches(normalizeRepository(repository)))
        .map(({ secret }) => secret),
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
