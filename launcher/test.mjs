// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBrowser } from './browser.mjs';
import { endWith } from './failure.mjs';
import { repository } from './folders.mjs';
import { ensureNode22, environmentOf } from './node22.mjs';
import { installPackages } from './packages.mjs';
import { freePort } from './ports.mjs';
import { buildPortal } from './portal.mjs';
import { startPostgres } from './postgres.mjs';
import { progress } from './progress.mjs';
import { settle } from './secondAttempt.mjs';
import { buildSqliteDriver } from './sqlite.mjs';
import {
  closingLine,
  countResults,
  forgetResults,
  runSuite,
} from './suites.mjs';

const CLI = 'node_modules/@backstage/cli/bin/backstage-cli';

/** The stories of the whole product by suite: their folder, and which of its files. */
const stories = {
  canary: ['delivery', 'src/canary.test.ts'],
  delivery: ['delivery', '--testPathIgnorePatterns=src/canary.test.ts'],
  'browser-delivery': ['e2e', 'src/delivery.test.ts'],
  'browser-fleet': ['e2e', 'src/fleet.test.ts'],
};

/**
 * Lanes of stories beside the tests of the packages. All of them wait much: three lanes keep two processors
 * busy, and no lane is much longer than the others.
 */
const lanes = [
  ['browser-delivery', 'delivery'],
  ['browser-fleet', 'canary'],
];

/** Runs everything that needs no Go: unit, integration, conformance on the simulator, faults, browser. */
try {
  const node = ensureNode22();
  const environment = environmentOf(node);
  await installPackages(node, environment);
  const browser = ensureBrowser(node, environment);
  forgetResults('test-');
  const postgres = await startPostgres({
    directory: join(mkdtempSync(join(tmpdir(), 'causeway-test-')), 'postgres'),
    port: await freePort(),
    password: randomBytes(24).toString('base64url'),
    keep: false,
  });
  const surroundings = {
    ...environment,
    CI: 'true',
    BACKSTAGE_TEST_DISABLE_DOCKER: '1',
    BACKSTAGE_TEST_DATABASE_POSTGRES18_CONNECTION_STRING: postgres.url,
    CAUSEWAY_BROWSER: browser,
  };
  let passed;
  try {
    const packages = async () => {
      await buildSqliteDriver(node, environment);
      return runSuite('test-packages', node, surroundings, [
        CLI,
        'repo',
        'test',
        '--maxWorkers=2',
      ]);
    };
    const told = suite => {
      const [folder, ...files] = stories[suite];
      return runSuite(
        `test-${suite}`,
        node,
        surroundings,
        [join(repository, CLI), 'package', 'test', '--runInBand', ...files],
        join(repository, 'test', folder),
      );
    };
    const allStories = async () => {
      await buildPortal(node, environment);
      return Promise.all(lanes.map(lane => inTurn(lane, told)));
    };
    // SQLite is built by one processor and is nothing to the stories, so they begin beside it.
    const outcomes = await toTheEnd([packages(), allStories()]);
    passed = await settle(outcomes.flat(2), node, surroundings);
  } finally {
    await postgres.stop();
  }
  process.stdout.write(`${closingLine(countResults('test-'))}\n`);
  process.exit(passed ? 0 : 1);
} catch (error) {
  endWith(error);
}

/** What all of it came to. A failure is said at once, and waits for the rest, which would outlive this process. */
async function toTheEnd(work) {
  for (const part of work) part.catch(({ message }) => progress(message));
  await Promise.allSettled(work);
  return Promise.all(work);
}

async function inTurn(suites, run) {
  const outcomes = [];
  for (const suite of suites) outcomes.push(await run(suite));
  return outcomes;
}
