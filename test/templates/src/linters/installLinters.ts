// SPDX-License-Identifier: Apache-2.0
import { defaultCacheFolder } from '@causeway/test-cluster';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { run } from '../run';

const folderOfList = resolve(
  require.resolve('@causeway/test-templates/package.json'),
  '../src/linters',
);

/** Says where a Nix file can not be parsed; for the Python that is installed with the linters. */
export const nixParser = join(folderOfList, 'parse_nix.py');

/**
 * Installs linters from the Python package index, once for each list of them.
 *
 * @param requirements - further ones, as pip's requirements files write them
 * @returns the folder with the programs, in the user's cache
 * @throws Error with what pip said
 */
export async function installLinters(requirements: string): Promise<string> {
  const own = await readFile(join(folderOfList, 'requirements.txt'), 'utf8');
  const wanted = `${own}${requirements}`;
  const identity = createHash('sha256').update(wanted).digest('hex');
  const folder = join(
    dirname(defaultCacheFolder()),
    `linters-${identity.slice(0, 16)}`,
  );
  const programs = join(folder, 'bin');
  const done = join(folder, 'installed');
  if (existsSync(done)) return programs;
  // What an installation that broke off has left is not to be relied on.
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const list = join(folder, 'requirements.txt');
  await writeFile(list, wanted);
  await succeed('python3', ['-m', 'venv', folder]);
  await succeed(join(programs, 'pip'), ['install', '--requirement', list]);
  await writeFile(done, '');
  return programs;
}

async function succeed(
  program: string,
  args: readonly string[],
): Promise<void> {
  const { code, output } = await run(program, args, '/');
  if (code !== 0) throw new Error(output.slice(-2000));
}
