// SPDX-License-Identifier: Apache-2.0

/** Something the person at the keyboard can mend; shown as its sentence alone, without a stack. */
export class Failure extends Error {}

/** Ends the process with the sentence of a {@link Failure}, or with the whole error when it is ours. */
export function endWith(error) {
  process.stderr.write(
    error instanceof Failure
      ? `\n${error.message}\n`
      : `\n${error?.stack ?? error}\n`,
  );
  process.exit(1);
}
