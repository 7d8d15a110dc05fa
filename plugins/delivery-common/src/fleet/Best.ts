// SPDX-License-Identifier: Apache-2.0

/** The first few of many in an order: a heap whose root is the last of those that are kept. */
export class Best<T> {
  readonly #heap: T[] = [];

  constructor(
    private readonly size: number,
    private readonly compare: (one: T, other: T) => number,
  ) {}

  offer(item: T): void {
    const heap = this.#heap;
    if (heap.length < this.size) {
      heap.push(item);
      this.#up(heap.length - 1);
    } else if (this.compare(item, heap[0]) < 0) {
      heap[0] = item;
      this.#down();
    }
  }

  sorted(): readonly T[] {
    return [...this.#heap].sort(this.compare);
  }

  #up(start: number): void {
    const heap = this.#heap;
    for (let at = start; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (this.compare(heap[at], heap[parent]) <= 0) return;
      [heap[at], heap[parent]] = [heap[parent], heap[at]];
      at = parent;
    }
  }

  #down(): void {
    const heap = this.#heap;
    for (let at = 0; ; ) {
      const left = 2 * at + 1;
      const right = left + 1;
      let last = at;
      if (left < heap.length && this.compare(heap[left], heap[last]) > 0) {
        last = left;
      }
      if (right < heap.length && this.compare(heap[right], heap[last]) > 0) {
        last = right;
      }
      if (last === at) return;
      [heap[at], heap[last]] = [heap[last], heap[at]];
      at = last;
    }
  }
}
