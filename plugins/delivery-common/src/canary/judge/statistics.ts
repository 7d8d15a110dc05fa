// SPDX-License-Identifier: Apache-2.0

/** A value kept between two bounds. */
export function clamp(value: number, lowest: number, highest: number): number {
  return Math.min(highest, Math.max(lowest, value));
}

/** The middle value; undefined of nothing. */
export function median(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined;
  const sorted = [...values].sort((left, right) => left - right);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? sorted[middle]
    : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The value below which a share of the values lies, interpolated; 0 of nothing. */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) return 0;
  const sorted = [...values].sort((left, right) => left - right);
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (position - below);
}

/** `ln Σ eˣ` without overflow; −∞ of nothing. */
export function logSumExp(values: readonly number[]): number {
  let largest = -Infinity;
  for (const value of values) if (value > largest) largest = value;
  if (!Number.isFinite(largest)) return largest;
  let sum = 0;
  for (const value of values) sum += Math.exp(value - largest);
  return largest + Math.log(sum);
}

/**
 * Quantile of a gamma distribution with the given shape and scale 1, `z` standard deviations from the
 * middle, by the approximation of Wilson and Hilferty (1931).
 */
export function gammaQuantile(shape: number, z: number): number {
  if (shape <= 0) return 0;
  const root = 1 - 1 / (9 * shape) + z / (3 * Math.sqrt(shape));
  return shape * Math.max(0, root) ** 3;
}

/** Bound of a rate of which `count` were seen in `trials`, counts being `dispersion` times as uneven as chance alone. */
export function rateUpperBound(
  count: number,
  trials: number,
  { dispersion, z }: { readonly dispersion: number; readonly z: number },
): number {
  if (trials <= 0) return Infinity;
  return (dispersion * gammaQuantile(count / dispersion + 1, z)) / trials;
}

/** The other end: the rate is hardly lower than this. */
export function rateLowerBound(
  count: number,
  trials: number,
  { dispersion, z }: { readonly dispersion: number; readonly z: number },
): number {
  if (trials <= 0) return 0;
  return (dispersion * gammaQuantile(count / dispersion, -z)) / trials;
}
