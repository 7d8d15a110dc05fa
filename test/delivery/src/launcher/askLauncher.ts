// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repository } from '../surroundings/NodeProcess';

const run = promisify(execFile);

/** What a function of the launcher gave, or why it refused. */
export type Outcome =
  | { readonly result: Readonly<Record<string, unknown>> }
  | { readonly failure: string };

/** Calls a function of a launcher module, which is no TypeScript, in a Node of its own for each argument. */
export async function askLauncher(
  module: string,
  call: string,
  args: readonly unknown[],
): Promise<readonly Outcome[]> {
  const script = `
    import * as launcher from ${JSON.stringify(
      join(repository, 'launcher', module),
    )};
    const outcomes = ${JSON.stringify(args)}.map(argument => {
      try {
        return { result: (${call})(argument) ?? {} };
      } catch (error) {
        return { failure: error.constructor.name + ': ' + error.message };
      }
    });
    process.stdout.write(JSON.stringify(outcomes));`;
  const { stdout } = await run(process.execPath, [
    '--input-type=module',
    '--eval',
    script,
  ]);
  return JSON.parse(stdout);
}
