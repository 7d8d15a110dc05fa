// SPDX-License-Identifier: Apache-2.0
import type { SeriesSource } from '../metrics/SeriesSource';
import { sourceOf } from './seriesOf';

const hour = 3_600_000;

/** One hour of metrics with round numbers, until an instant in milliseconds: `shop` fails one request in ten, `cart` none. */
export function sampleMetrics(now: number): SeriesSource {
  const start = now - hour;
  const requests = (perSecond: number) => (time: number) =>
    Math.max(0, ((time - start) / 1_000) * perSecond);
  return sourceOf([
    {
      name: 'requests_total',
      type: 'counter',
      series: [
        { labels: { job: 'shop', status: '200' }, value: requests(9) },
        { labels: { job: 'shop', status: '500' }, value: requests(1) },
        { labels: { job: 'cart', status: '200' }, value: requests(4) },
      ],
    },
    {
      name: 'restarted_total',
      type: 'counter',
      series: [{ value: time => ((time - start) / 1_000) % 100 }],
    },
    {
      name: 'latency_bucket',
      type: 'counter',
      series: [
        { labels: { le: '0.1' }, value: requests(50) },
        { labels: { le: '0.5' }, value: requests(90) },
        { labels: { le: '1' }, value: requests(99) },
        { labels: { le: '+Inf' }, value: requests(100) },
      ],
    },
    {
      name: 'temperature',
      series: [
        { labels: { device: 'a', site: 'venlo' }, value: () => 40 },
        { labels: { device: 'b', site: 'venlo' }, value: () => 60 },
        { labels: { device: 'c', site: 'oslo' }, value: () => 80 },
      ],
    },
    {
      name: 'device_info',
      series: [
        { labels: { device: 'a', board: 'jetson' }, value: () => 1 },
        { labels: { device: 'b', board: 'pi' }, value: () => 1 },
      ],
    },
    {
      name: 'silent',
      series: [
        {
          value: time => (time <= now - 400_000 ? 7 : undefined),
        },
      ],
    },
  ]);
}

/** Queries over them, and what they answer at that instant: a number, a text, how many series of a range, or values by labels. */
export function sampleQueries(
  now: number,
): readonly (readonly [query: string, answer: unknown])[] {
  return [
    ['1 + 2 * 3 ^ 2', 19],
    ['-2 ^ 2', -4],
    ['7 % 4 == bool 3', 1],
    ['time() - 1h', (now - hour) / 1_000],
    ['"text"', 'text'],
    [
      'temperature{site="venlo"}',
      {
        '__name__=temperature,device=a,site=venlo': 40,
        '__name__=temperature,device=b,site=venlo': 60,
      },
    ],
    ['count(temperature{device!~"a|b"})', { '': 1 }],
    ['sum(rate(requests_total[5m]))', { '': 14 }],
    [
      'sum by (job) (rate(requests_total[5m]))',
      { 'job=shop': 10, 'job=cart': 4 },
    ],
    [
      'sum(rate(requests_total{job="shop",status!~"5.."}[1m])) / sum(rate(requests_total{job="shop"}[1m])) * 100',
      { '': 90 },
    ],
    [
      'increase(requests_total{job="cart"}[10m])',
      { 'job=cart,status=200': 2400 },
    ],
    ['round(rate(restarted_total[10m]), 0.1)', { '': 0.9 }],
    ['resets(restarted_total[10m]) > 4', { '': 6 }],
    ['histogram_quantile(0.5, rate(latency_bucket[5m]))', { '': 0.1 }],
    [
      'histogram_quantile(0.95, rate(latency_bucket[5m]))',
      { '': 0.7777777778 },
    ],
    [
      'max without (device) (temperature)',
      { 'site=venlo': 60, 'site=oslo': 80 },
    ],
    ['quantile(0.5, temperature)', { '': 60 }],
    ['stddev(temperature{site="venlo"})', { '': 10 }],
    ['topk(1, temperature)', { '__name__=temperature,device=c,site=oslo': 80 }],
    [
      'temperature > 50 and on(device) device_info',
      { '__name__=temperature,device=b,site=venlo': 60 },
    ],
    [
      'temperature * on(device) group_left(board) device_info',
      {
        'board=jetson,device=a,site=venlo': 40,
        'board=pi,device=b,site=venlo': 60,
      },
    ],
    ['sum(temperature unless on(device) device_info)', { '': 80 }],
    ['count(temperature or device_info)', { '': 5 }],
    ['absent(nothing{job="x"})', { 'job=x': 1 }],
    ['absent(temperature)', {}],
    ['silent', {}],
    ['silent offset 5m', { '__name__=silent': 7 }],
    [
      'avg_over_time(temperature{device="a"}[5m])',
      { 'device=a,site=venlo': 40 },
    ],
    [
      'count_over_time(temperature{device="a"}[5m])',
      { 'device=a,site=venlo': 20 },
    ],
    ['max_over_time(sum(rate(requests_total[1m]))[10m:1m])', { '': 14 }],
    [
      'label_replace(temperature{device="c"}, "city", "$1", "site", "(os).*")',
      { '__name__=temperature,city=os,device=c,site=oslo': 80 },
    ],
    ['clamp_max(temperature{device="c"}, 50)', { 'device=c,site=oslo': 50 }],
    ['scalar(temperature{device="c"}) / 2', 40],
    [`sum(requests_total @ ${(now - hour) / 1_000})`, { '': 0 }],
    ['temperature[1m]', 3],
  ];
}
