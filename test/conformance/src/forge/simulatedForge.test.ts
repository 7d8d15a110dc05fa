// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startForge } from '@causeway/simulator';
import { forgeConformance } from './forgeConformance';
import { Login, logins } from './ForgeUnderTest';

jest.setTimeout(60_000);

const roles = {
  causeway: 'administrator',
  mia: 'developer',
  jonas: 'developer',
  flux: 'reader',
} as const satisfies Record<Login, string>;

describe('the simulated forge', () => {
  forgeConformance(async () => {
    const directory = await mkdtemp(join(tmpdir(), 'forge-under-test-'));
    const password = 'a-password-for-tests';
    const forge = await startForge({
      directory: join(directory, 'forge'),
      port: 0,
      password,
      clock: () => new Date(),
      accounts: logins.map((login, index) => ({
        id: index + 1,
        login,
        fullName: `${login} of Norden`,
        email: `${login}@norden.example`,
        role: roles[login],
      })),
    });
    return {
      url: forge.url,
      password,
      async stop() {
        await forge.stop();
        await rm(directory, { recursive: true, force: true });
      },
    };
  });
});
