// SPDX-License-Identifier: Apache-2.0
import {
  DefaultGithubCredentialsProvider,
  type ScmIntegrationRegistry,
} from '@backstage/integration';
import type { GitCredentials } from './program';

/** Finds the credentials for a repository, or undefined to try without. */
export type CredentialsFor = (
  repository: string,
) => Promise<GitCredentials | undefined>;

/** Credentials from the portal's `integrations.{gitea,github,gitlab}`, by the host of the repository. */
export function credentialsFromIntegrations(
  integrations: ScmIntegrationRegistry,
): CredentialsFor {
  const github =
    DefaultGithubCredentialsProvider.fromIntegrations(integrations);
  return async repository => {
    const gitea = integrations.gitea.byUrl(repository)?.config;
    if (gitea?.password) {
      return { username: gitea.username ?? 'git', password: gitea.password };
    }
    const gitlab = integrations.gitlab.byUrl(repository)?.config;
    if (gitlab?.token) return { username: 'oauth2', password: gitlab.token };
    if (!integrations.github.byUrl(repository)) return undefined;
    const { token } = await github.getCredentials({ url: repository });
    return token ? { username: 'x-access-token', password: token } : undefined;
  };
}

/** The page of a commit on its forge; undefined for a forge that the portal does not know. */
export function commitPage(
  integrations: ScmIntegrationRegistry,
  repository: string,
  sha: string,
): string | undefined {
  const page = repository.replace(/\/+$/, '').replace(/\.git$/, '');
  switch (integrations.byUrl(repository)?.type) {
    case 'gitlab':
      return `${page}/-/commit/${sha}`;
    case 'gitea':
    case 'github':
      return `${page}/commit/${sha}`;
    default:
      return undefined;
  }
}
