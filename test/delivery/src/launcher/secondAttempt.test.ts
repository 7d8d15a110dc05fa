// SPDX-License-Identifier: Apache-2.0
import { askLauncher } from './askLauncher';

const test = (status: string, fullName = status, message = '') => ({
  status,
  fullName,
  failureMessages: message ? [message] : [],
});

const broken = {
  name: '/broken.test.ts',
  status: 'failed',
  message:
    '\u001b[31m  ● Test suite failed to run\u001b[39m\n\n    Cannot read',
  assertionResults: [],
};
const failing = {
  name: '/failing.test.ts',
  status: 'failed',
  message: 'many lines',
  assertionResults: [
    test('passed'),
    test(
      'failed',
      'a door opens',
      '\n\u001b[1mError: it is shut\u001b[22m\n\n  at night\n    at open (/door.ts:1:2)',
    ),
    test('failed', 'a window opens', 'Error: no window'),
    test('pending'),
    test('todo'),
  ],
};
const fine = {
  name: '/fine.test.ts',
  status: 'passed',
  message: '',
  assertionResults: [test('passed'), test('passed'), test('pending')],
};

/** What jest writes of the three files together. */
const whole = {
  numPassedTests: 3,
  numFailedTests: 2,
  numRuntimeErrorTestSuites: 1,
  numPendingTests: 2,
  numTodoTests: 1,
  testResults: [broken, failing, fine],
};
const none = {
  numPassedTests: 0,
  numFailedTests: 0,
  numRuntimeErrorTestSuites: 0,
  numPendingTests: 0,
  numTodoTests: 0,
};

describe('what failed in a suite', () => {
  it('is found and told with what it said', async () => {
    const results = [whole, { numFailedTests: 1 }];
    const files = await askLauncher(
      'secondAttempt.mjs',
      'launcher.failedFiles',
      results,
    );
    expect(files).toEqual([
      { result: ['/broken.test.ts', '/failing.test.ts'] },
      { result: [] },
    ]);
    const failures = await askLauncher(
      'secondAttempt.mjs',
      'launcher.failuresOf',
      results,
    );
    expect(failures).toEqual([
      {
        result: [
          '/broken.test.ts: ● Test suite failed to run\n  Cannot read',
          'a door opens: Error: it is shut\n  at night',
          'a window opens: Error: no window',
        ],
      },
      { result: [] },
    ]);
  });

  it('is no longer counted when it runs again by itself, and all else is', async () => {
    const left = await askLauncher(
      'secondAttempt.mjs',
      `files => launcher.withoutFiles(${JSON.stringify(whole)}, files)`,
      [
        [],
        ['/broken.test.ts', '/failing.test.ts'],
        ['/broken.test.ts', '/failing.test.ts', '/fine.test.ts'],
      ],
    );
    expect(left).toEqual([
      { result: whole },
      {
        result: {
          ...none,
          numPassedTests: 2,
          numPendingTests: 1,
          testResults: [fine],
        },
      },
      { result: { ...none, testResults: [] } },
    ]);
  });
});
