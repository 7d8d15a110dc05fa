// SPDX-License-Identifier: Apache-2.0
import { setTimeout } from 'node:timers/promises';
import { ExponentialBackoff, type IBackoff } from 'cockatiel';

/** Waits, without keeping the process alive, until the time is over or `signal` aborts. Never rejects. */
export async function rest(
  milliseconds: number,
  signal: AbortSignal,
): Promise<void> {
  await setTimeout(milliseconds, undefined, { signal, ref: false }).catch(
    () => undefined,
  );
}

/** Waits that grow with every failure in a row, with jitter, and can be ended early. */
export class Pause {
  readonly #factory: ExponentialBackoff<undefined>;
  #backoff: IBackoff<undefined> | undefined;
  #sleeper = new AbortController();

  constructor(limits: { readonly first: number; readonly longest: number }) {
    this.#factory = new ExponentialBackoff({
      initialDelay: limits.first,
      maxDelay: limits.longest,
    });
  }

  /** Things go well: the next wait is a short one again. */
  reset(): void {
    this.#backoff = undefined;
  }

  /** Ends a wait that is going on. */
  wake(): void {
    this.reset();
    this.#sleeper.abort();
  }

  /** @param atLeast - milliseconds, for failures that do not heal by themselves */
  async wait(signal: AbortSignal, atLeast = 0): Promise<void> {
    this.#backoff = this.#backoff
      ? this.#backoff.next(undefined)
      : this.#factory.next();
    this.#sleeper = new AbortController();
    await rest(
      Math.max(this.#backoff.duration, atLeast),
      AbortSignal.any([signal, this.#sleeper.signal]),
    );
  }
}
