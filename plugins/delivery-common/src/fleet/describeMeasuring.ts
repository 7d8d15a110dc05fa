// SPDX-License-Identifier: Apache-2.0
import type { Milliseconds } from '../time';
import type { ReadingName, Telemetry } from './device';

/** How completely a device is measured. Times are in milliseconds since the epoch. */
export interface Measuring {
  /** Whether anything that health is judged by was ever measured. */
  readonly isKnown: boolean;
  /** When measurements came back after a gap; undefined while no gap was seen. */
  readonly since?: number;
  /** Until when they tell about the present. */
  readonly until: number;
}

const judged: readonly ReadingName[] = ['temperature', 'storage', 'memory'];

/**
 * Until when all that health is judged by and that was ever reported is recent, and since when without
 * a gap. What was measured before this process looked is believed if the first measurement comes in time.
 */
export function describeMeasuring(
  telemetry: Telemetry | undefined,
  age: Milliseconds,
  before: Measuring | undefined,
  now: number,
): Measuring {
  const last = before ?? { isKnown: false, until: now + age };
  const times = judged.flatMap(name => {
    const reading = telemetry?.readings[name];
    return reading ? [Date.parse(reading.at)] : [];
  });
  if (times.length === 0) return last;
  const oldest = Math.min(...times);
  return {
    isKnown: true,
    since: oldest > last.until ? oldest : last.since,
    until: oldest + age,
  };
}

/** Whether what was measured tells about the present. */
export function isMeasured(measuring: Measuring, now: number): boolean {
  return measuring.isKnown && now <= measuring.until;
}
