// SPDX-License-Identifier: Apache-2.0
import { mockServices } from '@backstage/backend-test-utils';
import { ConfigReader } from '@backstage/config';
import type { CustomCheck } from '@causeway/plugin-delivery-common';
import { createCanaryMetrics } from './createCanaryMetrics';
import {
  baselinePod,
  canaryPod,
  honestAnswers,
  podCounters,
  success,
} from './testing/honestAnswers';
import {
  ScriptedPrometheus,
  type Asked,
  type Reply,
} from './testing/ScriptedPrometheus';

const begin = Date.parse('2026-03-01T09:00:00Z');
const minute = 60_000;
const clock = () => new Date(begin + 20 * minute + 20_000);
const counters = [
  ...podCounters(baselinePod, begin - 90 * minute, { failing: 1 }),
  ...podCounters(canaryPod, begin, { failing: 2 }),
];
const honest = honestAnswers(counters, clock);

let server: ScriptedPrometheus;
let reply: (asked: Asked) => Reply;
beforeAll(async () => {
  server = await ScriptedPrometheus.start(asked => reply(asked));
});
beforeEach(() => {
  reply = honest;
});
afterAll(() => server.close());

const rule = { side: 'upper', limit: 0.5 } as const;
const share = (status: string, whole = 'http_requests_total'): CustomCheck => ({
  title: 'Refused',
  unit: '%',
  rule,
  measure: {
    kind: 'share',
    part: `http_requests_total{pod=~"{{pod_regex}}",status="${status}"}`,
    whole: `${whole}{pod=~"{{pod_regex}}"}`,
  },
});
const queue: CustomCheck = {
  title: 'Queue',
  unit: 'parcels',
  rule,
  measure: {
    kind: 'value',
    query: 'avg(avg_over_time(queue{w="{{workload}}"}[{{window}}]))',
  },
};

/** Reads the checks; `values` answers the question about the queue of each arm. */
async function read(
  checks: readonly CustomCheck[],
  values?: (workload: string | undefined, asked: Asked) => Reply,
) {
  reply = asked => {
    const found = /queue\{w="([^"]+)"\}/.exec(asked.form.get('query') ?? '');
    return found && values ? values(found[1], asked) : honest(asked);
  };
  const at = new Date(begin).toISOString();
  const config = new ConfigReader({
    delivery: { prometheus: [{ name: 'a', url: server.url }] },
  });
  const logger = mockServices.logger.mock();
  const reading = await createCanaryMetrics({ config, logger, clock }).read(
    {
      cluster: 'cloud-production',
      namespace: 'shop',
      workload: 'checkout',
      checks,
    },
    { begin: at, weights: [{ at, percent: 25 }] },
    new AbortController().signal,
  );
  if (!reading.known) throw new Error(reading.problem);
  const { minutes, notes } = reading.value;
  const last = minutes[minutes.length - 1];
  // Whatever becomes of a check, the rest is read.
  expect(last.canary.requests).toBe(400);
  return {
    notes,
    canary: last.canary.checks,
    baseline: last.baseline.checks,
  };
}

/** One series for each list of values, each with a value at every minute of the question. */
const matrix = (...levels: readonly string[]) =>
  ((_workload, { form }) => {
    const [start, end] = ['start', 'end'].map(key => Number(form.get(key)));
    const values: [number, string][][] = levels.map(level =>
      Array.from({ length: (end - start) / 60 + 1 }, (_, index) => [
        start + index * 60,
        level,
      ]),
    );
    return success({
      resultType: 'matrix',
      result: values.map((each, index) => ({
        metric: levels.length > 1 ? { shard: String(index) } : {},
        values: each,
      })),
    });
  }) satisfies (workload: string | undefined, asked: Asked) => Reply;

describe('checks of a team', () => {
  it('are counted by the minute, and asked for by the names of each arm', async () => {
    const asked: (string | undefined)[] = [];
    const found = await read([share('500'), queue], (workload, question) => {
      asked.push(workload);
      return matrix(workload === 'checkout' ? '42' : '40')(workload, question);
    });
    expect(found).toEqual({
      notes: [],
      canary: [
        { title: 'Refused', value: 8, of: 400 },
        { title: 'Queue', value: 42 },
      ],
      baseline: [
        { title: 'Refused', value: 4, of: 400 },
        { title: 'Queue', value: 40 },
      ],
    });
    expect(asked.sort()).toEqual(['checkout', 'checkout-primary']);
  });

  it.each([
    [
      'that count nothing',
      share('429'),
      ['Refused: no counters are found by its `part`.'],
    ],
    [
      'that count of nothing',
      share('500', 'answers_total'),
      ['Refused: no counters of the canary are found by its `of`.'],
    ],
  ])('%s are noted', async (_, check, notes) => {
    expect(await read([check])).toMatchObject({ notes, canary: undefined });
  });

  it.each([
    [
      'no series',
      matrix(),
      [
        'Queue: the query gives no series of the canary where one is needed; check its names and labels.',
        'Queue: the query gives no series of the baseline where one is needed; check its names and labels.',
      ],
    ],
    [
      'several series',
      matrix('1', '2', '3'),
      [
        'Queue: the query gives 3 series of the canary where one is needed; make it one, for example with sum or avg.',
        'Queue: the query gives 3 series of the baseline where one is needed; make it one, for example with sum or avg.',
      ],
    ],
    [
      'a refusal',
      () => ({
        status: 400,
        body: { status: 'error', error: 'parse error: unexpected end' },
      }),
      ['Queue: Prometheus refused a query (400): parse error: unexpected end.'],
    ],
    ['no number', matrix('NaN'), []],
  ])('that bring %s have no value', async (_, values, notes) => {
    expect(await read([queue, share('500')], values)).toMatchObject({
      notes,
      canary: [{ title: 'Refused', value: 8, of: 400 }],
    });
  });
});
