// SPDX-License-Identifier: Apache-2.0
import { holdBack, type BackOff } from './podLife';

const minute = 60_000;

it('starts a container again at once, and then later and later, until it has run for ten minutes', () => {
  let memory: BackOff | undefined;
  let now = 0;
  const waits = Array.from({ length: 8 }, () => {
    const { wait, next } = holdBack(memory, now);
    memory = next;
    // It crashes as soon as it runs.
    now = next.since;
    return wait / 1_000;
  });
  expect(waits).toEqual([0, 10, 20, 40, 80, 160, 300, 300]);
  expect(holdBack(memory, now + 10 * minute).wait).toBe(300_000);
  expect(holdBack(memory, now + 10 * minute + 1)).toEqual({
    wait: 0,
    next: { pause: 10_000, since: now + 10 * minute + 1 },
  });
});
