// SPDX-License-Identifier: Apache-2.0
import type { Milliseconds } from '../time';

const SECOND = 1000;
const MILLISECONDS = {
  s: SECOND,
  m: 60 * SECOND,
  h: 3600 * SECOND,
  d: 24 * 3600 * SECOND,
  w: 7 * 24 * 3600 * SECOND,
} as const;

const SHORT = /^(?:\d{1,6}[smhdw])+$/;
const ISO =
  /^P(?=.)(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?=.)(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})S)?)?$/;

/**
 * Reads `30s`, `30m`, `24h`, `3d`, `1h30m` or an ISO 8601 duration of weeks, days, hours, minutes
 * and seconds. A day is 24 hours; months and years are refused because their length varies.
 */
export function parseDuration(text: string): Milliseconds | undefined {
  if (SHORT.test(text)) {
    return Array.from(text.matchAll(/(\d+)([smhdw])/g)).reduce(
      (sum, [, amount, unit]) =>
        sum + Number(amount) * MILLISECONDS[unit as keyof typeof MILLISECONDS],
      0,
    );
  }
  const iso = ISO.exec(text);
  if (!iso) return undefined;
  const [weeks, days, hours, minutes, seconds] = iso
    .slice(1)
    .map(amount => Number(amount ?? 0));
  return (
    weeks * MILLISECONDS.w +
    days * MILLISECONDS.d +
    hours * MILLISECONDS.h +
    minutes * MILLISECONDS.m +
    seconds * MILLISECONDS.s
  );
}

/** The same for a text that was checked before. @throws Error when it was not */
export function checkedDuration(text: string): Milliseconds {
  const milliseconds = parseDuration(text);
  if (milliseconds === undefined) {
    throw new Error(`The duration ${text} passed the schema`);
  }
  return milliseconds;
}
