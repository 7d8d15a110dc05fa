// SPDX-License-Identifier: Apache-2.0
import type { Translate } from '../translation';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** A span in words, to the second below an hour. */
export function describeSpan(milliseconds: number, t: Translate): string {
  const span = Math.max(0, milliseconds);
  const seconds = String(Math.floor((span % MINUTE) / SECOND));
  const minutes = String(Math.floor((span % HOUR) / MINUTE));
  if (span < MINUTE) return t('span.seconds', { seconds });
  if (span < HOUR) return t('span.minutes', { minutes, seconds });
  return t('span.hours', { hours: String(Math.floor(span / HOUR)), minutes });
}

/** A moment of the world in the local zone: the time, and the day when it is another than today's. */
export function describeMoment(at: number, now: number): string {
  const time = {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  } as const;
  const isToday = new Date(at).toDateString() === new Date(now).toDateString();
  return new Intl.DateTimeFormat(undefined, {
    ...time,
    ...(!isToday && { day: 'numeric', month: 'short' }),
  }).format(at);
}

/** The world's clock, to the second, with its day. */
export function describeClock(at: number): string {
  return new Intl.DateTimeFormat(undefined, {
    dateStyle: 'medium',
    timeStyle: 'medium',
  }).format(at);
}
