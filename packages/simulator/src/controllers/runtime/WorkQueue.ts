// SPDX-License-Identifier: Apache-2.0
import { Cancel, Scheduler } from '../../time/Scheduler';

/** When to look at a key again: after so many milliseconds, or when something changes. */
export type NextVisit = { readonly after: number } | undefined;

/** Settings of a queue. */
export interface WorkQueueOptions {
  readonly name: string;
  readonly scheduler: Scheduler;
  /** Looks at one key and does what is needed. Never runs twice at once for a key. */
  readonly reconcile: (key: string, signal: AbortSignal) => Promise<NextVisit>;
  readonly log: (line: string) => void;
  /** Milliseconds in which changes after a visit gather for the next one. Default 0. */
  readonly rest?: () => number;
  /** Keys worked on side by side. Default 4. */
  readonly concurrency?: number;
  /** Pause after the first error in milliseconds; it doubles with each further one. Default 50. */
  readonly firstRetry?: number;
  /** Longest pause after errors in milliseconds. Default 5,000. */
  readonly longestRetry?: number;
}

/**
 * The keys a controller has to look at. A key that is added while it is worked
 * on is looked at once more afterwards; errors are tried again with growing
 * pauses. A visit asked for later is replaced by an earlier one, never added to it.
 */
export class WorkQueue {
  readonly #ready = new Set<string>();
  readonly #running = new Map<string, Promise<void>>();
  readonly #again = new Set<string>();
  readonly #later = new Map<
    string,
    { readonly due: number; readonly cancel: Cancel }
  >();
  readonly #failures = new Map<string, number>();
  readonly #restsUntil = new Map<string, number>();
  readonly #stopping = new AbortController();

  constructor(private readonly options: WorkQueueOptions) {}

  /** Asks for a look at a key as soon as possible. */
  add(key: string): void {
    if (this.#stopping.signal.aborted) return;
    const rest = this.#restOf(key);
    if (rest > 0) {
      this.addAfter(key, rest);
      return;
    }
    this.#later.get(key)?.cancel();
    this.#later.delete(key);
    if (this.#running.has(key)) this.#again.add(key);
    else this.#ready.add(key);
    this.#work();
  }

  /** Asks for a look at a key after `milliseconds`, unless an earlier one is planned. */
  addAfter(key: string, milliseconds: number): void {
    if (this.#stopping.signal.aborted) return;
    const due = this.options.scheduler.now().getTime() + milliseconds;
    const planned = this.#later.get(key);
    if (planned && planned.due <= due) return;
    planned?.cancel();
    const cancel = this.options.scheduler.after(milliseconds, () => {
      // Timers may fire a millisecond early, within the rest; then the look is planned anew.
      this.#later.delete(key);
      this.add(key);
    });
    this.#later.set(key, { due, cancel });
  }

  /** Forgets a key that is gone. */
  forget(key: string): void {
    this.#later.get(key)?.cancel();
    this.#later.delete(key);
    this.#failures.delete(key);
    this.#restsUntil.delete(key);
  }

  /** Takes no more work and resolves when what runs has ended. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    for (const { cancel } of this.#later.values()) cancel();
    this.#later.clear();
    this.#ready.clear();
    await Promise.all(this.#running.values());
  }

  #beginRest(key: string): void {
    const rest = this.options.rest?.() ?? 0;
    const now = this.options.scheduler.now().getTime();
    if (rest > 0) this.#restsUntil.set(key, now + rest);
  }

  #restOf(key: string): number {
    const until = this.#restsUntil.get(key);
    if (until === undefined) return 0;
    return Math.max(0, until - this.options.scheduler.now().getTime());
  }

  #work(): void {
    for (const key of this.#ready) {
      if (this.#running.size >= (this.options.concurrency ?? 4)) return;
      this.#ready.delete(key);
      this.#running.set(key, this.#visit(key));
    }
  }

  async #visit(key: string): Promise<void> {
    const {
      name,
      log,
      reconcile,
      firstRetry = 50,
      longestRetry = 5_000,
    } = this.options;
    // The caller's stack must unwind first, or a synchronous start could run before the key is marked.
    await Promise.resolve();
    let next: NextVisit;
    try {
      next = await reconcile(key, this.#stopping.signal);
      this.#failures.delete(key);
    } catch (error) {
      const failures = this.#failures.get(key) ?? 0;
      this.#failures.set(key, failures + 1);
      next = { after: Math.min(firstRetry * 2 ** failures, longestRetry) };
      // The first failure is often a conflict that the next look settles; an outage need not fill the log.
      if (!this.#stopping.signal.aborted && failures % 20 === 1)
        log(`${name} ${key}: ${error}`);
    }
    this.#running.delete(key);
    this.#beginRest(key);
    if (this.#again.delete(key)) this.add(key);
    else if (next) this.addAfter(key, next.after);
    this.#work();
  }
}
