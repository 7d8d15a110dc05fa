// SPDX-License-Identifier: Apache-2.0

/** A matcher of a PromQL selector. */
export interface LabelMatcher {
  readonly name: string;
  readonly operator: '=' | '!=' | '=~' | '!~';
  readonly value: string;
}

/** One time series, computed when somebody asks. */
export interface Series {
  /** All labels but `__name__`. */
  readonly labels: Readonly<Record<string, string>>;
  /** The value of the scrape at an instant in milliseconds since the epoch; undefined when that scrape brought none. */
  valueAt(milliseconds: number): number | undefined;
}

/**
 * Something that exports metrics. Scrapes happen every `scrapeInterval`
 * milliseconds at whole multiples of it, so that two questions about the same
 * time get the same samples.
 */
export interface SeriesSource {
  /** The metric names it exports, with their help text and type. */
  readonly metrics: readonly {
    readonly name: string;
    readonly type: 'counter' | 'gauge' | 'histogram';
    readonly help: string;
  }[];
  /**
   * The series of a metric. Matchers may be used to skip work; whoever asks
   * applies all of them again.
   */
  series(name: string, matchers: readonly LabelMatcher[]): readonly Series[];
}

/** Milliseconds between two scrapes. */
export const scrapeInterval = 15_000;
