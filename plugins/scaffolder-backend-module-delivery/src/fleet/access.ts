// SPDX-License-Identifier: Apache-2.0
import { InputError } from '@backstage/errors';
import {
  DefaultGithubCredentialsProvider,
  type ScmIntegrations,
} from '@backstage/integration';

/** How to reach a repository: with which credentials, and on which forge. */
export interface FleetAccess {
  readonly cloneUrl: string;
  readonly auth: { readonly username: string; readonly password: string };
}

/**
 * Credentials from the portal's `integrations`, by the host of the repository.
 *
 * @throws InputError when no integration has credentials for it
 */
export async function accessTo(
  integrations: ScmIntegrations,
  repository: string,
): Promise<FleetAccess> {
  const gitea = integrations.gitea.byUrl(repository)?.config;
  if (gitea?.password) {
    return {
      cloneUrl: repository,
      auth: { username: gitea.username ?? 'git', password: gitea.password },
    };
  }
  const gitlab = integrations.gitlab.byUrl(repository)?.config;
  if (gitlab?.token) {
    return {
      cloneUrl: repository,
      auth: { username: 'oauth2', password: gitlab.token },
    };
  }
  if (integrations.github.byUrl(repository)) {
    const { token } = await DefaultGithubCredentialsProvider.fromIntegrations(
      integrations,
    ).getCredentials({ url: repository });
    if (token) {
      return {
        cloneUrl: repository,
        auth: { username: 'x-access-token', password: token },
      };
    }
  }
  throw new InputError(
    `The portal has no credentials for ${repository}. Add its host to \`integrations\` in the configuration.`,
  );
}
