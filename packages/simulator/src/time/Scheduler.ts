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

/** Makes timers that can all be stopped of a way to start one. */
function schedulerOver(
  now: Clock,
  start: (milliseconds: number, task: () => void) => Cancel,
): Scheduler {
  const waiting = new Set<Cancel>();
  const sleepers = new Set<() => void>();
  let stopped = false;

  const after = (milliseconds: number, task: () => void): Cancel => {
    if (stopped) return () => undefined;
    const entry: { cancel: Cancel } = { cancel: () => undefined };
    const cancelTimer = start(milliseconds, () => {
      waiting.delete(entry.cancel);
      task();
    });
    entry.cancel = () => {
      cancelTimer();
      waiting.delete(entry.cancel);
    };
    waiting.add(entry.cancel);
    return entry.cancel;
  };

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
    now,
    after,
    sleep,
    stop() {
      stopped = true;
      for (const wake of [...sleepers]) wake();
      for (const cancel of [...waiting]) cancel();
    },
  };
}

/** Node fires longer timers at once. */
const longestTimer = 2 ** 31 - 1;

/** The scheduler over the timers of the process. `clock` replaces only what `now` says. */
export function systemScheduler(clock: Clock = () => new Date()): Scheduler {
  return schedulerOver(clock, (milliseconds, task) => {
    const timer = setTimeout(task, Math.min(milliseconds, longestTimer));
    return () => clearTimeout(timer);
  });
}

/** Of one turn of the event loop, at most this much real time counts, in milliseconds. */
const longestTurn = 2;

/**
 * The scheduler of a world whose time runs `rate` times as fast as ours, from
 * `start` on. For tests and drills in which minutes must pass in seconds.
 *
 * Its time waits for the process: what takes longer on a busy machine than
 * on an idle one does not take longer in the world.
 */
export function acceleratedScheduler(
  rate: number,
  start: Date = new Date(),
): Scheduler {
  const timers = new Set<{ readonly at: number; readonly task: () => void }>();
  let elapsed = 0;
  let counted = performance.now();

  const earliest = () => {
    const [first, ...others] = timers;
    return others.reduce((a, b) => (b.at < a.at ? b : a), first);
  };
  const turn = () => {
    const present = performance.now();
    const end = elapsed + Math.min(present - counted, longestTurn) * rate;
    counted = present;
    for (let next = earliest(); next?.at <= end; next = earliest()) {
      elapsed = next.at;
      timers.delete(next);
      next.task();
    }
    elapsed = end;
  };
  const turns = setInterval(turn, 1);

  const scheduler = schedulerOver(
    () => new Date(start.getTime() + elapsed),
    (milliseconds, task) => {
      const timer = { at: elapsed + milliseconds, task };
      timers.add(timer);
      return () => timers.delete(timer);
    },
  );
  return {
    ...scheduler,
    stop() {
      clearInterval(turns);
      scheduler.stop();
    },
  };
}
