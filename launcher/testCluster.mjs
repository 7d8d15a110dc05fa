// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { endWith } from './failure.mjs';
import { repository } from './folders.mjs';
import { ensureNode22, environmentOf } from './node22.mjs';
import { installPackages } from './packages.mjs';
import { freePort } from './ports.mjs';
import { startPostgres } from './postgres.mjs';
import { progress } from './progress.mjs';
import { settle } from './secondAttempt.mjs';
import {
  closingLine,
  countResults,
  forgetResults,
  runProgram,
  runSuite,
  skipSuite,
} from './suites.mjs';

const CLI = join(repository, 'node_modules/@backstage/cli/bin/backstage-cli');
/** Whose suites run on it, the most telling first. */
const PACKAGES = [
  'test/delivery',
  'test/conformance',
  'plugins/delivery-backend',
  'packages/simulator',
  'test/cluster',
  'test/templates',
];
/** So many run at the same time, because control planes mostly wait. */
const LANES = 2;
/** Seconds since 1970 after which no further suite is begun; a slow machine then skips what is left. */
const deadline = Number(process.env.CAUSEWAY_TEST_DEADLINE ?? Infinity);

function timeIsUp() {
  return Date.now() / 1000 > deadline;
}

/** Each file is a suite of its own: the one thing that a cluster is started for. */
function clusterSuites() {
  return PACKAGES.flatMap(path => {
    const directory = join(repository, path);
    return readdirSync(join(directory, 'src'), { recursive: true })
      .filter(file => file.endsWith('.clustertest.ts'))
      .sort()
      .map(file => ({
        name: `cluster-${basename(path)}-${basename(file, '.clustertest.ts')}`,
        directory,
        file,
      }));
  });
}

/** Takes suites from the queue until it is empty. Resolves to how each ended. */
async function runLane(queue, node, environment) {
  const outcomes = [];
  for (let suite = queue.shift(); suite; suite = queue.shift()) {
    const { name, directory, file } = suite;
    if (timeIsUp()) {
      skipSuite(
        name,
        'the time for this run is used up (CAUSEWAY_TEST_DEADLINE)',
      );
      continue;
    }
    outcomes.push(
      await runSuite(
        name,
        node,
        environment,
        [
          CLI,
          'package',
          'test',
          '--runInBand',
          '--testMatch',
          `**/src/${file}`,
        ],
        directory,
      ),
    );
  }
  return outcomes;
}

/** Runs the suites on the real control plane, which is built from Go modules the first time. */
try {
  const node = ensureNode22();
  const environment = environmentOf(node);
  await installPackages(node, environment);
  if (!timeIsUp()) {
    progress(
      'Looking for the real control plane (building it the first time takes about 10 min)',
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
  }
  forgetResults('cluster-');
  const postgres = await startPostgres({
    directory: join(mkdtempSync(join(tmpdir(), 'causeway-test-')), 'postgres'),
    port: await freePort(),
    password: randomBytes(24).toString('base64url'),
    keep: false,
  });
  let passed;
  try {
    const surroundings = {
      ...environment,
      CI: 'true',
      BACKSTAGE_TEST_DATABASE_POSTGRES18_CONNECTION_STRING: postgres.url,
    };
    const queue = clusterSuites();
    const lanes = Array.from({ length: LANES }, () =>
      runLane(queue, node, surroundings),
    );
    const outcomes = (await Promise.all(lanes)).flat();
    passed = await settle(outcomes, node, surroundings, deadline);
  } finally {
    await postgres.stop();
  }
  process.stdout.write(`${closingLine(countResults('cluster-'))}\n`);
  process.exit(passed ? 0 : 1);
} catch (error) {
  endWith(error);
}
