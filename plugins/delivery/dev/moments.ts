// SPDX-License-Identifier: Apache-2.0

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Moments of the sample story, all told from one moment in milliseconds. */
export function momentsFrom(now: number) {
  const at = (milliseconds: number) =>
    new Date(now + milliseconds).toISOString();
  return {
    secondsAgo: (seconds: number) => at(-seconds * 1_000),
    minutesAgo: (minutes: number) => at(-minutes * MINUTE),
    hoursAgo: (hours: number) => at(-hours * HOUR),
    daysAgo: (days: number, hours = 0) => at(-days * DAY - hours * HOUR),
    inMinutes: (minutes: number) => at(minutes * MINUTE),
  };
}

export type Moments = ReturnType<typeof momentsFrom>;
