// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { endWith } from './failure.mjs';
import { repository } from './folders.mjs';
import { ensureNode22, environmentOf } from './node22.mjs';
import { installPackages } from './packages.mjs';
import { runProgram } from './suites.mjs';

// The committed yarn, under a Node that Backstage supports, with the packages installed.
try {
  const node = ensureNode22();
  const environment = environmentOf(node);
  await installPackages(node, environment);
  const passed = await runProgram(
    node,
    environment,
    [
      join(repository, '.yarn', 'releases', 'yarn-4.13.0.cjs'),
      ...process.argv.slice(2),
    ],
    repository,
  );
  process.exit(passed ? 0 : 1);
} catch (error) {
  endWith(error);
}
