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
