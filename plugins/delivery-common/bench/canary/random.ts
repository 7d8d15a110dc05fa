// SPDX-License-Identifier: Apache-2.0

/** Random numbers that follow from a seed alone. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = (seed ^ 0x9e3779b9) >>> 0;
  }

  /** Uniform between two bounds. */
  between(low: number, high: number): number {
    return low + (high - low) * this.#next();
  }

  /** Uniform in the logarithm between two bounds. */
  betweenLog(low: number, high: number): number {
    return Math.exp(this.between(Math.log(low), Math.log(high)));
  }

  chance(share: number): boolean {
    return this.#next() < share;
  }

  pick<T>(values: readonly T[]): T {
    return values[Math.floor(this.#next() * values.length)];
  }

  /** Standard normal. */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.#next()));
    return radius * Math.cos(2 * Math.PI * this.#next());
  }

  poisson(mean: number): number {
    if (mean <= 0) return 0;
    if (mean > 60)
      return Math.max(0, Math.round(mean + Math.sqrt(mean) * this.normal()));
    const limit = Math.exp(-mean);
    let count = 0;
    for (let product = this.#next(); product > limit; product *= this.#next())
      count++;
    return count;
  }

  /** Successes in `trials`. */
  binomial(trials: number, share: number): number {
    if (trials <= 0 || share <= 0) return 0;
    if (share >= 1) return trials;
    if (share > 0.5) return trials - this.binomial(trials, 1 - share);
    const mean = trials * share;
    if (mean > 60) {
      const drawn = mean + Math.sqrt(mean * (1 - share)) * this.normal();
      return Math.min(trials, Math.max(0, Math.round(drawn)));
    }
    if (trials > 40 && share < 0.05)
      return Math.min(trials, this.poisson(mean));
    let count = 0;
    for (let index = 0; index < trials; index++)
      if (this.#next() < share) count++;
    return count;
  }

  /** Size of a cluster, 1 and more, with the given mean. */
  clusterSize(mean: number): number {
    let size = 1;
    while (size < 50 && this.#next() < 1 - 1 / mean) size++;
    return size;
  }

  #next(): number {
    // mulberry32
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  }
}
