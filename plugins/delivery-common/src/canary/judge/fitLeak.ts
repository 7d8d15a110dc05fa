// SPDX-License-Identifier: Apache-2.0
import { clamp } from './statistics';

/** How memory grows besides its warm-up. In percent of the limit. */
export interface LeakFit {
  /** The fitted value of the last minute. */
  readonly now: number;
  readonly perMinute: number;
  /** Standard deviation of `perMinute`, with regard to noise that lingers. */
  readonly deviation: number;
}

interface Sample {
  readonly minute: number;
  readonly value: number;
}

/**
 * Least squares of `A − B e^(−t/τ) + C t` with the τ that fits best. A straight line alone would
 * call every warm-up a leak. Undefined with fewer than 10 samples.
 */
export function fitLeak(
  samples: readonly Sample[],
  taus: readonly number[],
): LeakFit | undefined {
  if (samples.length < 10) return undefined;
  const fits = taus.flatMap(tau => fitWith(samples, tau) ?? []);
  return fits.reduce<(LeakFit & { residual: number }) | undefined>(
    (best, fit) => (best && best.residual <= fit.residual ? best : fit),
    undefined,
  );
}

function fitWith(
  samples: readonly Sample[],
  tau: number,
): (LeakFit & { residual: number }) | undefined {
  const rows = samples.map(({ minute }) => [
    1,
    -Math.exp(-minute / tau),
    minute,
  ]);
  const inverse = invert(normalMatrix(rows));
  if (!inverse) return undefined;
  const right = [0, 1, 2].map(column =>
    rows.reduce(
      (sum, row, index) => sum + row[column] * samples[index].value,
      0,
    ),
  );
  const solution = inverse.map(row =>
    row.reduce((sum, each, index) => sum + each * right[index], 0),
  );
  const fitted = (row: readonly number[]) =>
    row.reduce((sum, each, index) => sum + each * solution[index], 0);
  const residuals = rows.map(
    (row, index) => samples[index].value - fitted(row),
  );
  const residual = residuals.reduce((sum, each) => sum + each * each, 0);
  const variance = residual / Math.max(1, samples.length - 4);
  const lag = clamp(autocorrelation(residuals), 0, 0.95);
  return {
    now: fitted(rows[rows.length - 1]),
    perMinute: solution[2],
    deviation: Math.sqrt((variance * inverse[2][2] * (1 + lag)) / (1 - lag)),
    residual,
  };
}

function normalMatrix(rows: readonly (readonly number[])[]): number[][] {
  const matrix = [0, 1, 2].map(() => [0, 0, 0]);
  for (const row of rows)
    for (let left = 0; left < 3; left++)
      for (let right = 0; right < 3; right++)
        matrix[left][right] += row[left] * row[right];
  return matrix;
}

/** Inverse of a 3 × 3 matrix by cofactors; undefined of a singular one. */
function invert(
  matrix: readonly (readonly number[])[],
): number[][] | undefined {
  const cofactor = (row: number, column: number) => {
    const [r1, r2] = [0, 1, 2].filter(each => each !== row);
    const [c1, c2] = [0, 1, 2].filter(each => each !== column);
    const minor =
      matrix[r1][c1] * matrix[r2][c2] - matrix[r1][c2] * matrix[r2][c1];
    return (row + column) % 2 === 0 ? minor : -minor;
  };
  const determinant = [0, 1, 2].reduce(
    (sum, column) => sum + matrix[0][column] * cofactor(0, column),
    0,
  );
  if (!(Math.abs(determinant) > 1e-12)) return undefined;
  return [0, 1, 2].map(row =>
    [0, 1, 2].map(column => cofactor(column, row) / determinant),
  );
}

/** How much of a residual lingers in the next. */
function autocorrelation(residuals: readonly number[]): number {
  let products = 0;
  let squares = 0;
  for (let index = 0; index < residuals.length; index++) {
    squares += residuals[index] ** 2;
    if (index > 0) products += residuals[index] * residuals[index - 1];
  }
  return squares > 0 ? products / squares : 0;
}
