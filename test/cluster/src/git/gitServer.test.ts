// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { GitServer, startGitServer } from './gitServer';
import { cloneRepository } from './workingCopy';

// Real processes on a machine that may be busy.
jest.setTimeout(30_000);

const execute = promisify(execFile);

async function tipOf(repository: string): Promise<string> {
  const { stdout } = await execute('git', ['ls-remote', repository, 'main'], {
    env: { ...process.env, GIT_TERMINAL_PROMPT: '0' },
  });
  return stdout.split('\t')[0];
}

describe('Git server', () => {
  let server: GitServer;

  beforeEach(async () => {
    server = await startGitServer();
  });

  afterEach(() => server.stop());

  it('takes pushes and gives them to the next clone', async () => {
    const remote = await server.createRepository('fleet');
    const writer = await cloneRepository(remote);
    // Above Git's buffer of 1 MiB a push comes in chunks, without a length.
    const large = randomBytes(2 * 1024 * 1024).toString('hex');
    const commit = await writer.push('Add the sorter', {
      'apps/sorter.yaml': 'replicas: 3\n',
      'apps/large.txt': large,
    });

    const reader = await cloneRepository(remote);
    const text = await readFile(
      join(reader.folder, 'apps/sorter.yaml'),
      'utf8',
    );

    expect(await tipOf(remote)).toBe(commit);
    expect(text).toBe('replicas: 3\n');
    await Promise.all([writer.remove(), reader.remove()]);
  });

  it('keeps repositories apart and knows which it has', async () => {
    await server.createRepository('fleet');

    expect(await tipOf(`${server.url}/fleet.git`)).toBe('');
    await expect(tipOf(`${server.url}/other.git`)).rejects.toThrow('not found');
  });

  it('asks for the login it was given', async () => {
    const login = { user: 'flux', password: 'only:for=tests' };
    const closed = await startGitServer({ login });
    const remote = await closed.createRepository('fleet');
    const signedIn = new URL(remote);
    signedIn.username = login.user;
    signedIn.password = encodeURIComponent(login.password);

    await expect(tipOf(remote)).rejects.toThrow('could not read Username');
    expect(await tipOf(signedIn.href)).toBe('');
    await closed.stop();
  });
});
