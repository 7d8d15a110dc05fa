// SPDX-License-Identifier: Apache-2.0
import type { Milliseconds } from '../time';

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const;

/** A span for a sentence, in at most two units, rounded up to whole seconds: `2 h 5 min`, `30 s`. */
export function sayDuration(span: Milliseconds): string {
  let rest = Math.max(0, Math.ceil(span / 1_000) * 1_000);
  const words: string[] = [];
  for (const [unit, length] of units) {
    const amount = Math.floor(rest / length);
    if (amount > 0) words.push(`${amount} ${unit}`);
    else if (words.length > 0) break;
    rest -= amount * length;
    if (words.length === 2) break;
  }
  return words.length > 0 ? words.join(' ') : '0 s';
}
