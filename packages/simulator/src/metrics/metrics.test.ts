// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { sampleMetrics, sampleQueries } from '../testing/sampleMetrics';
import { sourceOf } from '../testing/seriesOf';
import { formatValue } from './formatValue';
import { Evaluation, evaluateRange } from './promql/evaluate';
import { QueryExecutionError, QuerySyntaxError } from './promql/expression';
import { parseQuery } from './promql/parse';
import { SampleReader } from './SampleReader';
import { scrapeInterval } from './SeriesSource';
import { MetricsServer, startMetricsServer } from './startMetricsServer';

const now = Date.parse('2026-03-01T09:00:00Z');
const hour = 3_600_000;
const source = sampleMetrics(now);
const reader = new SampleReader(() => [source]);

function evaluate(query: string): unknown {
  const range = { start: now, end: now, step: 0 };
  const value = new Evaluation(reader, range).at(parseQuery(query), now);
  if (value.type === 'scalar' || value.type === 'string') return value.value;
  if (value.type === 'matrix') return value.series.length;
  return Object.fromEntries(
    value.samples.map(({ labels, value: number }) => [
      Object.entries(labels)
        .map(([name, text]) => `${name}=${text}`)
        .sort()
        .join(','),
      Number(number.toPrecision(10)),
    ]),
  );
}

describe('PromQL', () => {
  it.each(sampleQueries(now))('%s', (query, expected) => {
    expect(evaluate(query)).toEqual(expected);
  });

  it.each([
    ['sum(', QuerySyntaxError],
    ['', QuerySyntaxError],
    ['{job=~".*"}', QuerySyntaxError],
    ['rate(temperature)', QuerySyntaxError],
    ['temperature{site=~"("}', QuerySyntaxError],
    ['1 offset 5m', QuerySyntaxError],
    ['1 > 2', QueryExecutionError],
    ['predict_linear(temperature[5m], 60)', QueryExecutionError],
    ['count_values("x", temperature)', QueryExecutionError],
    ['temperature * on(site) device_info', QueryExecutionError],
    ['device_info * on(site) temperature', QueryExecutionError],
  ])('%s is refused', (query, refusal) => {
    expect(() => evaluate(query)).toThrow(refusal);
  });

  it('sees a steady counter grow by its rate, wherever the window lies', () => {
    const perSecond = fc.double({ min: 0.01, max: 1_000, noNaN: true });
    const minutes = fc.integer({ min: 2, max: 55 });
    const offset = fc.integer({ min: 0, max: 200_000 });
    fc.assert(
      fc.property(perSecond, minutes, offset, (rate, range, before) => {
        const steady = new SampleReader(() => [
          // Far from zero, below which no counter is taken back.
          sourceOf([
            {
              name: 'c',
              series: [
                { value: time => 1e9 + (rate * (time - now + hour)) / 1_000 },
              ],
            },
          ]),
        ]);
        const time = now - before;
        const value = new Evaluation(steady, {
          start: time,
          end: time,
          step: 0,
        }).at(parseQuery(`rate(c[${range}m])`), time);
        const [sample] = value.type === 'vector' ? value.samples : [];
        expect(sample.value / rate).toBeCloseTo(1, 3);
      }),
    );
  });

  it('answers a range as it answers each of its instants', () => {
    const query = parseQuery('sum by (job) (rate(requests_total[2m]))');
    const range = { start: now - hour / 2, end: now, step: 7 * scrapeInterval };
    for (const { labels, points } of evaluateRange(query, reader, range)) {
      for (const { time, value } of points) {
        const instant = new Evaluation(reader, {
          start: time,
          end: time,
          step: 0,
        }).at(query, time);
        const samples = instant.type === 'vector' ? instant.samples : [];
        expect(
          samples.find(each => each.labels.job === labels.job)?.value,
        ).toBe(value);
      }
    }
  });
});

describe('formatValue', () => {
  it('writes all digits of a number and none that it has not', () => {
    fc.assert(
      fc.property(
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        value => {
          const text = formatValue(value);
          expect(text).toMatch(/^-?\d+(\.\d+)?$/);
          expect(Number(text)).toBe(value);
        },
      ),
    );
    expect([NaN, Infinity, -Infinity].map(formatValue)).toEqual([
      'NaN',
      '+Inf',
      '-Inf',
    ]);
  });
});

describe('the HTTP API', () => {
  let server: MetricsServer;

  beforeAll(async () => {
    server = await startMetricsServer({
      sources: () => [source],
      clock: () => new Date(now),
      port: 0,
    });
  });

  afterAll(() => server?.stop());

  async function ask(
    path: string,
    parameters: Record<string, string> = {},
    post = false,
  ): Promise<{ status: number; body: any }> {
    const form = new URLSearchParams(parameters);
    const response = await fetch(
      `${server.url}/api/v1/${path}${post ? '' : `?${form}`}`,
      post ? { method: 'POST', body: form } : {},
    );
    return { status: response.status, body: await response.json() };
  }

  it.each([false, true])(
    'answers an instant query (as a form: %s)',
    async post => {
      const { body } = await ask('query', { query: 'temperature > 70' }, post);
      expect(body).toEqual({
        status: 'success',
        data: {
          resultType: 'vector',
          result: [
            {
              metric: { __name__: 'temperature', device: 'c', site: 'oslo' },
              value: [now / 1_000, '80'],
            },
          ],
        },
      });
    },
  );

  it('answers a range query', async () => {
    const { body } = await ask('query_range', {
      query: 'sum(rate(requests_total[1m]))',
      start: `${(now - 120_000) / 1_000}`,
      end: new Date(now).toISOString(),
      step: '1m',
    });
    expect(body.data.resultType).toBe('matrix');
    expect(body.data.result[0].values).toEqual([
      [(now - 120_000) / 1_000, '14'],
      [(now - 60_000) / 1_000, '14'],
      [now / 1_000, '14'],
    ]);
  });

  it('tells labels, values, series and what the metrics are', async () => {
    const [labels, values, series, metadata] = await Promise.all([
      ask('labels', { 'match[]': 'temperature' }),
      ask('label/site/values'),
      ask('series', { 'match[]': 'device_info{board="pi"}' }),
      ask('metadata'),
    ]);
    expect(labels.body.data).toEqual(['__name__', 'device', 'site']);
    expect(values.body.data).toEqual(['oslo', 'venlo']);
    expect(series.body.data).toEqual([
      { __name__: 'device_info', device: 'b', board: 'pi' },
    ]);
    expect(metadata.body.data.requests_total[0].type).toBe('counter');
  });

  it.each([
    ['query', { query: 'sum(' }, 400, 'bad_data'],
    ['query', { query: 'a', time: 'soon' }, 400, 'bad_data'],
    ['query', { query: 'predict_linear(a[5m], 60)' }, 422, 'execution'],
    ['query_range', { query: 'a', start: '1', end: '2' }, 400, 'bad_data'],
    [
      'query_range',
      { query: 'a', start: '2', end: '1', step: '1' },
      400,
      'bad_data',
    ],
    [
      'query_range',
      { query: 'a', start: '0', end: '20000', step: '1' },
      400,
      'bad_data',
    ],
    ['series', {}, 400, 'bad_data'],
  ])('refuses %s %j with %d', async (path, parameters, status, errorType) => {
    const answer = await ask(path, parameters as Record<string, string>);
    expect(answer).toMatchObject({
      status,
      body: { status: 'error', errorType },
    });
    expect(answer.body.error).toMatch(/\w+ \w+/);
  });
});
