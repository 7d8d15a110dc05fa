// SPDX-License-Identifier: Apache-2.0

const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } satisfies Record<
  string,
  number
>;

/** Milliseconds of a duration like `1m30s`; `fallback` when it is missing or unreadable. */
export function parseDuration(
  text: string | undefined,
  fallback: number,
): number {
  if (!text || !/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text)) return fallback;
  let total = 0;
  for (const [, count, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)) {
    total += Number(count) * units[unit as keyof typeof units];
  }
  return total;
}

/** Milliseconds the way Go prints a duration: `10m0s`, `1.5s`, `140ms`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1_000) return `${milliseconds}ms`;
  const hours = Math.floor(milliseconds / units.h);
  const minutes = Math.floor((milliseconds % units.h) / units.m);
  const seconds = (milliseconds % units.m) / units.s;
  return `${hours ? `${hours}h` : ''}${
    hours || minutes ? `${minutes}m` : ''
  }${seconds}s`;
}
