// SPDX-License-Identifier: Apache-2.0
import { GoMissingError } from '../build/errors';

/** EX_UNAVAILABLE of sysexits(3): something this needs is not installed. */
const UNAVAILABLE = 69;

/** Writes lines with the seconds since the first call of this function. */
export function progressLines(): (line: string) => void {
  const started = performance.now();
  return line => {
    const seconds = Math.round((performance.now() - started) / 1000);
    process.stdout.write(`[${String(seconds).padStart(4)} s] ${line}\n`);
  };
}

/** Says what went wrong, without a stack trace, and sets the exit code. */
export function failWith(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${message}\n`);
  process.exitCode = error instanceof GoMissingError ? UNAVAILABLE : 1;
}
