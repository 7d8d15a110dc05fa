// SPDX-License-Identifier: Apache-2.0

/** Time that passes by itself and can be pushed forward. */
export class MemoryClock {
  #ahead = 0;
  readonly now = () => new Date(Date.now() + this.#ahead);
  advance(milliseconds: number) {
    this.#ahead += milliseconds;
  }
}
