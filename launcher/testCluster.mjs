// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endWith } from './failure.mjs';
import { repository } from './folders.mjs';
import { ensureNode22, environmentOf } from './node22.mjs';
import { installPackages } from './packages.mjs';
import { freePort } from './ports.mjs';
import { startPostgres } from './postgres.mjs';
import { progress } from './progress.mjs';
import {
  closingLine,
  countResults,
  forgetResults,
  runProgram,
  runSuite,
} from './suites.mjs';

const CLI = join(repository, 'node_modules/@backstage/cli/bin/backstage-cli');
const SUITES = ['cluster', 'conformance', 'delivery'];

/** Runs the suites on the real control plane, which is built from Go modules the first time. */
try {
  const node = ensureNode22();
  const environment = environmentOf(node);
  await installPackages(node, environment);
  progress(
    'Looking for the real control plane (building it the first time takes about 15 min)',
  );
  const built = await runProgram(
    node,
    environment,
    [join(repository, 'test/cluster/bin/build.cjs')],
    join(repository, 'test/cluster'),
  );
  if (!built) {
    // The build has said in one sentence what is missing.
    process.exit(1);
  }
  forgetResults('cluster-');
  const postgres = await startPostgres({
    directory: join(mkdtempSync(join(tmpdir(), 'causeway-test-')), 'postgres'),
    port: await freePort(),
    password: randomBytes(24).toString('base64url'),
    keep: false,
  });
  const outcomes = [];
  try {
    for (const suite of SUITES) {
      outcomes.push(
        await runSuite(
          `cluster-${suite}`,
          node,
          {
            ...environment,
            CI: 'true',
            BACKSTAGE_TEST_DATABASE_POSTGRES18_CONNECTION_STRING: postgres.url,
          },
          [
            CLI,
            'package',
            'test',
            '--runInBand',
            '--testMatch',
            '**/*.clustertest.ts',
          ],
          join(repository, 'test', suite),
        ),
      );
    }
  } finally {
    await postgres.stop();
  }
  process.stdout.write(`${closingLine(countResults('cluster-'))}\n`);
  process.exit(outcomes.every(Boolean) ? 0 : 1);
} catch (error) {
  endWith(error);
}
