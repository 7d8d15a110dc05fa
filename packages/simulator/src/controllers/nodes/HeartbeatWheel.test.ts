// SPDX-License-Identifier: Apache-2.0
import { Cancel, Scheduler } from '../../time/Scheduler';
import { HeartbeatWheel } from './HeartbeatWheel';

/** Counts the timers that wait; `turn` lets the next one ring. */
function aScheduler() {
  const waiting: (() => void)[] = [];
  const scheduler: Scheduler = {
    now: () => new Date(0),
    after: (_milliseconds, task): Cancel => {
      waiting.push(task);
      return () => waiting.splice(waiting.indexOf(task), 1);
    },
    sleep: async () => undefined,
    stop: () => undefined,
  };
  return { scheduler, waiting, turn: () => waiting.shift()?.() };
}

test('a thousand members beat once per interval, spread over it, by one timer', () => {
  const { scheduler, waiting, turn } = aScheduler();
  const beats = new Map<string, number>();
  const wheel = new HeartbeatWheel(scheduler, 10_000, member =>
    beats.set(member, (beats.get(member) ?? 0) + 1),
  );
  for (let index = 0; index < 1_000; index += 1) wheel.add(`node-${index}`);
  wheel.add('node-7');
  wheel.remove('node-8');
  turn();
  expect(beats.size).toBe(100);
  expect(waiting).toHaveLength(1);
  for (let slot = 1; slot < 10; slot += 1) turn();
  expect(beats.size).toBe(999);
  expect(new Set(beats.values())).toEqual(new Set([1]));
  wheel.stop();
  expect(waiting).toHaveLength(0);
});
