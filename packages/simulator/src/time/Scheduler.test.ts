// SPDX-License-Identifier: Apache-2.0
import { acceleratedScheduler } from './Scheduler';

test('an accelerated world lets an hour pass in moments, by its clock and its timers alike', async () => {
  const start = new Date('2026-03-01T08:00:00Z');
  const scheduler = acceleratedScheduler(100_000, start);
  const order: string[] = [];
  scheduler.after(7_200_000, () => order.push('after two hours'));
  scheduler.after(1_800_000, () => order.push('after half an hour'));
  await scheduler.sleep(3_600_000);
  expect(order).toEqual(['after half an hour']);
  expect(scheduler.now().getTime()).toBeGreaterThanOrEqual(
    start.getTime() + 3_500_000,
  );
  scheduler.stop();
  await scheduler.sleep(7_200_000);
  expect(order).toEqual(['after half an hour']);
});
