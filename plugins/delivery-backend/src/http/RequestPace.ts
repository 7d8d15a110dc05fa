// SPDX-License-Identifier: Apache-2.0
import type { Clock } from '../Clock';
import { RequestProblem } from './RequestProblem';

/**
 * Keeps one person from asking for more than so much in a minute, whatever it is that asks in their
 * name. Counted in this process: behind several replicas it may be as much more.
 */
export class RequestPace {
  readonly #clock: Clock;
  readonly #perMinute: number;
  readonly #asked = new Map<string, { minute: number; count: number }>();

  constructor(options: { readonly clock: Clock; readonly perMinute: number }) {
    this.#clock = options.clock;
    this.#perMinute = options.perMinute;
  }

  /** @throws RequestProblem when it was too much */
  note(actor: string): void {
    const minute = Math.floor(this.#clock().getTime() / 60_000);
    const before = this.#asked.get(actor);
    const count = before?.minute === minute ? before.count + 1 : 1;
    if (count > this.#perMinute) {
      throw new RequestProblem('TooManyRequestsError', {
        code: 'tooMany',
        message: `More than ${
          this.#perMinute
        } requests within a minute are not taken.`,
        hint: 'Ask for many devices in one request, or wait a minute.',
      });
    }
    if (before?.minute !== minute) {
      for (const [other, { minute: of }] of this.#asked) {
        if (of !== minute) this.#asked.delete(other);
      }
    }
    this.#asked.set(actor, { minute, count });
  }
}
