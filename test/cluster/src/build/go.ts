// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { setPriority } from 'node:os';
import { GoCommandError, GoMissingError } from './errors';

/** Nice value of Go commands: a build must not slow down what a person is doing. */
const BACKGROUND = 15;
/** How much of a failed command's output is worth reading. */
const OUTPUT_LINES = 20;

/**
 * Runs one Go command and returns what it wrote to standard output.
 *
 * @throws GoMissingError when there is no Go on PATH.
 * @throws GoCommandError when the command fails, with its last lines.
 */
export async function runGo(
  args: readonly string[],
  folder: string,
  options: { readonly cgo?: boolean } = {},
): Promise<string> {
  const child = spawn('go', args, {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    // Without C no compiler is needed, and the result runs on any distribution.
    env: { ...process.env, CGO_ENABLED: options.cgo ? '1' : '0' },
  });
  const output: Buffer[] = [];
  const problems: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => problems.push(chunk));

  await new Promise<void>((resolve, reject) => {
    child.on('spawn', () => lowerPriority(child.pid));
    child.on('error', error =>
      reject(isNotFound(error) ? new GoMissingError() : error),
    );
    child.on('close', (code, signal) => {
      if (code === 0) {
        resolve();
        return;
      }
      const outcome = signal ? `was ended by ${signal}` : `failed (${code})`;
      const said = Buffer.concat([...output, ...problems]).toString();
      reject(new GoCommandError(args, outcome, lastLines(said)));
    });
  });
  return Buffer.concat(output).toString();
}

function lowerPriority(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    setPriority(pid, BACKGROUND);
  } catch {
    // The command may already have ended, and a busy machine is no failure.
  }
}

function isNotFound(error: Error): boolean {
  return 'code' in error && error.code === 'ENOENT';
}

function lastLines(text: string): string {
  return text.trimEnd().split('\n').slice(-OUTPUT_LINES).join('\n');
}
