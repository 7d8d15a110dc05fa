// SPDX-License-Identifier: Apache-2.0

const units: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
};

/** Milliseconds of a duration (`1h30m`, `-5m`) or of a number of seconds; undefined when it is neither. */
export function parsePromDuration(text: string): number | undefined {
  const [, sign, rest] = /^([-+]?)(.*)$/.exec(text.trim()) ?? [];
  const factor = sign === '-' ? -1 : 1;
  if (/^\d+(\.\d*)?([eE][-+]?\d+)?$|^\.\d+$/.test(rest))
    return factor * Number(rest) * 1_000;
  if (!/^(\d+(ms|[smhdwy]))+$/.test(rest)) return undefined;
  let total = 0;
  for (const [, count, unit] of rest.matchAll(/(\d+)(ms|[smhdwy])/g))
    total += Number(count) * units[unit];
  return factor * total;
}
