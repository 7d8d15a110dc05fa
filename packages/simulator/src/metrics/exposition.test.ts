// SPDX-License-Identifier: Apache-2.0
import { sourceOf } from '../testing/seriesOf';
import { exposition, newestScrape } from './exposition';
import type { SeriesSource } from './SeriesSource';

const noon = Date.parse('2026-03-01T12:00:00Z');

it('writes what a scrape brings, each line with its instant', () => {
  const source = sourceOf([
    {
      name: 'requests_total',
      series: [
        { labels: { path: 'a"b\\c' }, value: () => 1e21 },
        { labels: { path: 'gone' }, value: () => undefined },
      ],
    },
    { name: 'temperature', series: [{ value: () => 0.5 }] },
  ]);
  expect(exposition(source, noon)).toBe(
    `requests_total{path="a\\"b\\\\c"} 1000000000000000000000 ${noon}\ntemperature{} 0.5 ${noon}\n`,
  );
});

it('writes a histogram under its three names', () => {
  const source: SeriesSource = {
    metrics: [{ name: 'seconds', type: 'histogram', help: '' }],
    series: name => [{ labels: {}, valueAt: () => name.length }],
  };
  expect(exposition(source, 0)).toBe(
    'seconds_bucket{} 14 0\nseconds_sum{} 11 0\nseconds_count{} 13 0\n',
  );
});

it('takes the newest whole interval for the newest scrape', () => {
  expect(newestScrape(new Date(noon + 14_999))).toBe(noon);
  expect(newestScrape(new Date(noon + 15_000))).toBe(noon + 15_000);
});
