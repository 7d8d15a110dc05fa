// SPDX-License-Identifier: Apache-2.0

const DAY = 24 * 60 * 60 * 1_000;

/**
 * A moment as people say it, in the local zone: the time today, weekday and time within a week,
 * otherwise the date too.
 *
 * @param at - milliseconds since 1970
 * @param now - milliseconds since 1970
 *
 * @public
 */
export function describeInstant(
  at: number,
  now: number,
  language?: string,
): string {
  const time: Intl.DateTimeFormatOptions = {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  };
  const format = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(language, options).format(at);
  if (new Date(at).toDateString() === new Date(now).toDateString()) {
    return format(time);
  }
  if (Math.abs(now - at) < 6 * DAY) {
    return `${format({ weekday: 'short' })} ${format(time)}`;
  }
  return `${format({ day: 'numeric', month: 'short' })} ${format(time)}`;
}
