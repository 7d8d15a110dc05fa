// SPDX-License-Identifier: Apache-2.0
import { useSyncExternalStore } from 'react';

const STEP = 1_000;

function everySecond(onStep: () => void): () => void {
  const timer = setInterval(onStep, STEP);
  return () => clearInterval(timer);
}

/**
 * The world's clock in milliseconds, stepping every second: what it showed when
 * it was read last, and what has passed here since.
 *
 * @param shown - what it showed, ISO 8601
 * @param readAt - when that was by the clock of this machine, in milliseconds
 */
export function useWorldClock(shown: string, readAt: number): number {
  const second = useSyncExternalStore(everySecond, () =>
    Math.floor(Date.now() / STEP),
  );
  const passed = Math.max(0, second * STEP - readAt);
  return Date.parse(shown) + passed;
}
