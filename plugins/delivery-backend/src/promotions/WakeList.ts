// SPDX-License-Identifier: Apache-2.0
import type { Wake } from '@causeway/plugin-delivery-common';

/** Something that happened; undefined when it is not known what. */
export type Happening = Wake | undefined;

/**
 * What promotions of this process wait for, and which of them were woken since. What happens while
 * somebody looks at a promotion is kept until it is known what the promotion waits for, so that
 * nothing falls between looking and waiting.
 */
export class WakeList {
  readonly #waiting = new Map<string, readonly Wake[]>();
  readonly #meanwhile = new Map<string, Happening[]>();
  readonly #woken = new Set<string>();

  /** Somebody looks at the promotion from here on. */
  looking(promotion: string): void {
    this.#waiting.delete(promotion);
    this.#woken.delete(promotion);
    this.#meanwhile.set(promotion, []);
  }

  /** The promotion waits for one of these. */
  waits(promotion: string, wakes: readonly Wake[]): void {
    const missed = this.#meanwhile.get(promotion) ?? [];
    this.#meanwhile.delete(promotion);
    this.#waiting.set(promotion, wakes);
    if (missed.some(what => isWoken(wakes, what))) this.#woken.add(promotion);
  }

  /** The promotion ended, or another process has it. */
  forget(promotion: string): void {
    this.#waiting.delete(promotion);
    this.#woken.delete(promotion);
    this.#meanwhile.delete(promotion);
  }

  wake(what: Happening): void {
    for (const [promotion, wakes] of this.#waiting) {
      if (isWoken(wakes, what)) this.#woken.add(promotion);
    }
    for (const missed of this.#meanwhile.values()) missed.push(what);
  }

  woken(): readonly string[] {
    return [...this.#woken];
  }
}

function isWoken(wakes: readonly Wake[], what: Happening): boolean {
  return !what || wakes.some(wake => meets(wake, what));
}

function meets(wake: Wake, what: Wake): boolean {
  if (wake.on === 'cluster') {
    return what.on === 'cluster' && wake.cluster === what.cluster;
  }
  if (wake.on === 'stage') {
    return what.on === 'stage' && wake.stage === what.stage;
  }
  return wake.on === what.on;
}
