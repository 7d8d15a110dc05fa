// SPDX-License-Identifier: Apache-2.0
import { alignScrapes, type Counter, type Target } from './alignScrapes';

/** What a scrape of a target brought since the scrape before. */
export interface Booking {
  readonly at: number;
  /** Undefined when the scrape says nothing of them. */
  readonly requests: number | undefined;
  readonly errors: number | undefined;
  /** Requests at or below each bound, added over histograms; empty when the scrape says nothing of them. */
  readonly buckets: readonly number[];
}

/** The increases of an arm, and how many scrapes were left out because of impossible numbers. */
export interface Bookings {
  readonly booked: readonly Booking[];
  readonly impossible: number;
}

type Values = readonly (number | undefined)[];

/** Where the counters of a target stood when they were last heard. */
class Standing {
  readonly #values: (number | undefined)[] = [];
  /** The number of the scrape that each counter was last in. */
  readonly #heardIn: number[] = [];
  #heard = 0;

  /** By counter; undefined where it can not be told. */
  increasesTo(values: Values, newIsZero: boolean): Values {
    const restarted = this.#isRestart(values);
    return values.map((value, index) => {
      const last = this.#values[index];
      if (value === undefined) return undefined;
      if (last === undefined) return newIsZero ? value : undefined;
      return restarted || value < last ? value : value - last;
    });
  }

  remember(values: Values): void {
    const restarted = this.#isRestart(values);
    this.#heard += 1;
    values.forEach((value, index) => {
      if (value !== undefined) {
        this.#values[index] = value;
        this.#heardIn[index] = this.#heard;
      } else if (restarted && this.#values[index] !== undefined) {
        this.#values[index] = 0;
      }
    });
  }

  #isRestart(values: Values): boolean {
    return values.some((value, index) => {
      const last = this.#values[index];
      if (value === undefined || last === undefined) return false;
      return value < last && this.#heardIn[index] === this.#heard;
    });
  }
}

/**
 * Turns cumulative counters into increases.
 *
 * - The increase of a counter is taken between two scrapes that were heard, and booked at the later one:
 *   nothing is interpolated, and a missed scrape loses nothing.
 * - When a counter falls the process began anew, so all counters of the target begin at 0. When one
 *   falls that the scrape before did not have, only that one does: it says nothing of the others.
 * - A scrape with a value that can not be, or with more failures than requests, is a missed scrape.
 * - The first sight of a counter books nothing, because nobody knows how long it has been counting,
 *   unless the counters are known to begin at 0 (`newSince`): then all after that instant is booked.
 *
 * The order of counters and samples does not matter, and samples that come twice count once.
 */
export function bookIncreases(
  counters: readonly Counter[],
  newSince?: number,
): Bookings {
  const booked: Booking[] = [];
  let impossible = 0;
  for (const target of alignScrapes(counters)) {
    const standing = new Standing();
    for (const { at, values, isPossible } of target.scrapes) {
      const isNew = newSince !== undefined && at > newSince;
      const increases = standing.increasesTo(values, isNew);
      const booking = isPossible ? bookingOf(at, target, increases) : undefined;
      if (!booking) {
        impossible += 1;
        continue;
      }
      standing.remember(values);
      if (newSince === undefined || isNew) booked.push(booking);
    }
  }
  return { booked, impossible };
}

/** Undefined when the increases contradict each other. */
function bookingOf(
  at: number,
  { counters, histograms }: Target,
  increases: Values,
): Booking | undefined {
  const totals: { requests?: number; errors?: number } = {};
  counters.forEach(({ counts }, index) => {
    const increase = increases[index];
    if (increase === undefined) return;
    for (const kind of counts) totals[kind] = (totals[kind] ?? 0) + increase;
  });
  const { requests, errors } = totals;
  if (requests !== undefined && (errors ?? 0) > requests) return undefined;
  const buckets: number[] = [];
  for (const places of histograms) {
    const below = places.map(index =>
      index === undefined ? undefined : increases[index],
    );
    const known = below.filter(each => each !== undefined);
    // Not all of it is there, or was before: what lies between the bounds can not be told.
    if (known.length < below.length) continue;
    const isRising = known.every(
      (each, place) => place === 0 || each >= known[place - 1],
    );
    if (!isRising) return undefined;
    known.forEach((each, place) => {
      buckets[place] = (buckets[place] ?? 0) + each;
    });
  }
  return { at, requests, errors, buckets };
}
