// SPDX-License-Identifier: Apache-2.0
import type { Telemetry } from './Telemetry';

type Complaints = Pick<Telemetry, 'undervoltage' | 'warm' | 'throttled'>;

/** Bits 0 to 3 of `vcgencmd get_throttled`; 16 bits higher they say that it has happened since the boot. */
const undervolted = 0b0001;
const frequencyCapped = 0b0010;
const throttling = 0b0100;
const softLimit = 0b1000;

/**
 * The answer of `vcgencmd get_throttled`. A weak supply throttles; warmth
 * first is a soft limit, then caps the frequency and throttles.
 */
export function throttledBitsOf({
  undervoltage,
  warm,
  throttled,
}: Complaints): number {
  const bits = (when: 'now' | 'sinceBoot') =>
    (undervoltage[when] ? undervolted + throttling : 0) |
    (warm[when] ? softLimit : 0) |
    (throttled[when] ? frequencyCapped + throttling : 0);
  // What holds now has happened.
  return bits('now') | ((bits('sinceBoot') | bits('now')) << 16);
}

const levels = [
  { now: false, sinceBoot: false },
  { now: false, sinceBoot: true },
  { now: true, sinceBoot: true },
];

/** Every answer there can be, and when it is given: the exporter puts it into a label. */
export const throttledBits = [
  ...new Set(
    levels.flatMap(undervoltage =>
      levels.flatMap(warm =>
        levels.map(throttled =>
          throttledBitsOf({ undervoltage, warm, throttled }),
        ),
      ),
    ),
  ),
].map(bits => ({
  bits,
  holds: (telemetry: Complaints) => throttledBitsOf(telemetry) === bits,
}));
