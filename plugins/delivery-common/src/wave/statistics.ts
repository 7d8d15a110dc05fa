// SPDX-License-Identifier: Apache-2.0

/**
 * Failures and devices at risk, by the estimate of Kaplan and Meier. A failure at age `a` is held against
 * all devices that ran at least as long, so that quick crashes do not outrun proofs, which take a soak.
 * `ages` are those of all runs, the failed ones included, in rising order.
 */
export function failureRate(
  failureAges: readonly number[],
  ages: ArrayLike<number>,
): { readonly failures: number; readonly rate: number } {
  let rate = 0;
  for (const age of failureAges) rate += 1 / (ages.length - below(ages, age));
  return { failures: failureAges.length, rate: Math.min(1, rate) };
}

/** How many values of a rising list are less than the bound. */
function below(ages: ArrayLike<number>, bound: number): number {
  let low = 0;
  let high = ages.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ages[middle] < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The lower bound of Wilson's interval for `failures` that are a share `rate` of the trials. */
export function wilsonLowerBound(
  failures: number,
  rate: number,
  z: number,
): number {
  if (failures === 0 || rate === 0) return 0;
  const n = failures / rate;
  const square = (z * z) / n;
  const middle = rate + square / 2;
  const spread = z * Math.sqrt((rate * (1 - rate)) / n + square / (4 * n));
  return (middle - spread) / (1 + square);
}
