// SPDX-License-Identifier: Apache-2.0

/** A cumulative counter of one target, and what its increase counts as. */
export interface Counter {
  /** Counters of one target are scraped together and restart together. */
  readonly target: string;
  readonly counts: readonly ('requests' | 'errors')[];
  /** For a bucket: its histogram, its place in the order of bounds, and how many buckets there are. */
  readonly bucket?: {
    readonly histogram: string;
    readonly place: number;
    readonly of: number;
  };
  readonly samples: readonly { readonly at: number; readonly value: number }[];
}

/** All that one scrape of a target brought. */
export interface Scrape {
  readonly at: number;
  /** In the order of the target's counters; undefined where the scrape had none. */
  readonly values: (number | undefined)[];
  /** False when a value is no count, or when two samples of one counter contradict each other. */
  isPossible: boolean;
}

/** The counters of a target with what was scraped of them. */
export interface Target {
  readonly counters: readonly Counter[];
  /** Which of the counters are the buckets of each histogram, in order of their bounds; undefined where one is missing. */
  readonly histograms: readonly (readonly (number | undefined)[])[];
  /** In order of time. */
  readonly scrapes: readonly Scrape[];
}

/** Puts samples together again that were scraped together. */
export function alignScrapes(counters: readonly Counter[]): readonly Target[] {
  const targets = new Map<string, Counter[]>();
  for (const counter of counters) {
    const siblings = targets.get(counter.target);
    if (siblings) siblings.push(counter);
    else targets.set(counter.target, [counter]);
  }
  return [...targets.values()].map(siblings => ({
    counters: siblings,
    histograms: histogramsOf(siblings),
    scrapes: scrapesOf(siblings),
  }));
}

function histogramsOf(counters: readonly Counter[]): Target['histograms'] {
  const histograms = new Map<string, (number | undefined)[]>();
  counters.forEach(({ bucket }, index) => {
    if (!bucket) return;
    const { histogram, place, of } = bucket;
    const places =
      histograms.get(histogram) ??
      new Array<number | undefined>(of).fill(undefined);
    places[place] = index;
    histograms.set(histogram, places);
  });
  return [...histograms.values()];
}

function scrapesOf(counters: readonly Counter[]): readonly Scrape[] {
  const scrapes = new Map<number, Scrape>();
  counters.forEach(({ samples }, index) => {
    for (const { at, value } of samples) {
      let scrape = scrapes.get(at);
      if (!scrape) {
        const values = new Array<number | undefined>(counters.length);
        scrape = { at, values: values.fill(undefined), isPossible: true };
        scrapes.set(at, scrape);
      }
      const other = scrape.values[index];
      const agrees = other === undefined || other === value;
      if (!agrees || !Number.isFinite(value) || value < 0)
        scrape.isPossible = false;
      scrape.values[index] = value;
    }
  });
  return [...scrapes.values()].sort((left, right) => left.at - right.at);
}
