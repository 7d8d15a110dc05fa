// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CustomCheck } from '@causeway/plugin-delivery-common';
import { startWorld, type World } from '@causeway/simulator';
import { startPrometheus, type Prometheus } from '@causeway/test-cluster';
import {
  scrapeTimeQuery,
  telemetryAdapters,
  writeQuery,
} from '../../fleet/telemetryAdapters';
import {
  canaryQueries,
  defaultCanaryQueries,
  type ArmQueries,
} from '../canaryQueries';

jest.setTimeout(600_000);

/** What the simulated Prometheus of a world has stored is handed to a real one, and both are asked what the portal asks. */
interface Metric {
  readonly metric: Readonly<Record<string, string>>;
  readonly values?: readonly (readonly [number, string])[];
  readonly value?: readonly [number, string];
}

async function ask(
  server: string,
  path: string,
  parameters: Record<string, string>,
): Promise<readonly Metric[]> {
  const form = new URLSearchParams(parameters);
  const response = await fetch(`${server}/api/v1/${path}?${form}`);
  if (!response.ok) throw new Error(await response.text());
  const { data } = (await response.json()) as {
    data: { result: readonly Metric[] };
  };
  return data.result;
}

/** Every sample of the last quarter of an hour in the text format, oldest first as Prometheus wants it. */
async function samplesOf(server: string, now: number): Promise<string> {
  const response = await fetch(`${server}/api/v1/label/__name__/values`);
  const { data } = (await response.json()) as { data: readonly string[] };
  const lines: (readonly [number, string])[] = [];
  for (const query of data) {
    const range = { query: `${query}[15m]`, time: `${now}` };
    for (const { metric, values } of await ask(server, 'query', range)) {
      const { __name__: name, ...labels } = metric;
      const text = Object.entries(labels)
        .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
        .join(',');
      for (const [time, value] of values ?? [])
        lines.push([time, `${name}{${text}} ${value} ${time * 1_000}\n`]);
    }
  }
  return lines
    .sort(([left], [right]) => left - right)
    .map(([, line]) => line)
    .join('');
}

function comparable(result: readonly Metric[]): readonly string[] {
  const round = (value: string) => Number(value).toPrecision(9);
  return result
    .map(({ metric, value, values = value ? [value] : [] }) => {
      const labels = Object.entries(metric).sort(([left], [right]) =>
        left < right ? -1 : 1,
      );
      return JSON.stringify([
        labels,
        values.map(([time, text]) => [time, round(text)]),
      ]);
    })
    .sort();
}

const ofArm = 'namespace="{{namespace}}",pod=~"{{pod_regex}}"';
const ofMinute = (counter: string) =>
  `rate(http_request_duration_seconds_${counter}{${ofArm}}[{{window}}])`;

/** Checks as pipelines write them; the share is that of the demo. */
const checks: readonly CustomCheck[] = [
  {
    title: 'Answers within 250 ms',
    unit: '%',
    measure: {
      kind: 'share',
      part: `http_request_duration_seconds_bucket{${ofArm},le="0.25"}`,
      whole: `http_request_duration_seconds_count{${ofArm}}`,
    },
    rule: { side: 'lower', limit: 0.95 },
  },
  {
    title: 'Mean time of an answer',
    unit: 'ms',
    measure: {
      kind: 'value',
      query: `1000 * sum(${ofMinute('sum')}) / sum(${ofMinute('count')})`,
    },
    rule: { side: 'upper', limit: 200 },
  },
  {
    title: 'P90',
    unit: 's',
    measure: {
      kind: 'value',
      query: `histogram_quantile(0.9, sum by (le) (${ofMinute('bucket')}))`,
    },
    rule: { side: 'upper', relative: 0.2 },
  },
];

const armQueries = ({
  requests,
  errors,
  latency,
  checks: measured,
  ...shares
}: ArmQueries) => [
  `${requests}[3m]`,
  `${latency}[3m]`,
  ...(errors ? [`${errors}[3m]`] : []),
  shares.cpuPercent,
  shares.memoryPercent,
  ...measured.flatMap(({ measure }) =>
    measure.kind === 'share'
      ? [`${measure.part}[3m]`, `${measure.whole}[3m]`]
      : [measure.query],
  ),
];

const aboutCanaries = () => {
  const queries = canaryQueries(
    { namespace: 'sorting', workload: 'label-api', checks },
    defaultCanaryQueries,
  );
  if ('problem' in queries) throw new Error(queries.problem);
  return [...armQueries(queries.baseline), ...armQueries(queries.canary)];
};

const aboutDevices = [
  ...telemetryAdapters.map(({ query }) => query),
  scrapeTimeQuery,
].map(query => writeQuery(query, { nodeLabel: 'node' }));

const places = [
  { cluster: 'cloud-production', queries: aboutCanaries(), answered: 4 },
  { cluster: 'edge-production', queries: aboutDevices, answered: 12 },
] as const;

/** The Prometheus of one cluster, and a real one that holds the same samples. */
interface Pair {
  readonly simulated: string;
  readonly real: Prometheus;
  readonly target: Server;
  /** The time of the newest samples, in seconds. */
  readonly now: number;
}

let directory: string;
let world: World;
const pairs = new Map<string, Pair>();

const pairOf = (cluster: string): Pair => {
  const pair = pairs.get(cluster);
  if (!pair) throw new Error(`Nothing is known of ${cluster}.`);
  return pair;
};

async function startPair(
  simulated: string,
  { queries, answered }: (typeof places)[number],
): Promise<Pair> {
  const answeredBySimulated = async () => {
    const results = await Promise.all(
      queries.map(query => ask(simulated, 'query', { query })),
    );
    return results.filter(result => result.length > 0).length;
  };
  // Services that come up while the world does have always been there.
  while ((await answeredBySimulated()) < answered) await sleep(500);
  const now = Math.floor(Date.now() / 15_000) * 15 - 15;
  // Asked first: what comes up later has always been there, but is not handed over.
  const all = { query: 'count({__name__=~".+",node=~".*"})', time: `${now}` };
  const [{ value: wanted } = { value: undefined }] = await ask(
    simulated,
    'query',
    all,
  );
  const text = await samplesOf(simulated, now);
  const target = createServer((_request, response) => {
    response.setHeader('Content-Type', 'text/plain; version=0.0.4');
    response.end(text);
  });
  await new Promise<void>(resolve => {
    target.listen(0, '127.0.0.1', resolve);
  });
  const { port } = target.address() as AddressInfo;
  const real = await startPrometheus({ target: `127.0.0.1:${port}` });
  for (;;) {
    const [found] = await ask(real.url, 'query', all);
    if (Number(found?.value?.[1]) >= Number(wanted?.[1]))
      return { simulated, real, target, now };
    await sleep(200);
  }
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'causeway-questions-'));
  world = await startWorld({
    dataDirectory: directory,
    secrets: { clusterToken: 'a-token-of-a-test', forgePassword: 'forge' },
    sites: 2,
    devices: 6,
    ciDuration: 0,
    log: () => undefined,
  });
  await Promise.all(
    places.map(async place => {
      const { metrics } = world.clusters[place.cluster];
      pairs.set(place.cluster, await startPair(metrics, place));
    }),
  );
});

afterAll(async () => {
  for (const { real, target } of pairs.values()) {
    await real.stop();
    target.closeAllConnections();
    target.close();
  }
  await world?.stop();
  if (directory) await rm(directory, { recursive: true, force: true });
});

describe.each(places)(
  'what the portal asks of $cluster',
  ({ cluster, queries }) => {
    it.each(queries)('is answered alike at an instant: %s', async query => {
      const { simulated, real, now } = pairOf(cluster);
      const at = { query, time: `${now}` };
      expect(comparable(await ask(simulated, 'query', at))).toEqual(
        comparable(await ask(real.url, 'query', at)),
      );
    });

    it.each(queries.filter(query => !query.endsWith('m]')))(
      'is answered alike over minutes: %s',
      async query => {
        const { simulated, real, now } = pairOf(cluster);
        const range = {
          query,
          start: `${now - 300}`,
          end: `${now}`,
          step: '15',
        };
        expect(comparable(await ask(simulated, 'query_range', range))).toEqual(
          comparable(await ask(real.url, 'query_range', range)),
        );
      },
    );
  },
);
