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

/** The scheduler over the timers of the process. `clock` replaces only what `now` says. */
export function systemScheduler(clock: Clock = () => new Date()): Scheduler {
  const waiting = new Set<Cancel>();
  let stopped = false;

  const after = (milliseconds: number, task: () => void): Cancel => {
    if (stopped) return () => undefined;
    const timer = setTimeout(() => {
      waiting.delete(cancel);
      task();
    }, milliseconds);
    const cancel = () => {
      clearTimeout(timer);
      waiting.delete(cancel);
    };
    waiting.add(cancel);
    return cancel;
  };

  const sleepers = new Set<() => void>();
  const sleep = (milliseconds: number, signal?: AbortSignal) =>
    new Promise<void>(resolve => {
      if (stopped || signal?.aborted) {
        resolve();
        return;
      }
      const wake = () => {
        cancel();
        sleepers.delete(wake);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const cancel = after(milliseconds, wake);
      sleepers.add(wake);
      signal?.addEventListener('abort', wake, { once: true });
    });

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
