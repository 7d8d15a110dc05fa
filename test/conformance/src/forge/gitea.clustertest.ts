// SPDX-License-Identifier: Apache-2.0
import { Gitea, startGitea } from '@causeway/test-cluster';
import { forgeConformance } from './forgeConformance';
import { logins, owner } from './ForgeUnderTest';

jest.setTimeout(600_000);

const password = 'a-password-for-tests';

describe('a real Gitea', () => {
  forgeConformance(async () => {
    const gitea = await startGitea();
    try {
      await prepare(gitea);
      return { url: gitea.url, password, stop: () => gitea.stop() };
    } catch (error) {
      await gitea.stop();
      throw error;
    }
  });
});

/** Makes the accounts, the organization, and the team of those who may write. */
async function prepare({ url, administrator }: Gitea): Promise<void> {
  const credentials = Buffer.from(
    `${administrator.login}:${administrator.password}`,
  ).toString('base64');
  const ask = async (method: string, path: string, body: object = {}) => {
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: {
        Authorization: `Basic ${credentials}`,
        'Content-Type': 'application/json',
      },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok)
      throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text ? JSON.parse(text) : undefined;
  };
  for (const login of logins)
    await ask('POST', '/admin/users', {
      username: login,
      email: `${login}@norden.example`,
      full_name: `${login} of Norden`,
      password,
      must_change_password: false,
    });
  await ask('PATCH', '/admin/users/causeway', {
    admin: true,
    login_name: 'causeway',
    source_id: 0,
  });
  await ask('POST', '/admin/users/causeway/orgs', { username: owner });
  const { id } = await ask('POST', `/orgs/${owner}/teams`, {
    name: 'developers',
    permission: 'write',
    includes_all_repositories: true,
    units_map: { 'repo.code': 'write', 'repo.pulls': 'write' },
  });
  for (const login of ['mia', 'jonas'])
    await ask('PUT', `/teams/${id}/members/${login}`);
}
