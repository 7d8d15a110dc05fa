// SPDX-License-Identifier: Apache-2.0
import { ensureBuilt } from '../build/ensureBuilt';
import type { ProgramName } from '../build/recipes';
import { failWith, progressLines } from './terminal';

/**
 * `build [--kubectl]`: builds what a cluster needs, if it is not there yet.
 *
 * Exit codes: 0 built, 69 Go is missing (EX_UNAVAILABLE), 1 anything else.
 */
export async function run(args: readonly string[]): Promise<void> {
  const include: ProgramName[] = args.includes('--kubectl') ? ['kubectl'] : [];
  try {
    await ensureBuilt({ include, progress: progressLines() });
  } catch (error) {
    failWith(error);
  }
}
