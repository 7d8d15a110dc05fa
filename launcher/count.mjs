// SPDX-License-Identifier: Apache-2.0
import { failuresOf } from './secondAttempt.mjs';
import {
  closingLine,
  countResults,
  readResult,
  suitesWithResults,
} from './suites.mjs';

// Everything that ran since the results were last forgotten: what failed and why, then the sum.
for (const name of suitesWithResults('')) {
  const result = readResult(name);
  for (const failure of result.failedFirst ?? []) {
    process.stdout.write(`failed first, ran again: ${name}: ${failure}\n`);
  }
  for (const failure of failuresOf(result)) {
    process.stdout.write(`FAILED: ${name}: ${failure}\n`);
  }
}
process.stdout.write(`${closingLine(countResults(''))}\n`);
