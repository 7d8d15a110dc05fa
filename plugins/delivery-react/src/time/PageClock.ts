// SPDX-License-Identifier: Apache-2.0
import { createContext, useContext, useSyncExternalStore } from 'react';

/** How often the page looks at the clock, in milliseconds. */
const STEP = 1_000;

/**
 * The one clock of a page: what reads it steps together. Times are milliseconds since 1970.
 *
 * @public
 */
export interface PageClock {
  now(): number;
  /** Calls back about once a second while the page is visible; returns the way to stop. */
  subscribe(onStep: () => void): () => void;
}

/** Makes a page clock over a wall clock. It runs only while somebody listens. */
export function createPageClock(now: () => number): PageClock {
  const listeners = new Set<() => void>();
  let timer: ReturnType<typeof setInterval> | undefined;
  const step = () => {
    if (document.visibilityState === 'hidden') return;
    listeners.forEach(listener => listener());
  };
  return {
    now,
    subscribe(onStep) {
      listeners.add(onStep);
      if (!timer) {
        timer = setInterval(step, STEP);
        document.addEventListener('visibilitychange', step);
      }
      return () => {
        listeners.delete(onStep);
        if (listeners.size > 0) return;
        clearInterval(timer);
        timer = undefined;
        document.removeEventListener('visibilitychange', step);
      };
    },
  };
}

/** The clock of the page a view stands on. */
export const PageClockContext = createContext<PageClock | undefined>(undefined);

/**
 * The clock of the page; throws outside of a DeliveryProvider.
 *
 * @public
 */
export function usePageClock(): PageClock {
  const clock = useContext(PageClockContext);
  if (!clock)
    throw new Error('There is no page clock outside a DeliveryProvider');
  return clock;
}

/**
 * Something read from the clock, kept up to date. The view renders again only when the answer
 * differs, so an age in minutes costs one render a minute. `describe` must return a primitive.
 *
 * @public
 */
export function useClock<T extends string | number | boolean>(
  describe: (now: number) => T,
): T {
  const clock = usePageClock();
  return useSyncExternalStore(clock.subscribe, () => describe(clock.now()));
}
