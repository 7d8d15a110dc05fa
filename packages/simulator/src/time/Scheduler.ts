// SPDX-License-Identifier: Apache-2.0

/** Where the simulator reads the time. */
export type Clock = () => Date;

/** Takes a task back before it runs; does nothing afterwards. */
export type Cancel = () => void;

/**
 * Time and timers as one value, so that tests can run the world faster and
 * `stop` can be sure that nothing fires later.
 */
export interface Scheduler {
  /** The present instant. */
  readonly now: Clock;
  /** Runs `task` once, `milliseconds` from now, unless it is cancelled or the scheduler stopped. */
  after(milliseconds: number, task: () => void): Cancel;
  /** Resolves after `milliseconds`, or at once when `signal` aborts or the scheduler stops. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /** Cancels every waiting task; later calls of `after` never run. */
  stop(): void;
}

/** Node fires longer timers at once. */
const longestTimer = 2 ** 31 - 1;

/** The scheduler over the timers of the process. `clock` replaces only what `now` says. */
export function systemScheduler(clock: Clock = () => new Date()): Scheduler {
  const waiting = new Set<Cancel>();
  let stopped = false;

  const after = (milliseconds: number, task: () => void): Cancel => {
    if (stopped) return () => undefined;
    const entry: { cancel: Cancel } = { cancel: () => undefined };
    const timer = setTimeout(() => {
      waiting.delete(entry.cancel);
      task();
    }, Math.min(milliseconds, longestTimer));
    entry.cancel = () => {
      clearTimeout(timer);
      waiting.delete(entry.cancel);
    };
    waiting.add(entry.cancel);
    return entry.cancel;
  };

  const sleepers = new Set<() => void>();
  const sleep = async (milliseconds: number, signal?: AbortSignal) => {
    if (stopped || signal?.aborted) return;
    let cancel: Cancel = () => undefined;
    let wake: () => void = () => undefined;
    const woken = new Promise<void>(resolve => {
      wake = resolve;
      cancel = after(milliseconds, resolve);
    });
    sleepers.add(wake);
    signal?.addEventListener('abort', wake, { once: true });
    await woken;
    cancel();
    sleepers.delete(wake);
    signal?.removeEventListener('abort', wake);
  };

  return {
    now: clock,
    after,
    sleep,
    stop() {
      stopped = true;
      for (const wake of [...sleepers]) wake();
      for (const cancel of [...waiting]) cancel();
    },
  };
}
