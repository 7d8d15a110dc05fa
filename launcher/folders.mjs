// SPDX-License-Identifier: Apache-2.0
import { accessSync, constants, mkdirSync, statSync } from 'node:fs';
import { homedir, platform } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout. */
export const repository = dirname(dirname(fileURLToPath(import.meta.url)));

/** Where the embedded default keeps its data: git-ignored, kept over restarts. */
export function dataDirectory() {
  return resolve(repository, process.env.CAUSEWAY_DATA ?? '.causeway');
}

/** A folder for things that every checkout of this user can share, such as a Node binary. */
export function cacheDirectory() {
  const base =
    process.env.XDG_CACHE_HOME ??
    (platform() === 'darwin'
      ? join(homedir(), 'Library', 'Caches')
      : join(homedir(), '.cache'));
  const directory = join(base, 'causeway');
  mkdirSync(directory, { recursive: true });
  return directory;
}

/** Whether a folder can be entered by users other than its owner, which PostgreSQL needs when root starts it. */
export function reachableByOthers(directory) {
  for (let current = resolve(directory); ; current = dirname(current)) {
    try {
      accessSync(current, constants.F_OK);
      if ((statSync(current).mode & 0o001) === 0) {
        return false;
      }
    } catch {
      // Not there yet: whoever makes it decides, its parents still count.
    }
    if (current === dirname(current)) {
      return true;
    }
  }
}
