// SPDX-License-Identifier: Apache-2.0
import { dirname, join } from 'node:path';

/** Where the recordings of real controllers are. */
export const recordings = join(
  dirname(require.resolve('../../package.json')),
  'recordings',
);
