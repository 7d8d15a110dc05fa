// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fingerprint, onceFor } from './fingerprint.mjs';
import { repository } from './folders.mjs';
import { runYarn } from './packages.mjs';
import { progress } from './progress.mjs';

/** What ends up in the browser, or decides how it gets there: all plugins but those of the backend. */
function sources() {
  const plugins = readdirSync(join(repository, 'plugins'))
    .filter(name => !name.includes('backend'))
    .map(name => join('plugins', name));
  return [
    'yarn.lock',
    'packages/app',
    'plugins/auth-backend-module-demo/config.d.ts',
    ...plugins,
  ].map(path => join(repository, path));
}

/** Builds the portal's pages, unless they were built from the same sources before. */
export async function buildPortal(node, environment) {
  const built = join(repository, 'packages', 'app', 'dist');
  await onceFor(
    join(repository, '.cache', 'portal-built'),
    fingerprint(sources()),
    async () => {
      progress('Building the portal (about 20 s, only after a change)');
      mkdirSync(join(repository, '.cache'), { recursive: true });
      await runYarn(
        node,
        environment,
        ['workspace', 'app', 'build'],
        'Building the portal',
      );
    },
  );
  return built;
}
