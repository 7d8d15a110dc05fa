// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { repository } from './folders.mjs';
import { progress } from './progress.mjs';
import { readResult, runSuite, writeResult } from './suites.mjs';

const CLI = join(repository, 'node_modules/@backstage/cli/bin/backstage-cli');
/** Chance makes no more files of a suite fail than these. */
const MOST_FILES = 3;
/** Of one failure; enough for what a browser waited for, and for a short difference. */
const MOST_LINES = 12;
/** A line of a stack. */
const STACK = /^at .*:\d+:\d+\)?$/;

/**
 * Lets what failed in suites that ran beside others run once more, file by file and with nothing beside it. What
 * fails again has failed; what passes then is told with its first failure when the tests are counted.
 * @param {{ name: string, passed: boolean }[]} outcomes of the first attempts
 * @param {number} deadline seconds since 1970 after which nothing runs again
 * @returns {Promise<boolean>} whether all of them passed in the end
 */
export async function settle(outcomes, node, environment, deadline = Infinity) {
  let settled = true;
  for (const { name } of outcomes.filter(({ passed }) => !passed)) {
    const result = readResult(name);
    const files = failedFiles(result);
    const isChance = files.length > 0 && files.length <= MOST_FILES;
    if (!isChance || Date.now() / 1000 > deadline) {
      settled = false;
      continue;
    }
    progress(`Running what failed in the ${name} suite once more`);
    writeResult(name, {
      ...withoutFiles(result, files),
      failedFirst: failuresOf(result),
    });
    for (const [index, file] of files.entries()) {
      const again = `${name}-again-${index + 1}`;
      const { passed } = await runSuite(
        again,
        node,
        environment,
        // Those for the real control plane have names of their own, which jest must be told.
        [
          CLI,
          'package',
          'test',
          '--runInBand',
          '--testMatch',
          `**/${basename(file)}`,
          '--runTestsByPath',
          file,
        ],
        packageOf(file),
      );
      // Where jest finds no test it fails nothing.
      settled &&= passed && readResult(again).numPassedTests > 0;
    }
  }
  return settled;
}

/** The files with a failure, by the results that jest wrote for a suite. */
export function failedFiles({ testResults = [] }) {
  return testResults.filter(hasFailed).map(({ name }) => name);
}

/** Each failure: the test, and in the lines after it what it said, but for where in the code. */
export function failuresOf({ testResults = [] }) {
  return testResults.filter(hasFailed).flatMap(file => {
    const failed = file.assertionResults.filter(
      ({ status }) => status === 'failed',
    );
    const tests = failed.map(
      ({ fullName, failureMessages: [message = ''] }) =>
        `${fullName}: ${whatItSaid(message)}`,
    );
    return tests.length > 0
      ? tests
      : [`${file.name}: ${whatItSaid(file.message)}`];
  });
}

/** The results of a suite but for those files, which are counted by themselves. */
export function withoutFiles(result, files) {
  const left = { ...result, testResults: [] };
  for (const file of result.testResults) {
    if (!files.includes(file.name)) {
      left.testResults.push(file);
      continue;
    }
    const count = (...statuses) =>
      file.assertionResults.filter(({ status }) => statuses.includes(status))
        .length;
    left.numPassedTests -= count('passed');
    left.numFailedTests -= count('failed');
    left.numPendingTests -= count('pending', 'skipped', 'disabled');
    left.numTodoTests -= count('todo');
    if (isBroken(file)) left.numRuntimeErrorTestSuites -= 1;
  }
  return left;
}

function hasFailed({ status }) {
  return status === 'failed';
}

/** Whether a file failed before or beside its tests. */
function isBroken(file) {
  return (
    hasFailed(file) &&
    file.assertionResults.every(({ status }) => status !== 'failed')
  );
}

function whatItSaid(message) {
  const lines = stripVTControlCharacters(message)
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '');
  const code = lines.findIndex(line => STACK.test(line));
  return lines
    .slice(0, code < 0 ? undefined : code)
    .slice(0, MOST_LINES)
    .join('\n  ');
}

/** The folder of the package to which a file belongs. */
function packageOf(file) {
  const directory = dirname(file);
  return existsSync(join(directory, 'package.json'))
    ? directory
    : packageOf(directory);
}
