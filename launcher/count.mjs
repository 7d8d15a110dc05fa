// SPDX-License-Identifier: Apache-2.0
import { closingLine, countResults } from './suites.mjs';

// The sum over everything that ran since the results were last forgotten.
process.stdout.write(`${closingLine(countResults(''))}\n`);
