// SPDX-License-Identifier: Apache-2.0
import { Cancel, Scheduler } from '../../time/Scheduler';
import { RunningController } from './Cluster';

/** Runs a task again and again, each time `milliseconds` after it ended; the first time after the first pause. */
export function repeat(
  scheduler: Scheduler,
  milliseconds: number,
  task: () => Promise<void> | void,
): RunningController {
  let isStopped = false;
  let running: Promise<void> = Promise.resolve();
  let cancel: Cancel = () => undefined;
  const round = async () => {
    await task();
    if (!isStopped) cancel = scheduler.after(milliseconds, start);
  };
  function start() {
    running = round();
  }
  cancel = scheduler.after(milliseconds, start);
  return {
    async stop() {
      isStopped = true;
      cancel();
      await running;
    },
  };
}
