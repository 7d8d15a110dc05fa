// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ForgeClient, Repository } from '../ForgeClient';

const run = promisify(execFile);

/** Clone, fetch and push with the real git. */
export function smartHttp(client: () => ForgeClient): void {
  describe('Git over HTTP', () => {
    let directory: string;
    beforeEach(async () => {
      directory = await mkdtemp(join(tmpdir(), 'forge-conformance-'));
    });
    afterEach(() => rm(directory, { recursive: true, force: true }));

    const git = (...args: readonly string[]) =>
      run(
        'git',
        ['-c', 'user.name=Mia', '-c', 'user.email=m@n.example', ...args],
        {
          cwd: directory,
          env: {
            PATH: process.env.PATH,
            HOME: directory,
            LC_ALL: 'C.UTF-8',
            GIT_TERMINAL_PROMPT: '0',
            GIT_CONFIG_NOSYSTEM: '1',
          },
        },
      );
    const cloneWithCommit = async (repository: Repository) => {
      await git('clone', '-q', client().gitAddress(repository.name), '.');
      await writeFile(join(directory, 'a.txt'), 'a\n');
      await git('add', '.');
      await git('commit', '-qm', 'Add a');
    };

    it('lets anybody clone and an account push', async () => {
      const repository = await client().repository();
      await cloneWithCommit(repository);
      const address = (login?: 'mia') =>
        client().gitAddress(repository.name, login);
      await expect(git('push', address(), 'main')).rejects.toThrow(
        /could not read|Authentication failed/,
      );
      await git('push', '-q', address('mia'), 'main');
      const { stdout } = await git('rev-parse', 'HEAD');
      const tip = await repository.request('mia', 'GET', '/branches/main');
      expect(tip.body.commit.id).toBe(stdout.trim());
    });

    it('refuses readers and wrong passwords', async () => {
      const repository = await client().repository();
      await cloneWithCommit(repository);
      await expect(
        git('push', client().gitAddress(repository.name, 'flux'), 'main:x'),
      ).rejects.toThrow(
        /error: User permission denied for writing\.[\s\S]*pre-receive hook declined/,
      );
      const wrong = client()
        .gitAddress(repository.name, 'mia')
        .replace(client().forge.password, 'wrong');
      await expect(git('push', wrong, 'main:x')).rejects.toThrow(
        /Authentication failed/,
      );
    });

    it('guards a protected branch from strangers, force and deletion', async () => {
      const repository = await client().repository();
      await repository.request('causeway', 'POST', '/branch_protections', {
        rule_name: 'main',
        enable_push: true,
        enable_push_whitelist: true,
        push_whitelist_usernames: ['causeway'],
      });
      await cloneWithCommit(repository);
      const mia = client().gitAddress(repository.name, 'mia');
      const causeway = client().gitAddress(repository.name, 'causeway');
      await expect(git('push', mia, 'main')).rejects.toThrow(
        /error: Not allowed to push to protected branch main[\s\S]*pre-receive hook declined/,
      );
      await git('push', '-q', mia, 'main:proposal');
      await git('push', '-q', causeway, 'main');
      await expect(git('push', causeway, '+HEAD~1:main')).rejects.toThrow(
        /error: branch main is protected from force push/,
      );
      await expect(git('push', causeway, ':main')).rejects.toThrow(
        /error: branch main is the default branch and cannot be deleted/,
      );
    });
  });
}
