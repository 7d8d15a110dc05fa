// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { withEmbeddedDefault } from './embedded.mjs';
import { endWith } from './failure.mjs';
import { repository } from './folders.mjs';
import { readFlags } from './flags.mjs';
import { ensureNode22, environmentOf } from './node22.mjs';
import { installPackages } from './packages.mjs';
import { progress } from './progress.mjs';

/** The portal with hot reload: pages on port 3000, the backend restarted after each change. */
try {
  // Before anything is installed: a wrong flag is said at once.
  readFlags(process.env);
  const node = ensureNode22();
  const environment = environmentOf(node);
  await installPackages(node, environment);
  await withEmbeddedDefault(node, environment, async embedded => {
    await embedded.startSurroundings();
    await embedded.untilSimulatorReady();
    progress(
      'Starting the portal with hot reload; the pages come up on http://localhost:3000',
    );
    await new Promise((resolve, reject) => {
      const child = spawn(
        node.executable,
        [
          'node_modules/@backstage/cli/bin/backstage-cli',
          'repo',
          'start',
          ...embedded.configurationOptions,
          '--config',
          'app-config.development.yaml',
        ],
        { cwd: repository, env: embedded.environment, stdio: 'inherit' },
      );
      child.on('error', reject);
      child.on('exit', resolve);
    });
  });
  process.exit(0);
} catch (error) {
  endWith(error);
}
