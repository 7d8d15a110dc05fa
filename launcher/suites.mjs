// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from './folders.mjs';
import { progress } from './progress.mjs';

const RESULTS = join(repository, 'test-results');

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
 * @returns {Promise<boolean>} whether it passed
 */
export function runSuite(name, node, environment, command, cwd = repository) {
  progress(`Running the ${name} suite`);
  const parameters = [
    ...command,
    '--json',
    `--outputFile=${join(RESULTS, `${name}.json`)}`,
  ];
  return new Promise((resolve, reject) => {
    const child = spawn(node.executable, parameters, {
      cwd,
      env: environment,
      // jest's JSON also goes to stdout; people read its report on stderr.
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    child.on('error', reject);
    child.on('exit', code => resolve(code === 0));
  });
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
  for (const name of readdirSync(RESULTS).filter(
    file => file.startsWith(prefix) && file.endsWith('.json'),
  )) {
    const result = JSON.parse(readFileSync(join(RESULTS, name), 'utf8'));
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
