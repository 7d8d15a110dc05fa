// SPDX-License-Identifier: Apache-2.0
import {
  chmod,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  rename,
  rm,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { folderOf } from './cacheFolder';
import { runGo } from './go';
import { putInPlace } from './putInPlace';
import { Program, Tree } from './recipes';

/** The pinned go.mod and go.sum files. */
const MODULES = join(dirname(require.resolve('../../package.json')), 'modules');

/** Builds programs of one tree, each into its own folder of the cache. */
export async function compile(
  { folder, variables = {}, tags = [], cgo }: Tree,
  programs: readonly Program[],
  cacheFolder: string,
): Promise<void> {
  const tree = join(MODULES, folder);
  const settings = Object.entries(variables).map(
    ([name, value]) => `-X ${name}=${value}`,
  );
  // Inside the cache, because a rename cannot cross file systems.
  const aside = await mkdtemp(join(cacheFolder, `${folder}.building-`));
  const built = join(aside, 'built');
  try {
    await runGo(
      [
        'build',
        '-mod=readonly',
        '-trimpath',
        '-buildvcs=false',
        `-tags=${tags.join(',')}`,
        `-ldflags=${['-s', '-w', ...settings].join(' ')}`,
        '-o',
        `${built}/`,
        ...programs.map(program => program.package),
      ],
      tree,
      { cgo },
    );
    for (const program of programs) {
      const whole = join(aside, program.name);
      await mkdir(whole);
      await rename(
        join(built, executableOf(program.package)),
        join(whole, program.name),
      );
      if (program.files) await copyFolders(program.files, tree, whole);
      await putInPlace(whole, folderOf(cacheFolder, program));
    }
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

/** Go calls a program like the last folder of its path that is not just a version. */
function executableOf(importPath: string): string {
  return importPath.replace(/\/v\d+$/, '').replace(/.*\//, '');
}

/** Copies folders of a module that another module requires. */
async function copyFolders(
  { module, folders }: NonNullable<Program['files']>,
  requiredBy: string,
  target: string,
): Promise<void> {
  const answer = await runGo(
    ['list', '-m', '-f', '{{.Dir}}', module],
    requiredBy,
  );
  for (const name of folders)
    await cp(join(answer.trim(), name), join(target, name), {
      recursive: true,
    });
  // Modules are read-only; what is in the cache must be removable.
  for (const entry of await readdir(target, {
    recursive: true,
    withFileTypes: true,
  })) {
    if (entry.isDirectory())
      await chmod(join(entry.parentPath, entry.name), 0o755);
  }
}
