// SPDX-License-Identifier: Apache-2.0
import { formatValue } from './formatValue';
import { namesOf } from './SampleReader';
import { scrapeInterval, SeriesSource } from './SeriesSource';

/** The instant of the newest scrape, in milliseconds. */
export function newestScrape(now: Date): number {
  return Math.floor(now.getTime() / scrapeInterval) * scrapeInterval;
}

/**
 * What a scrape brings, in the text format of Prometheus. Lines carry the instant of the scrape, so
 * a Prometheus that asks more often gets the same samples again.
 * @param time - of the scrape, in milliseconds since the epoch
 */
export function exposition(source: SeriesSource, time: number): string {
  return source.metrics
    .flatMap(namesOf)
    .flatMap(name =>
      source.series(name, []).flatMap(({ labels, valueAt }) => {
        const value = valueAt(time);
        return value === undefined
          ? []
          : [`${name}{${pairsOf(labels)}} ${formatValue(value)} ${time}\n`];
      }),
    )
    .join('');
}

/** Quoted as JSON quotes, which is how Prometheus does it for the characters that it asks to escape. */
function pairsOf(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([label, text]) => `${label}=${JSON.stringify(text)}`)
    .join(',');
}
