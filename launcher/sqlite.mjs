// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from './failure.mjs';
import { repository } from './folders.mjs';
import { progress } from './progress.mjs';

/**
 * Builds the SQLite driver, which only the tests of the second database engine need. It takes a minute of
 * one processor.
 */
export async function buildSqliteDriver(node, environment) {
  const modules = join(repository, 'node_modules');
  const folder = join(modules, 'better-sqlite3');
  if (existsSync(join(folder, 'build', 'Release', 'better_sqlite3.node'))) {
    return;
  }
  progress('Building the SQLite driver (about 1 min, once)');
  const { code, said } = await ended(
    spawn(
      node.executable,
      [
        join(modules, 'node-gyp', 'bin', 'node-gyp.js'),
        'rebuild',
        '--release',
        `--nodedir=${node.home}`,
      ],
      {
        cwd: folder,
        env: environment,
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    ),
  );
  if (code !== 0) {
    throw new Failure(
      `The SQLite driver could not be built. It needs a C++ compiler, make and Python 3 (on Debian: apt-get install build-essential python3).\n${said
        .split('\n')
        .slice(-8)
        .join('\n')}`,
    );
  }
}

/** How a program ended, and what it said on standard error. */
function ended(child) {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr.on('data', chunk => (said += chunk));
    child.on('error', reject);
    child.on('close', code => resolve({ code, said }));
  });
}
