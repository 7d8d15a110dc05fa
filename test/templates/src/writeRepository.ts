// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Rendered } from './ScaffolderUnderTest';

/** Writes what a template made into a folder, as its first commit. */
export async function writeRepository(
  { files }: Rendered,
  folder: string,
): Promise<void> {
  for (const [path, text] of files) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    // A dry run forgets who may run what; the first line tells.
    await writeFile(file, text, {
      mode: text.startsWith('#!') ? 0o755 : 0o644,
    });
  }
  const git = (...args: readonly string[]) =>
    execFileSync('git', args, { cwd: folder, stdio: 'pipe' });
  git('init', '--quiet', '--initial-branch', 'main');
  git('config', 'user.name', 'Mia Lindqvist');
  git('config', 'user.email', 'mia@norden.example');
  git('add', '--all');
  git('commit', '--quiet', '--message', 'Begin with the template');
}
