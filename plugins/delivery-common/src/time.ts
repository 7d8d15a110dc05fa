// SPDX-License-Identifier: Apache-2.0

/** A UTC instant, ISO 8601 with milliseconds and `Z`, as `Date.toISOString` writes it. */
export type Instant = string;

/** A span of time in whole milliseconds. */
export type Milliseconds = number;

/** The instant a span after another; before it when the span is negative. */
export function later(instant: Instant, span: Milliseconds): Instant {
  return new Date(Date.parse(instant) + span).toISOString();
}
