// SPDX-License-Identifier: Apache-2.0
import { ConfigReader } from '@backstage/config';
import type { JsonObject } from '@backstage/types';
import {
  defaultCanaryPolicy,
  judgeCanary,
  type Known,
} from '@causeway/plugin-delivery-common';
import { silentLogger } from '../testing/silentLogger';
import type { MinuteReading } from './CanaryMetrics';
import { createCanaryMetrics } from './createCanaryMetrics';
import {
  baselinePod,
  canaryPod,
  honestAnswers,
  podCounters,
  success,
  type Counted,
} from './testing/honestAnswers';
import {
  ScriptedPrometheus,
  type Asked,
  type Reply,
} from './testing/ScriptedPrometheus';

const begin = Date.parse('2026-03-01T09:00:00Z');
const minute = 60_000;
const now = begin + 20 * minute + 20_000;
const clock = () => new Date(now);
const source = {
  cluster: 'cloud-production',
  namespace: 'shop',
  workload: 'checkout',
};
const traffic = {
  begin: new Date(begin).toISOString(),
  weights: [{ at: new Date(begin).toISOString(), percent: 25 }],
};
const baseline = podCounters(baselinePod, begin - 90 * minute);
const both = [...baseline, ...podCounters(canaryPod, begin)];
const honest = honestAnswers(both, clock);

const servers: ScriptedPrometheus[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map(server => server.close()));
});

async function serve(
  reply: (asked: Asked) => Reply,
): Promise<ScriptedPrometheus> {
  const server = await ScriptedPrometheus.start(reply);
  servers.push(server);
  return server;
}

const logger = { ...silentLogger, info: jest.fn(), warn: jest.fn() };
beforeEach(() => jest.clearAllMocks());

/** Impatient where a test waits for the end of patience, as patient as ever where it does not. */
function metricsOf(
  entries: readonly JsonObject[],
  { answer = 10_000, others = 10_000 } = {},
) {
  return createCanaryMetrics({
    config: new ConfigReader({ delivery: { prometheus: [...entries] } }),
    logger,
    clock,
    limits: {
      answer,
      body: 2 * 1024 * 1024,
      firstPause: 1,
      longestPause: 5,
      reading: { all: 20_000, others },
    },
  });
}

async function read(
  ...entries: readonly JsonObject[]
): Promise<Known<MinuteReading>> {
  return metricsOf(entries).read(source, traffic, new AbortController().signal);
}

async function readFrom(
  reply: (asked: Asked) => Reply,
): Promise<Known<MinuteReading>> {
  const { url } = await serve(reply);
  return read({ name: 'a', url });
}

function valueOf(reading: Known<MinuteReading>): MinuteReading {
  if (!reading.known) throw new Error(reading.problem);
  return reading.value;
}

/** What the judge makes of a reading when the soak of the only step is over. */
function judge({ minutes, boundsMs }: MinuteReading) {
  const plan = { stepStarts: [1], weights: [25], soakMinutes: 20 };
  return judgeCanary(minutes, boundsMs, plan, defaultCanaryPolicy).decision;
}

/** Answers honestly, but the counters are not true. */
const counting = (counters: readonly Counted[]) =>
  honestAnswers(counters, clock);
const changed = (change: (counter: Counted) => Counted) =>
  counting(both.map(change));

describe('an honest server', () => {
  it('brings whole minutes with their weights, counts and latencies', async () => {
    const { minutes, boundsMs, notes, readAt } = valueOf(
      await readFrom(honest),
    );
    expect(minutes.map(each => each.minute)).toEqual(
      Array.from({ length: 50 }, (_, index) => index - 29),
    );
    expect(boundsMs).toEqual([100, 250, 500]);
    expect(minutes[49]).toEqual({
      minute: 20,
      weightPercent: 25,
      baseline: {
        requests: 400,
        errors: 0,
        buckets: [200, 188, 8, 4],
        cpuPercent: null,
        memoryPercent: null,
        scrapes: 4,
      },
      canary: {
        requests: 400,
        errors: 0,
        buckets: [200, 188, 8, 4],
        cpuPercent: null,
        memoryPercent: null,
        scrapes: 4,
      },
    });
    expect(minutes[29]).toMatchObject({
      minute: 0,
      weightPercent: 0,
      canary: { requests: 0, scrapes: 0 },
    });
    expect(notes).toEqual([]);
    expect(readAt).toBe(new Date(now).toISOString());
  });

  it('is read in minutes from the begin, wherever that lies', async () => {
    const { url } = await serve(honest);
    const late = {
      ...traffic,
      begin: new Date(begin + 17_500).toISOString(),
    };
    const { minutes } = valueOf(
      await metricsOf([{ name: 'a', url }]).read(
        source,
        late,
        new AbortController().signal,
      ),
    );
    expect(minutes[minutes.length - 1]).toMatchObject({
      minute: 20,
      canary: { requests: 400, scrapes: 4 },
      baseline: { requests: 400, scrapes: 4 },
    });
  });

  it('is believed by the judge, for better and for worse', async () => {
    const good = valueOf(await readFrom(honest));
    expect(judge(good)).toBe('goOn');
    const bad = valueOf(
      await readFrom(
        counting([
          ...baseline,
          ...podCounters(canaryPod, begin, { failing: 9 }),
        ]),
      ),
    );
    expect(judge(bad)).toBe('rollBack');
  });

  it('is read in pieces when the canary takes long', async () => {
    const server = await serve(
      honestAnswers(
        [
          ...podCounters(baselinePod, begin - 400 * minute),
          ...podCounters(canaryPod, begin - 300 * minute),
        ],
        clock,
      ),
    );
    const long = {
      ...traffic,
      begin: new Date(begin - 300 * minute).toISOString(),
    };
    const { minutes } = valueOf(
      await metricsOf([{ name: 'a', url: server.url }]).read(
        source,
        long,
        new AbortController().signal,
      ),
    );
    expect(minutes).toHaveLength(350);
    const total = minutes.reduce((sum, { canary }) => sum + canary.requests, 0);
    expect(total).toBe(320 * 400);
    expect(
      server.asked.some(({ form }) =>
        form.get('query')?.startsWith('http_requests_total'),
      ),
    ).toBe(true);
    expect(server.asked.length).toBeGreaterThan(5 * 4);
  });

  it.each<[string, JsonObject, Record<string, string>]>([
    ['a token', { bearerToken: 't0ken' }, { authorization: 'Bearer t0ken' }],
    [
      'name and password',
      { username: 'portal', password: 'pass' },
      { authorization: 'Basic cG9ydGFsOnBhc3M=' },
    ],
    [
      'headers',
      { headers: { 'X-Scope-OrgID': 'norden' } },
      { 'x-scope-orgid': 'norden' },
    ],
  ])('is sent %s', async (_name, credential, headers) => {
    const server = await serve(honest);
    valueOf(await read({ name: 'a', url: server.url, ...credential }));
    for (const { headers: sent, path } of server.asked) {
      expect(path).toMatch(/^\/api\/v1\/query(_range)?$/);
      expect(sent).toMatchObject(headers);
    }
  });
});

describe('a server that fails', () => {
  const error = (status: number, text: string) => ({
    status,
    body: { status: 'error', errorType: 'x', error: text },
  });

  it.each<[string, Reply, RegExp, number]>([
    ['breaks off', 'cut', /broke off the connection/, 3],
    ['answers 500', error(500, 'tsdb broken'), /status 500: tsdb broken/, 3],
    ['is busy', error(429, 'slow down'), /status 429: slow down/, 3],
    ['knows us not', error(401, 'no'), /does not accept the credential/, 1],
    ['forbids it', error(403, 'no'), /does not accept the credential/, 1],
    [
      'can not do it',
      error(422, 'too many\nsamples'),
      /refused a query \(422\): too many samples\.$/,
      1,
    ],
    ['is something else', { status: 404, body: 'nothing' }, /no query API/, 1],
    [
      'redirects',
      { status: 302, headers: { Location: '/login' }, body: '' },
      /redirection/,
      1,
    ],
    ['truncates JSON', { body: '{"status":"success","da' }, /not JSON/, 1],
    ['sends a page', { body: '<html>' }, /not JSON/, 1],
    ['sends other JSON', { body: [1, 2] }, /no answer of Prometheus/, 1],
    ['sends 100 MB', { flood: 100 * 1024 * 1024 }, /more than 2 MB/, 1],
    [
      'says error with 200',
      { body: { status: 'error', error: 'no' } },
      /refused a query: no/,
      1,
    ],
    [
      'misses a store',
      {
        body: {
          status: 'success',
          data: {
            resultType: 'scalar',
            result: [now / 1000, String(now / 1000)],
          },
          warnings: ['store eu-2 is down'],
        },
      },
      /only in part: store eu-2/,
      1,
    ],
  ])('and %s is unknown', async (_name, reply, problem, times) => {
    const server = await serve(() => reply);
    const reading = await read({ name: 'a', url: server.url });
    expect(reading).toMatchObject({
      known: false,
      problem: expect.stringMatching(problem),
      since: new Date(now).toISOString(),
    });
    expect(server.asked).toHaveLength(times);
    expect(server.flooded).toBeLessThan(20 * 1024 * 1024);
  });

  it.each<[string, Reply]>([
    ['fails', error(500, 'x')],
    [
      'truncates',
      { body: '{"status":"success","data":{"resultType":"matrix","re' },
    ],
    ['says nothing', { body: {} }],
  ])('and %s in the middle of a reading is unknown', async (_name, reply) => {
    const reading = await readFrom(asked =>
      asked.form.get('query')?.includes('_bucket') ? reply : honest(asked),
    );
    expect(reading).toMatchObject({ known: false });
  });

  it.each([
    ['', () => true],
    [
      ' in the middle of a reading',
      ({ form }: Asked) => form.get('query')?.includes('_bucket'),
    ],
  ])('and hangs%s is unknown', async (_name, hangs) => {
    const { url } = await serve(asked =>
      hangs(asked) ? 'hang' : honest(asked),
    );
    const signal = new AbortController().signal;
    const metrics = metricsOf([{ name: 'a', url }], { answer: 500 });
    expect(await metrics.read(source, traffic, signal)).toMatchObject({
      known: false,
      problem: 'Prometheus a did not answer within 0.5 s.',
    });
  });

  it('and is not there is unknown', async () => {
    const server = await serve(honest);
    const { url } = server;
    await server.close();
    servers.splice(0);
    expect(await read({ name: 'a', url })).toMatchObject({
      known: false,
      problem: 'Prometheus a refuses connections; check that it runs.',
    });
  });

  it('once is asked again', async () => {
    let failures = 2;
    const reading = await readFrom(asked => {
      if (failures-- > 0)
        return {
          ...error(503, 'starting'),
          headers: { 'Retry-After': '3600' },
        };
      return honest(asked);
    });
    expect(judge(valueOf(reading))).toBe('goOn');
  });

  it('is logged once, and once when it is back', async () => {
    let fails = true;
    const { url } = await serve(asked =>
      fails ? error(401, 'x') : honest(asked),
    );
    const metrics = metricsOf([{ name: 'a', url }]);
    const once = () =>
      metrics.read(source, traffic, new AbortController().signal);
    await once();
    await once();
    fails = false;
    await once();
    await once();
    expect(logger.warn.mock.calls).toEqual([
      ['Prometheus a does not accept the credential of the portal (401).'],
    ]);
    expect(logger.info.mock.calls).toEqual([['Prometheus a answers again.']]);
  });

  it.each<[JsonObject]>([
    [{ bearerToken: 'very-s3cret' }],
    [{ username: 'portal', password: 'very-s3cret' }],
    [{ headers: { 'X-Key': 'very-s3cret' } }],
  ])(
    'and shows what it was sent does not get it shown: %j',
    async credential => {
      const server = await serve(({ headers }) => ({
        status: 400,
        body: { status: 'error', error: `got ${JSON.stringify(headers)}` },
      }));
      const reading = await read({ name: 'a', url: server.url, ...credential });
      const said = JSON.stringify([reading, logger.warn.mock.calls]);
      expect(said).toContain('refused a query (400)');
      expect(said).not.toMatch(/s3cret|dmVyeS|cG9ydGFs/);
    },
  );
});

describe('a server that lies', () => {
  const moved = (by: number) => honestAnswers(both, () => new Date(now + by));

  it.each<[string, (asked: Asked) => Reply, RegExp]>([
    [
      'nothing but NaN',
      changed(each => ({ ...each, valueAt: () => 'NaN' })),
      /no counters of requests to shop\/checkout .* can not be: \d+/,
    ],
    [
      'negative counts',
      changed(each => ({ ...each, valueAt: () => -5 })),
      /can not be/,
    ],
    [
      'infinite counts',
      changed(each => ({ ...each, valueAt: () => '+Inf' })),
      /can not be/,
    ],
    [
      'words for counts',
      changed(each => ({ ...each, valueAt: () => 'many' })),
      /no answer of Prometheus/,
    ],
    ['no series', counting([]), /check its queries/],
    [
      'series of other pods',
      changed(each => ({
        ...each,
        labels: { ...each.labels, pod: `other-${each.labels.pod}` },
      })),
      /not asked for/,
    ],
    [
      'series without a status',
      changed(({ labels: { status: _status, ...labels }, valueAt }) => ({
        labels,
        valueAt,
      })),
      /no label status/,
    ],
    [
      'samples of yesterday',
      asked => {
        const reply = honest(asked);
        const query = asked.form.get('query') ?? '';
        if (query === 'time()' || !query.endsWith('s]')) return reply;
        const metric = { __name__: 'http_requests_total', status: '200' };
        return success({
          resultType: 'matrix',
          result: [{ metric, values: [[begin / 1000 - 86_400, '1']] }],
        });
      },
      /another time than asked/,
    ],
    [
      'a clock two minutes ahead',
      moved(2 * minute),
      /clock 120 s ahead of the portal's/,
    ],
    [
      'a clock an hour behind',
      moved(-60 * minute),
      /clock 3600 s behind the portal's/,
    ],
  ])('with %s is unknown', async (_name, reply, problem) => {
    expect(await readFrom(reply)).toMatchObject({
      known: false,
      problem: expect.stringMatching(problem),
    });
  });

  it('with a clock that is ten seconds off is taken, with a word', async () => {
    const { notes } = valueOf(await readFrom(moved(-10_000)));
    expect(notes).toEqual(["The server has a clock 10 s behind the portal's."]);
  });

  it.each<[string, readonly Counted[]]>([
    [
      'stopped hearing of the canary',
      [
        ...baseline,
        ...podCounters(canaryPod, begin, { until: begin + 14 * minute }),
      ],
    ],
    ['never heard of the canary', baseline],
    ['never heard of the baseline', podCounters(canaryPod, begin)],
    [
      'repeats the same counters',
      both.map(each => ({ ...each, valueAt: () => 1000 })),
    ],
    ['has no latencies', both.filter(({ labels }) => labels.le === undefined)],
    [
      'gives all requests of the canary a status of their own making',
      both.map(each =>
        each.labels.pod === canaryPod
          ? { ...each, labels: { ...each.labels, status: '' } }
          : each,
      ),
    ],
  ])('and %s promotes nothing and blames nobody', async (_name, counters) => {
    const reading = await readFrom(counting(counters));
    const decision = reading.known ? judge(reading.value) : 'hold';
    expect(decision).toBe('hold');
  });
});

describe('several servers', () => {
  const other = (of: readonly Counted[]) => serve(counting(of));

  it('the next one counts when the first fails', async () => {
    const first = await serve(() => ({ status: 401, body: {} }));
    const second = await other(both);
    const { notes, minutes } = valueOf(
      await read({ name: 'a', url: first.url }, { name: 'b', url: second.url }),
    );
    expect(minutes[49].canary.requests).toBe(400);
    expect(notes).toEqual([
      'Prometheus a does not accept the credential of the portal (401).',
    ]);
  });

  it('one that hangs is not waited for', async () => {
    const first = await serve(() => 'hang');
    const second = await other(both);
    const metrics = metricsOf(
      [
        { name: 'a', url: first.url },
        { name: 'b', url: second.url },
      ],
      { others: 1 },
    );
    const signal = new AbortController().signal;
    const { notes } = valueOf(await metrics.read(source, traffic, signal));
    expect(notes).toEqual(['Prometheus a was not waited for any longer.']);
  });

  it('the one that hears the canary counts', async () => {
    const first = await other(baseline);
    const second = await other(both);
    const { notes, minutes } = valueOf(
      await read({ name: 'a', url: first.url }, { name: 'b', url: second.url }),
    );
    expect(minutes[49].canary.requests).toBe(400);
    expect(notes).toEqual(['Prometheus a has no samples of the canary.']);
  });

  it('the first counts and the difference is said', async () => {
    const first = await other(both);
    const second = await other([
      ...baseline,
      ...podCounters(canaryPod, begin, { failing: 10 }),
    ]);
    const reading = valueOf(
      await read({ name: 'a', url: first.url }, { name: 'b', url: second.url }),
    );
    expect(judge(reading)).toBe('goOn');
    expect(reading.notes).toEqual([
      'Prometheus a and b differ: 0 and 800 errors of the canary; a counts.',
    ]);
  });

  it('all problems are said when none answers', async () => {
    const first = await serve(() => ({ status: 401, body: {} }));
    const second = await other([]);
    expect(
      await read({ name: 'a', url: first.url }, { name: 'b', url: second.url }),
    ).toMatchObject({
      known: false,
      problem: expect.stringMatching(
        /^Prometheus a does not accept .*\. Prometheus b has no counters/,
      ),
    });
  });

  it('those of other clusters are not asked', async () => {
    const server = await serve(honest);
    const reading = await read({
      name: 'a',
      url: server.url,
      clusters: ['cloud-staging'],
    });
    expect(reading).toMatchObject({
      known: false,
      problem:
        'No Prometheus is configured for the cluster cloud-production. Add one to delivery.prometheus.',
    });
    expect(server.asked).toEqual([]);
  });
});

it('ends when nobody waits any more', async () => {
  const { url } = await serve(() => 'hang');
  expect(
    await metricsOf([{ name: 'a', url }]).read(
      source,
      traffic,
      AbortSignal.timeout(20),
    ),
  ).toMatchObject({ known: false });
  expect(logger.warn).not.toHaveBeenCalled();
});
