// SPDX-License-Identifier: Apache-2.0
import { systemScheduler } from '../../time/Scheduler';
import { WorkQueue } from './WorkQueue';

test('changes within the rest after a visit are looked at once, and not before its end', async () => {
  const visits: number[] = [];
  const queue = new WorkQueue({
    name: 'test',
    scheduler: systemScheduler(),
    log: () => undefined,
    rest: () => 200,
    reconcile: async () => {
      visits.push(Date.now());
      return undefined;
    },
  });
  for (let change = 0; change < 10; change++) {
    queue.add('all');
    await new Promise(resolve => setTimeout(resolve, 10));
  }
  expect(visits).toHaveLength(1);
  await new Promise(resolve => setTimeout(resolve, 400));
  expect(visits).toHaveLength(2);
  expect(visits[1] - visits[0]).toBeGreaterThanOrEqual(195);
  await queue.stop();
});

test('a timer that fires too early, as timers may, takes no look away', async () => {
  let now = 0;
  const timers: (() => void)[] = [];
  let visits = 0;
  const queue = new WorkQueue({
    name: 'test',
    scheduler: {
      ...systemScheduler(),
      now: () => new Date(now),
      after: (_, task) => {
        timers.push(task);
        return () => undefined;
      },
    },
    log: () => undefined,
    rest: () => 60,
    reconcile: async () => {
      visits += 1;
      return undefined;
    },
  });
  const settled = () => new Promise(resolve => setImmediate(resolve));
  queue.add('all');
  await settled();
  queue.add('all');
  now = 59;
  timers.shift()?.();
  now = 60;
  timers.shift()?.();
  await settled();
  expect(visits).toBe(2);
  await queue.stop();
});
