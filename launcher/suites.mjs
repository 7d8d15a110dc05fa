// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { repository } from './folders.mjs';
import { progress } from './progress.mjs';

/** A busy machine makes no test fail: what hangs is found by a longer limit, too. Milliseconds. */
const TEST_TIMEOUT = 60_000;
/** A suite that has not ended by then hangs, and is ended. Milliseconds. */
const SUITE_LIMIT = 45 * 60_000;
const RESULTS = join(repository, 'test-results');
/** Tests make much that is soon forgotten; with more room for it, in MiB, V8 spends less time on tidying up. */
const ROOM_FOR_THE_YOUNG = '--max-semi-space-size=64';

/** Forgets the results of earlier runs whose names start with the prefix. */
export function forgetResults(prefix) {
  mkdirSync(RESULTS, { recursive: true });
  for (const name of readdirSync(RESULTS)) {
    if (name.startsWith(prefix)) {
      rmSync(join(RESULTS, name));
    }
  }
}

/**
 * Runs one suite with jest and keeps its results for the count.
 * @param {string} name of the suite, and of its result file
 * @param {string[]} command after `node`: a CLI that hands jest's own options on
 * @returns {Promise<{ name: string, passed: boolean }>}
 */
export function runSuite(name, node, environment, command, cwd = repository) {
  progress(`Running the ${name} suite`);
  const file = resultFile(name);
  const parameters = [
    ...command,
    `--testTimeout=${TEST_TIMEOUT}`,
    '--json',
    `--outputFile=${file}`,
  ];
  return new Promise((resolve, reject) => {
    const child = spawn(node.executable, parameters, {
      cwd,
      env: { ...environment, NODE_OPTIONS: ROOM_FOR_THE_YOUNG },
      // jest's JSON also goes to stdout; people read its report on stderr.
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const limit = setTimeout(() => {
      const minutes = SUITE_LIMIT / 60_000;
      progress(`The ${name} suite is ended: it runs for ${minutes} min`);
      child.kill('SIGKILL');
    }, SUITE_LIMIT);
    child.on('error', reject);
    child.on('exit', code => {
      clearTimeout(limit);
      // Without results it broke off, which must not go uncounted.
      if (!existsSync(file)) recordResult(name, { numFailedTests: 1 });
      resolve({ name, passed: code === 0 });
    });
  });
}

/** Leaves a suite of one file out, which counts as a skipped test, and says why. */
export function skipSuite(name, reason) {
  progress(`Skipping the ${name} suite: ${reason}`);
  recordResult(name, { numPendingTests: 1 });
}

function recordResult(name, counts) {
  const none = {
    numPassedTests: 0,
    numFailedTests: 0,
    numRuntimeErrorTestSuites: 0,
    numPendingTests: 0,
    numTodoTests: 0,
  };
  writeResult(name, { ...none, ...counts });
}

/** Results of a suite: jest's, or only their counts when there was no whole run. */
export function readResult(name) {
  return JSON.parse(readFileSync(resultFile(name), 'utf8'));
}

/** Replaces the results of a suite. */
export function writeResult(name, result) {
  writeFileSync(resultFile(name), JSON.stringify(result));
}

/** Names of the suites that have results and start with the prefix. */
export function suitesWithResults(prefix) {
  return readdirSync(RESULTS)
    .filter(file => file.startsWith(prefix) && file.endsWith('.json'))
    .map(file => basename(file, '.json'))
    .sort();
}

function resultFile(name) {
  return join(RESULTS, `${name}.json`);
}

/** Runs a program of this checkout with its output shown. Resolves to whether it succeeded. */
export function runProgram(node, environment, parameters, cwd) {
  return new Promise((resolve, reject) => {
    const child = spawn(node.executable, parameters, {
      cwd,
      env: environment,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    child.on('error', reject);
    child.on('exit', code => resolve(code === 0));
  });
}

/** Adds up the results of the suites whose names start with the prefix. */
export function countResults(prefix) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const name of suitesWithResults(prefix)) {
    const result = readResult(name);
    counts.passed += result.numPassedTests;
    counts.failed += result.numFailedTests + result.numRuntimeErrorTestSuites;
    counts.skipped += result.numPendingTests + result.numTodoTests;
  }
  return counts;
}

/** The closing line, for example `412 passed, 0 failed, 0 skipped`. */
export function closingLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}
