// SPDX-License-Identifier: Apache-2.0
import { SharedWork } from './SharedWork';

test('those who ask while a run is under way share the next one', async () => {
  const ends: (() => void)[] = [];
  let begun = 0;
  const work = new SharedWork(async () => {
    begun += 1;
    const own = begun;
    await new Promise<void>(resolve => ends.push(resolve));
    if (own === 2) throw new Error('the second run failed');
    return own;
  });
  const settled = () => new Promise(resolve => setImmediate(resolve));

  const first = work.run();
  await settled();
  const second = [work.run(), work.run()];
  await settled();
  expect(begun).toBe(1);
  ends[0]();
  expect(await first).toBe(1);
  await settled();
  expect(begun).toBe(2);
  const third = work.run();
  ends[1]();
  const failures = await Promise.allSettled(second);
  expect(failures.map(({ status }) => status)).toEqual([
    'rejected',
    'rejected',
  ]);
  await settled();
  ends[2]();
  expect(await third).toBe(3);
});
