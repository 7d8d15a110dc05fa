// SPDX-License-Identifier: Apache-2.0

/** Who wants to hear of changes. */
export class Subscribers<T> {
  readonly #listeners = new Set<(change: T) => void>();
  readonly subscribe = (listener: (change: T) => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  };
  tell(change: T) {
    for (const listener of this.#listeners) listener(change);
  }
}
