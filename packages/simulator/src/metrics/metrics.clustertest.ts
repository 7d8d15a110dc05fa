// SPDX-License-Identifier: Apache-2.0
import { Prometheus, startPrometheus } from '@causeway/test-cluster';
import { createServer, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { sampleMetrics, sampleQueries } from '../testing/sampleMetrics';
import { exposition } from './exposition';
import { scrapeInterval } from './SeriesSource';
import { MetricsServer, startMetricsServer } from './startMetricsServer';

jest.setTimeout(600_000);

const hour = 3_600_000;
/** A whole minute of now: Prometheus takes no samples from far away. */
const now = Math.floor(Date.now() / 60_000) * 60_000 - 60_000;
const source = sampleMetrics(now);

/** All samples of the last hour, oldest first. */
function lastHour(): string {
  const scrapes: string[] = [];
  for (let time = now - hour; time <= now; time += scrapeInterval)
    scrapes.push(exposition(source, time));
  return scrapes.join('');
}

interface Answer {
  readonly status: string;
  readonly data?: {
    readonly resultType: string;
    readonly result: unknown;
  };
  readonly errorType?: string;
}

/** Order of series is not promised, and the last digits depend on the order of additions. */
function comparable({ status, data, errorType }: Answer): unknown {
  if (!data) return { status, errorType };
  const round = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(round);
    if (typeof value === 'string' && value !== '' && !isNaN(Number(value)))
      return Number(value).toPrecision(9);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .sort(([left], [right]) => (left < right ? -1 : 1))
        .map(([key, inner]) => [key, round(inner)]),
    );
  };
  const result = Array.isArray(data.result) ? data.result : [data.result];
  const isPair = data.resultType === 'scalar' || data.resultType === 'string';
  return {
    resultType: data.resultType,
    result: isPair
      ? round(data.result)
      : result.map(each => JSON.stringify(round(each))).sort(),
  };
}

describe('the simulated Prometheus and the real one', () => {
  let target: Server;
  let real: Prometheus;
  let simulated: MetricsServer;

  beforeAll(async () => {
    const text = lastHour();
    target = createServer((_request, response) => {
      response.setHeader('Content-Type', 'text/plain; version=0.0.4');
      response.end(text);
    });
    await new Promise<void>(resolve => {
      target.listen(0, '127.0.0.1', resolve);
    });
    const { port } = target.address() as AddressInfo;
    [real, simulated] = await Promise.all([
      startPrometheus({ target: `127.0.0.1:${port}` }),
      startMetricsServer({
        sources: () => [source],
        clock: () => new Date(now),
        port: 0,
      }),
    ]);
    for (;;) {
      const { data } = await ask(real.url, 'query', { query: 'temperature' });
      if (Array.isArray(data?.result) && data?.result.length === 3) return;
      await sleep(100);
    }
  });

  afterAll(async () => {
    await simulated?.stop();
    await real?.stop();
    target?.closeAllConnections();
    target?.close();
  });

  async function ask(
    url: string,
    path: string,
    parameters: Record<string, string>,
  ): Promise<Answer> {
    const form = new URLSearchParams({ time: `${now / 1_000}`, ...parameters });
    const response = await fetch(`${url}/api/v1/${path}?${form}`);
    return (await response.json()) as Answer;
  }

  const answersOf = (path: string, parameters: Record<string, string>) =>
    Promise.all(
      [simulated.url, real.url].map(async url =>
        comparable(await ask(url, path, parameters)),
      ),
    );

  it.each(sampleQueries(now).map(([query]) => query))(
    'answer alike: %s',
    async query => {
      const [mine, theirs] = await answersOf('query', { query });
      expect(mine).toEqual(theirs);
    },
  );

  it.each([
    'sum by (job) (rate(requests_total[2m]))',
    'histogram_quantile(0.95, sum by (le) (rate(latency_bucket[1m])))',
    'irate(restarted_total[1m])',
    'delta(temperature[5m])',
    'avg_over_time(temperature[1m:15s])',
    'silent',
  ])('answer a range alike: %s', async query => {
    const [mine, theirs] = await answersOf('query_range', {
      query,
      start: `${(now - hour / 2) / 1_000}`,
      end: `${now / 1_000}`,
      step: '37',
    });
    expect(mine).toEqual(theirs);
  });

  it.each(['sum(', 'rate(temperature)', '1 offset 5m', '{job=~".*"}', '1 > 2'])(
    'refuse: %s',
    async query => {
      const [mine, theirs] = await answersOf('query', { query });
      expect(theirs).toMatchObject({ status: 'error' });
      expect(mine).toMatchObject({ status: 'error' });
    },
  );
});
