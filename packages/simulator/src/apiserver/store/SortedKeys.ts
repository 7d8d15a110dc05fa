// SPDX-License-Identifier: Apache-2.0

/** The first character after `/`: no key of a namespace is as large as its name with this. */
const AFTER_SLASH = '0';

/** Keys in order, each once. Adding to the end, which is most common, costs nothing. */
export class SortedKeys {
  #keys: string[] = [];

  get all(): readonly string[] {
    return this.#keys;
  }

  /** The key must not be there yet. */
  add(key: string): void {
    const last = this.#keys[this.#keys.length - 1];
    if (last === undefined || last < key) this.#keys.push(key);
    else this.#keys.splice(this.#position(key), 0, key);
  }

  remove(key: string): void {
    const position = this.#position(key);
    if (this.#keys[position] === key) this.#keys.splice(position, 1);
  }

  /** The keys of one namespace, or all; only those after `after`, if given. */
  within(namespace: string | undefined, after?: string): readonly string[] {
    const start = namespace === undefined ? 0 : this.#position(`${namespace}/`);
    const end =
      namespace === undefined
        ? this.#keys.length
        : this.#position(`${namespace}${AFTER_SLASH}`);
    const first =
      after === undefined
        ? start
        : // The least text that is larger than `after`.
          Math.max(start, this.#position(`${after}\u0000`));
    return first === 0 && end === this.#keys.length
      ? this.#keys
      : this.#keys.slice(first, end);
  }

  /** Where a key is, or would be, by bisection. */
  #position(key: string): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#keys[middle] < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
