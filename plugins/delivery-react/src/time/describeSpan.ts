// SPDX-License-Identifier: Apache-2.0
import type { SharedTranslate } from '../translation';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * A span in words: seconds step by 1 below 10 s and by 5 below a minute, then whole minutes; from
 * an hour on the two largest units. A negative span (clocks differ) reads as none.
 *
 * @param milliseconds - the span
 *
 * @public
 */
export function describeSpan(milliseconds: number, t: SharedTranslate): string {
  const span = Math.max(0, milliseconds);
  if (span < 10 * SECOND) {
    return t('span.seconds', { seconds: String(Math.floor(span / SECOND)) });
  }
  if (span < MINUTE) {
    const seconds = Math.floor(span / (5 * SECOND)) * 5;
    return t('span.seconds', { seconds: String(seconds) });
  }
  if (span < HOUR) {
    return t('span.minutes', { minutes: String(Math.floor(span / MINUTE)) });
  }
  if (span < DAY) {
    const hours = String(Math.floor(span / HOUR));
    const minutes = Math.floor((span % HOUR) / MINUTE);
    return minutes === 0
      ? t('span.hours', { hours })
      : t('span.hoursMinutes', { hours, minutes: String(minutes) });
  }
  const days = String(Math.floor(span / DAY));
  const hours = Math.floor((span % DAY) / HOUR);
  return hours === 0
    ? t('span.days', { days })
    : t('span.daysHours', { days, hours: String(hours) });
}

/**
 * A span that is over, exact to the second below an hour: "1 min 8 s".
 *
 * @public
 */
export function describeDuration(
  milliseconds: number,
  t: SharedTranslate,
): string {
  const seconds = Math.floor((milliseconds % MINUTE) / SECOND);
  if (milliseconds < MINUTE) {
    return t('span.seconds', { seconds: String(seconds) });
  }
  if (milliseconds < HOUR && seconds > 0) {
    return t('span.minutesSeconds', {
      minutes: String(Math.floor(milliseconds / MINUTE)),
      seconds: String(seconds),
    });
  }
  return describeSpan(milliseconds, t);
}
