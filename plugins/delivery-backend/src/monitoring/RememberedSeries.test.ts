// SPDX-License-Identifier: Apache-2.0
import { ConfigReader } from '@backstage/config';
import { silentLogger } from '../testing/silentLogger';
import { PrometheusClient } from './PrometheusClient';
import { createCanaryMetrics } from './createCanaryMetrics';
import { RememberedSeries } from './RememberedSeries';
import {
  baselinePod,
  canaryPod,
  honestAnswers,
  podCounters,
  type Counted,
} from './testing/honestAnswers';
import {
  ScriptedPrometheus,
  type Asked,
  type Reply,
} from './testing/ScriptedPrometheus';

jest.setTimeout(60_000);

const begin = Date.parse('2026-03-01T09:00:00Z');
const minute = 60_000;
const source = {
  cluster: 'cloud-production',
  namespace: 'shop',
  workload: 'checkout',
};
const traffic = {
  begin: new Date(begin).toISOString(),
  weights: [{ at: new Date(begin).toISOString(), percent: 25 }],
};
/** A pod of the canary is replaced after half an hour. */
const counters: readonly Counted[] = [
  ...podCounters(baselinePod, begin - 90 * minute),
  ...podCounters(canaryPod, begin, {
    failing: 2,
    until: begin + 30 * minute,
  }),
  ...podCounters(canaryPod.replace('x2x4z', 'z4x2x'), begin + 31 * minute),
];

let now = begin;
const clock = () => new Date(now);
let reply: (asked: Asked) => Reply;
let server: ScriptedPrometheus;

beforeEach(async () => {
  reply = honestAnswers(counters, clock);
  server = await ScriptedPrometheus.start(asked => reply(asked));
});
afterEach(() => server.close());

function metrics() {
  return createCanaryMetrics({
    config: new ConfigReader({
      delivery: { prometheus: [{ name: 'a', url: server.url }] },
    }),
    logger: silentLogger,
    clock,
    limits: { retries: 0 },
  });
}

const readBy = (reader: ReturnType<typeof metrics>) =>
  reader.read(source, traffic, new AbortController().signal);

/** Minutes of samples that were asked for, of all counters together. */
function askedMinutes(): number {
  return server.asked.reduce((sum, { form }) => {
    const [, seconds = '0'] = /\[(\d+)s\]$/.exec(form.get('query') ?? '') ?? [];
    return sum + Number(seconds) / 60;
  }, 0);
}

it('asks for the newest minutes only, and reads what a fresh process reads', async () => {
  const kept = metrics();
  let remembered = 0;
  const pairs: unknown[][] = [];
  for (let passed = 1; passed <= 60; passed += 1) {
    now = begin + passed * minute + 20_000;
    const reading = await readBy(kept);
    remembered += askedMinutes();
    server.asked.length = 0;
    // Each of the first quarter of an hour, each around the new pod, and the last.
    if (passed <= 15 || (passed > 28 && passed < 36) || passed === 60) {
      pairs.push([reading, await readBy(metrics())]);
      server.asked.length = 0;
    }
  }
  expect(pairs.map(([remembering]) => remembering)).toEqual(
    pairs.map(([, fresh]) => fresh),
  );
  await readBy(metrics());
  const whole = askedMinutes();
  // Four questions for counters; the whole of an hour and a half each.
  expect(whole).toBe(4 * 90);
  // All six times, and else at most four minutes and a second.
  const minutesOf = (passed: number) => 4 * (30 + passed);
  const everyTenth = Array.from({ length: 6 }, (_, i) => minutesOf(1 + 10 * i));
  const wholes = everyTenth.reduce((sum, each) => sum + each, 0);
  expect(remembered).toBeLessThanOrEqual(wholes + 54 * 4 * (4 + 1 / 60) + 1);
});

it('hears samples that come late', async () => {
  const kept = metrics();
  const held = counters.map(counter => ({
    ...counter,
    valueAt: (at: number) =>
      at > begin + 8 * minute ? undefined : counter.valueAt(at),
  }));
  reply = honestAnswers(held, clock);
  for (let passed = 1; passed <= 14; passed += 1) {
    now = begin + passed * minute + 20_000;
    await readBy(kept);
  }
  reply = honestAnswers(counters, clock);
  now = begin + 22 * minute + 20_000;
  expect(await readBy(kept)).toEqual(await readBy(metrics()));
});

it('keeps what it knows over a failure, and says the failure', async () => {
  const kept = metrics();
  now = begin + 5 * minute + 20_000;
  await readBy(kept);
  reply = () => ({ status: 503, body: 'busy' });
  now += minute;
  expect((await readBy(kept)).known).toBe(false);
  reply = honestAnswers(counters, clock);
  server.asked.length = 0;
  const reading = await readBy(kept);
  expect(askedMinutes()).toBeLessThan(4 * 6);
  expect(reading).toEqual(await readBy(metrics()));
});

it('forgets the oldest questions when it would keep too much', async () => {
  const client = new PrometheusClient({
    url: server.url,
    headers: {},
    secrets: [],
  });
  const limits = { overlap: 180_000, believed: 600_000, samples: 100 };
  const kept = new RememberedSeries(client, limits);
  const { signal } = new AbortController();
  now = begin + 30 * minute;
  const read = async (selector: string, until: number) => {
    server.asked.length = 0;
    await kept.samples(selector, { from: begin, until }, signal);
    return askedMinutes();
  };
  const canary = `http_requests_total{pod=~"checkout-b4c5d6f7g8-x2x4z"}`;
  const baseline = `http_requests_total{pod=~"checkout-primary-x"}`;
  expect(await read(canary, begin + 10 * minute)).toBe(10);
  expect(await read(canary, begin + 11 * minute)).toBeLessThan(5);
  // 80 samples of each: both together are more than is kept.
  expect(await read(baseline, begin + 11 * minute)).toBe(11);
  expect(await read(canary, begin + 11 * minute)).toBe(11);
});
