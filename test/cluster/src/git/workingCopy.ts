// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** A clone in a temporary folder, for tests that play an engineer. */
export interface WorkingCopy {
  readonly folder: string;
  /**
   * Writes files (path below the root → text), commits them to `main` and
   * pushes.
   *
   * @returns the full commit id, which is then on the remote.
   */
  push(
    message: string,
    files: Readonly<Record<string, string>>,
  ): Promise<string>;
  remove(): Promise<void>;
}

/** Clones a repository, which may be empty, from an address or path. */
export async function cloneRepository(remote: string): Promise<WorkingCopy> {
  const folder = await mkdtemp(join(tmpdir(), 'causeway-clone-'));
  const git = async (...args: string[]) => {
    const { stdout } = await execute('git', ['-C', folder, ...args]);
    return stdout.trim();
  };
  await git('clone', '--quiet', remote, '.');
  await git('config', 'user.name', 'Test Engineer');
  await git('config', 'user.email', 'engineer@example.test');
  return {
    folder,
    async push(message, files) {
      for (const [path, text] of Object.entries(files)) {
        await mkdir(dirname(join(folder, path)), { recursive: true });
        await writeFile(join(folder, path), text);
      }
      await git('add', '--all');
      await git('commit', '--quiet', '-m', message);
      await git('push', '--quiet', 'origin', 'HEAD:main');
      return git('rev-parse', 'HEAD');
    },
    async remove() {
      await rm(folder, { recursive: true, force: true });
    },
  };
}
