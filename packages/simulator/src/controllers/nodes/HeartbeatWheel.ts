// SPDX-License-Identifier: Apache-2.0
import { Cancel, Scheduler } from '../../time/Scheduler';

const slots = 10;

/**
 * Calls `beat` for every member once per interval, spread over the interval,
 * with one timer for all of them however many they are.
 */
export class HeartbeatWheel {
  readonly #slotOf = new Map<string, number>();
  readonly #members = Array.from({ length: slots }, () => new Set<string>());
  #next = 0;
  #cancel: Cancel;

  constructor(
    private readonly scheduler: Scheduler,
    private readonly interval: number,
    private readonly beat: (member: string) => void,
  ) {
    this.#cancel = this.#turn();
  }

  /** Takes a member in, where the fewest are. */
  add(member: string): void {
    if (this.#slotOf.has(member)) return;
    const sizes = this.#members.map(({ size }) => size);
    const slot = sizes.indexOf(Math.min(...sizes));
    this.#members[slot].add(member);
    this.#slotOf.set(member, slot);
  }

  remove(member: string): void {
    const slot = this.#slotOf.get(member);
    if (slot !== undefined) this.#members[slot].delete(member);
    this.#slotOf.delete(member);
  }

  stop(): void {
    this.#cancel();
  }

  #turn(): Cancel {
    return this.scheduler.after(this.interval / slots, () => {
      this.#cancel = this.#turn();
      const due = [...this.#members[this.#next]];
      this.#next = (this.#next + 1) % slots;
      due.forEach(this.beat);
    });
  }
}
