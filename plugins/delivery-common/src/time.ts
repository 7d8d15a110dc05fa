// SPDX-License-Identifier: Apache-2.0

/** A UTC instant, ISO 8601 with milliseconds and `Z`, as `Date.toISOString` writes it. */
export type Instant = string;

/** A span of time in whole milliseconds. */
export type Milliseconds = number;
