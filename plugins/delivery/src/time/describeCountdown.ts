// SPDX-License-Identifier: Apache-2.0

/**
 * What is left as a running clock, of the same width all the time: "18:12", "1:02:03". Nothing is
 * left when the moment is over.
 *
 * @param milliseconds - until the moment
 */
export function describeCountdown(milliseconds: number): string | undefined {
  if (milliseconds <= 0) return undefined;
  const seconds = Math.ceil(milliseconds / 1_000);
  const parts = [Math.floor(seconds / 60) % 60, seconds % 60];
  const hours = Math.floor(seconds / 3_600);
  const clock = parts.map(part => String(part).padStart(2, '0')).join(':');
  return hours > 0 ? `${hours}:${clock}` : clock;
}
