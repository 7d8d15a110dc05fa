// SPDX-License-Identifier: Apache-2.0

/**
 * A number in [0, 1) that depends on nothing but the seed and the key: what
 * is random about the world is decided by it, so that the same seed gives
 * the same world in whatever order it is asked.
 */
export function chance(seed: number, ...key: readonly unknown[]): number {
  const text = key.join(' ');
  let hash = 0x811c9dc5 ^ seed;
  for (let index = 0; index < text.length; index++)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  // FNV leaves neighbours close to each other; these steps scatter them.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

/** A number between two others, decided as by `chance`. */
export function between(
  low: number,
  high: number,
  seed: number,
  ...key: readonly unknown[]
): number {
  return low + (high - low) * chance(seed, ...key);
}

/** One of several, decided as by `chance`. */
export function oneOf<T>(
  choices: readonly T[],
  seed: number,
  ...key: readonly unknown[]
): T {
  return choices[Math.floor(chance(seed, ...key) * choices.length)];
}
