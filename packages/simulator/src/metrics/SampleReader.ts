// SPDX-License-Identifier: Apache-2.0
import { matcherTakes } from './promql/parse';
import type { Labels, Point, SeriesWindow } from './promql/vector';
import {
  LabelMatcher,
  scrapeInterval,
  Series,
  SeriesSource,
} from './SeriesSource';

/** How long a sample counts after its scrape, in milliseconds. */
const lookback = 300_000;

/** A series with its name among its labels. */
export interface NamedSeries {
  readonly labels: Labels;
  readonly series: Series;
}

/** The samples of a series that were read so far; the windows of a query overlap. */
class ReadSamples {
  #points: Point[] = [];
  /** The scrapes after the first and up to the second instant have been read. */
  #from = 0;
  #until = -Infinity;

  constructor(private readonly series: Series) {}

  between(from: number, until: number): readonly Point[] {
    const first = Math.floor(from / scrapeInterval) * scrapeInterval;
    if (first < this.#from || first > this.#until) {
      this.#points = [];
      this.#from = first;
      this.#until = first;
    }
    for (
      let time = this.#until + scrapeInterval;
      time <= until;
      time += scrapeInterval
    ) {
      const value = this.series.valueAt(time);
      if (value !== undefined) this.#points.push({ time, value });
      this.#until = time;
    }
    return this.#points.slice(this.#countUntil(from), this.#countUntil(until));
  }

  /** How many of the points are not after an instant. */
  #countUntil(instant: number): number {
    let low = 0;
    let high = this.#points.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#points[middle].time <= instant) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Reads samples of several sources as if a Prometheus had scraped and stored them. */
export class SampleReader {
  /** Lives as long as the query that has selected the series. */
  readonly #read = new WeakMap<NamedSeries, ReadSamples>();

  constructor(private readonly sources: () => readonly SeriesSource[]) {}

  /** The series that all matchers take. */
  select(matchers: readonly LabelMatcher[]): readonly NamedSeries[] {
    const ofName = matchers.filter(({ name }) => name === '__name__');
    const ofLabels = matchers.filter(({ name }) => name !== '__name__');
    return this.sources().flatMap(source =>
      source.metrics
        .flatMap(metric => namesOf(metric))
        .filter(name => ofName.every(each => matcherTakes(each, name)))
        .flatMap(name =>
          source
            .series(name, ofLabels)
            .filter(({ labels }) =>
              ofLabels.every(each =>
                matcherTakes(each, labels[each.name] ?? ''),
              ),
            )
            .map(series => ({
              labels: { ...series.labels, __name__: name },
              series,
            })),
        ),
    );
  }

  /** The newest sample that still counts at an instant. */
  latest({ series }: NamedSeries, time: number): Point | undefined {
    const newest = Math.floor(time / scrapeInterval) * scrapeInterval;
    for (let at = newest; at > time - lookback; at -= scrapeInterval) {
      const value = series.valueAt(at);
      if (value !== undefined) return { time: at, value };
    }
    return undefined;
  }

  /** The samples after `from` and up to `until`. */
  window(named: NamedSeries, from: number, until: number): SeriesWindow {
    const read = this.#read.get(named) ?? new ReadSamples(named.series);
    this.#read.set(named, read);
    return { labels: named.labels, points: read.between(from, until) };
  }

  /** What each metric is, for `metadata`. */
  metadata() {
    return this.sources().flatMap(({ metrics }) => metrics);
  }
}

/** The names under which a metric is stored: a histogram is stored as three. */
export function namesOf({
  name,
  type,
}: SeriesSource['metrics'][number]): readonly string[] {
  return type === 'histogram'
    ? [`${name}_bucket`, `${name}_sum`, `${name}_count`]
    : [name];
}
