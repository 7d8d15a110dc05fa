// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises';
import { ServerProcess } from './processes';

const POLL_MILLISECONDS = 50;
/** Machines may be slow and busy; what fails for good mostly says so by ending. */
const PATIENCE_MILLISECONDS = 180_000;

/** A condition did not come true in time; `cause` is the last failed attempt. */
export class TimedOutError extends Error {
  override readonly name = 'TimedOutError';
}

export interface UntilOptions {
  /** Completes "Waited 60 s for …". */
  readonly what: string;
  readonly timeoutMilliseconds?: number;
  /** Gives up when this process ends, and shows its log in the error. */
  readonly server?: ServerProcess;
}

/**
 * Asks again and again until the answer is something else than `undefined`.
 *
 * A thrown error counts as "not yet": servers refuse connections while they
 * start. The last one becomes the cause of the time-out.
 */
export async function until<Value>(
  ask: () => Promise<Value | undefined>,
  options: UntilOptions,
): Promise<Value> {
  const { what, timeoutMilliseconds = PATIENCE_MILLISECONDS, server } = options;
  const deadline = performance.now() + timeoutMilliseconds;
  let end: string | undefined;
  server?.ended.then(sentence => {
    end = sentence;
  });
  let cause: unknown;
  for (;;) {
    try {
      const value = await ask();
      if (value !== undefined) return value;
    } catch (error) {
      cause = error;
    }
    if (server && end !== undefined) {
      throw new Error(`${server.name} ${end}:\n${await server.tail()}`);
    }
    if (performance.now() > deadline) {
      const log = server ? `\n${await server.tail()}` : '';
      throw new TimedOutError(
        `Waited ${timeoutMilliseconds / 1000} s for ${what}.${log}`,
        { cause },
      );
    }
    await sleep(POLL_MILLISECONDS);
  }
}
