// SPDX-License-Identifier: Apache-2.0

interface Event {
  readonly at: number;
  readonly order: number;
  readonly happen: () => void;
}

function isBefore(one: Event, other: Event): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}

/** What happens when, in order of time; what was planned first goes first at equal times. A binary heap. */
export class EventQueue {
  now = 0;
  #planned = 0;
  readonly #heap: Event[] = [];

  /** Plans something, not earlier than now. */
  plan(at: number, happen: () => void): void {
    const event = {
      at: Math.max(at, this.now),
      order: this.#planned++,
      happen,
    };
    const heap = this.#heap;
    let place = heap.length;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!isBefore(event, heap[parent])) break;
      heap[place] = heap[parent];
      place = parent;
    }
    heap[place] = event;
  }

  /** Lets all happen that is due until then. */
  runUntil(time: number): void {
    while (this.#heap.length > 0 && this.#heap[0].at <= time) {
      const event = this.#take();
      this.now = event.at;
      event.happen();
    }
    this.now = time;
  }

  #take(): Event {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (!last || heap.length === 0) return first;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child]))
        child++;
      if (!isBefore(heap[child], last)) break;
      heap[place] = heap[child];
      place = child;
    }
    heap[place] = last;
    return first;
  }
}
