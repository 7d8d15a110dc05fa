// SPDX-License-Identifier: Apache-2.0

/** Mixes a whole number into a hash of 32 bits. */
export function mixed(hash: number, value: number): number {
  let bits = Math.imul(hash ^ (value | 0), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/** A hash of 32 bits of a text. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return mixed(hash, text.length);
}

/** Above this mean a normal distribution is near enough. */
const manyEvents = 40;

/** Draws that follow from a hash alone. */
export class Draws {
  #state: number;

  constructor(hash: number) {
    this.#state = hash >>> 0;
  }

  /** From 0 up to and without 1. */
  uniform(): number {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    return mixed(this.#state, 0x2545f491) / 2 ** 32;
  }

  /** Evenly between two bounds on a logarithmic scale. */
  logarithmic(low: number, high: number): number {
    return low * (high / low) ** this.uniform();
  }

  /** Standard normal. */
  normal(): number {
    const angle = 2 * Math.PI * this.uniform();
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(angle);
  }

  /** Rare events of a mean number. */
  poisson(mean: number): number {
    if (!(mean > 0)) return 0;
    if (mean > manyEvents) return this.#near(mean, mean);
    let left = this.uniform();
    let chance = Math.exp(-mean);
    let count = 0;
    while (left > chance && count < 10 * manyEvents) {
      left -= chance;
      count++;
      chance *= mean / count;
    }
    return count;
  }

  /** How many of `trials` hit a share of 0…1. */
  binomial(trials: number, share: number): number {
    if (trials <= 0 || !(share > 0)) return 0;
    if (share >= 1) return trials;
    if (share > 0.5) return trials - this.binomial(trials, 1 - share);
    const mean = trials * share;
    if (mean > manyEvents)
      return Math.min(trials, this.#near(mean, mean * (1 - share)));
    const odds = share / (1 - share);
    let left = this.uniform();
    let chance = (1 - share) ** trials;
    let count = 0;
    while (left > chance && count < trials) {
      left -= chance;
      count++;
      chance *= (odds * (trials - count + 1)) / count;
    }
    return count;
  }

  /** Events of a mean number that come in clusters, `size` of them on average: their variance is 2 · size − 1 times that of single ones. */
  clustered(mean: number, size: number): number {
    const clusters = mean / size;
    if (clusters > manyEvents) return this.#near(mean, mean * (2 * size - 1));
    let count = this.poisson(clusters);
    if (size <= 1) return count;
    const another = 1 - 1 / size;
    for (let left = count; left > 0; left--)
      while (this.uniform() < another) count++;
    return count;
  }

  #near(mean: number, variance: number): number {
    return Math.max(0, Math.round(mean + Math.sqrt(variance) * this.normal()));
  }
}

/**
 * A smooth random curve of mean 0 and about the spread 1 in time, with a knot
 * at every multiple of `period` milliseconds. Pure in hash and time.
 */
export function driftAt(hash: number, period: number, time: number): number {
  const knot = Math.floor(time / period);
  const part = time / period - knot;
  const [before, after] = [knot, knot + 1].map(index =>
    new Draws(mixed(hash, index)).normal(),
  );
  // The knots' weights keep the variance the same between them.
  const angle = (part * Math.PI) / 2;
  return before * Math.cos(angle) + after * Math.sin(angle);
}
