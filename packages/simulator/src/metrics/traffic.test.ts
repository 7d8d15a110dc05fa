// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { aPod, aRoute, TrafficWorld } from '../testing/TrafficWorld';
import { scrapeInterval } from './SeriesSource';
import type { Traffic } from './Traffic';
import { profileOf, requestRateAt } from './traffic/profile';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** Two pods of the primary and one of the canary. */
const shop = (version = '1.1.0', restarts = 0) => [
  aPod('shop-primary-a-b', { app: 'shop-primary' }),
  aPod('shop-primary-a-c', { app: 'shop-primary' }),
  aPod('shop-a-b', { version, restarts }),
];
const byVersion = (metric: string, window = '30m') =>
  `sum by (version) (rate(${metric}[${window}]))`;
const requests = byVersion('http_requests_total');
const failures = `${byVersion(
  'http_requests_total{status="500"}',
)} / ${requests}`;
const quantile = (share: number) =>
  `histogram_quantile(${share}, sum by (le, version) (rate(http_request_duration_seconds_bucket[30m])))`;
const cpu = 'sum by (pod) (rate(container_cpu_usage_seconds_total[30m]))';
const memory = 'container_memory_working_set_bytes';

/** A canary that gets half of the requests, half an hour after something was done to it. */
function halfAnHourOf(
  change: (traffic: Traffic) => unknown,
  version?: string,
): TrafficWorld {
  const world = new TrafficWorld({ history: 30 * minute });
  world.see(shop(version), [aRoute(50)]);
  change(world.traffic);
  world.now += 31 * minute;
  return world;
}

/** Every value of the last hours, as a Prometheus would have stored it. */
function samplesOf(world: TrafficWorld, span: number) {
  const names = world.traffic.metrics.flatMap(({ name, type }) =>
    type === 'histogram'
      ? ['_bucket', '_sum', '_count'].map(suffix => name + suffix)
      : [name],
  );
  const last = Math.floor(world.now / scrapeInterval) * scrapeInterval;
  return names.flatMap(name =>
    world.traffic.series(name, []).map(({ labels, valueAt }) => ({
      name,
      labels,
      values: Array.from({ length: span / scrapeInterval }, (_, index) =>
        valueAt(last - span + (index + 1) * scrapeInterval),
      ),
    })),
  );
}

/** One short text per series, equal for equal values: thousands of numbers are no help to a reader. */
function fingerprints(samples: ReturnType<typeof samplesOf>) {
  return samples.map(({ name, labels, values }) => {
    const hash = createHash('sha256').update(JSON.stringify(values));
    return `${name} ${JSON.stringify(labels)} ${hash.digest('hex')}`;
  });
}

describe('the traffic of a service', () => {
  it('has a day of history when the world begins', () => {
    const world = new TrafficWorld();
    world.see(shop(), [aRoute(0)]);
    const [series] = world.traffic.series('http_requests_total', []);
    expect(series.valueAt(world.now - day + minute)).toBeGreaterThan(0);
    expect(series.valueAt(world.now - day + minute)).toBeLessThan(
      series.valueAt(world.now) ?? 0,
    );
    expect(series.valueAt(world.now + 1)).toBeUndefined();
    const range = world.askRange('http_requests_total', world.now - day, hour);
    expect(range.every(({ points }) => points.length === 25)).toBe(true);
  });

  it('comes as often as its model says, by the hour of the day', () => {
    const world = new TrafficWorld();
    const profile = profileOf('1', { namespace: 'demo', service: 'shop' });
    world.see(shop(), [aRoute(0)]);
    const counted = world.askRange(
      'sum(increase(http_requests_total[1h]))',
      world.now - day + hour,
      hour,
    )[0].points;
    for (const { time, value } of counted) {
      let expected = 0;
      for (let at = time - hour; at < time; at += minute)
        expected += 60 * requestRateAt(profile, at + minute / 2);
      expect(value / expected).toBeGreaterThan(0.97);
      expect(value / expected).toBeLessThan(1.03);
    }
    const values = counted.map(({ value }) => value);
    expect(Math.max(...values) / Math.min(...values)).toBeGreaterThan(2);
  });

  it('is split by the weights in force, from when they were', () => {
    const weights = fc.array(fc.integer({ min: 0, max: 100 }), {
      minLength: 1,
      maxLength: 3,
    });
    const routers = fc.constantFrom('gateway' as const, 'traefik' as const);
    fc.assert(
      fc.property(weights, routers, (steps, by) => {
        const world = new TrafficWorld({ history: hour });
        for (const weight of steps) {
          world.see(shop(), [aRoute(weight, by)]);
          world.now += 31 * minute;
          const rates = world.ask(requests, 'version');
          const all = rates['1.0.0'] + rates['1.1.0'];
          expect(Math.abs(rates['1.1.0'] / all - weight / 100)).toBeLessThan(
            0.02,
          );
        }
      }),
      { numRuns: 10 },
    );
  });

  it('counts in whole numbers that never fall, more unevenly than chance', () => {
    const world = new TrafficWorld({ history: 6 * hour });
    world.see(shop(), [aRoute(50)]);
    const counters = samplesOf(world, hour).filter(({ name }) =>
      /_total$|_count$|_bucket$|_sum$/.test(name),
    );
    const falling = counters.filter(({ values }) =>
      (values as number[]).some((each, i, all) => each < all[i - 1]),
    );
    const broken = counters.filter(
      ({ name, values }) =>
        !/seconds_total$|_sum$/.test(name) && !values.every(Number.isInteger),
    );
    expect(counters.length).toBeGreaterThan(50);
    expect(falling).toEqual([]);
    expect(broken).toEqual([]);
    const [{ values }] = samplesOf(world, 6 * hour);
    const counts = (values.slice(1) as number[]).map(
      (each, i) => each - (values[i] as number),
    );
    // Of two neighbours the mean is the same, so that the hour of the day plays no part.
    const pairs = counts.slice(1).map((each, i) => [each, counts[i]] as const);
    const spread = pairs.reduce((sum, [a, b]) => sum + (a - b) ** 2 / 2, 0);
    const total = pairs.reduce((sum, [a, b]) => sum + (a + b) / 2, 0);
    expect(spread / total).toBeGreaterThan(1.3);
    expect(spread / total).toBeLessThan(4);
  });

  it('is the same for the same seed, however and whenever it is asked', () => {
    const play = (seed: string, curious: boolean) => {
      const world = new TrafficWorld({ seed, history: hour });
      const steps = [
        () => world.see(shop(), [aRoute(0)]),
        () => world.see(shop(), [aRoute(25)]),
        () => world.traffic.effects.begin({ service: 'shop', errorRate: 0.1 }),
        () => world.see(shop('1.1.0', 1), [aRoute(60)]),
        () => world.see(shop().slice(0, 2), [aRoute(0)]),
      ];
      for (const step of steps) {
        step();
        for (let looks = 0; looks < 4; looks++) {
          world.now += 37_000;
          if (curious) samplesOf(world, 5 * minute);
        }
      }
      return fingerprints(samplesOf(world, hour));
    };
    const first = play('1', false);
    expect(play('1', true)).toEqual(first);
    expect(play('2', false)).not.toEqual(first);
  });

  it('is remembered for a while and forgotten then, without any change', () => {
    const [careful, careless] = [true, false].map(forgets => {
      const world = new TrafficWorld({ history: 4 * hour });
      world.see(shop(), [aRoute(10, 'traefik')]);
      for (let hours = 0; hours < 12; hours++) {
        world.now += hour;
        if (hours === 2) world.see(shop('1.1.0', 1), [aRoute(10, 'traefik')]);
        if (hours === 3) world.see(shop().slice(0, 2), [aRoute(0, 'traefik')]);
        if (forgets) world.traffic.forget();
      }
      return world;
    });
    const living = (world: TrafficWorld) =>
      fingerprints(
        samplesOf(world, 4 * hour).filter(({ values }) =>
          values.some(value => value !== undefined),
        ),
      );
    expect(careful.traffic.series('http_requests_total', [])).toHaveLength(4);
    expect(careless.traffic.series('http_requests_total', [])).toHaveLength(6);
    const kept = living(careful);
    const all = living(careless).filter(
      text => !text.includes('demo-shop-canary-80@kubernetescrd'),
    );
    expect(kept.length).toBeGreaterThan(50);
    expect(kept.filter(text => !all.includes(text))).toEqual([]);
  });

  it('starts counting anew with a container, but not in front of it', () => {
    const world = new TrafficWorld({ history: hour });
    const query = 'sum by (pod) (http_requests_total)';
    const proxied = 'sum by (service) (traefik_service_requests_total)';
    const front = 'demo-shop-canary-80@kubernetescrd';
    world.see(shop(), [aRoute(50, 'traefik')]);
    world.now += 10 * minute;
    const before = world.ask(query, 'pod')['shop-a-b'];
    const seenInFront = world.ask(proxied, 'service')[front];
    world.see(shop('1.1.0', 1), [aRoute(50, 'traefik')]);
    world.now += minute;
    expect(world.ask(query, 'pod')['shop-a-b']).toBeLessThan(before / 5);
    expect(
      world.ask(
        'sum by (pod) (resets(http_requests_total{status="200"}[5m]))',
        'pod',
      ),
    ).toEqual({
      'shop-a-b': 1,
      'shop-primary-a-b': 0,
      'shop-primary-a-c': 0,
    });
    expect(world.ask(proxied, 'service')[front]).toBeGreaterThan(seenInFront);
  });

  it('is scraped while the pod runs, and at no other time', () => {
    const world = new TrafficWorld();
    const crashed = aPod('shop-a-b', { version: '1.1.0', ready: false });
    world.see(shop(), [aRoute(50)]);
    world.now += minute;
    world.see([...shop().slice(0, 2), crashed], [aRoute(50)]);
    world.now += minute;
    world.see(shop('1.1.0', 1), [aRoute(50)]);
    world.now += minute;
    world.see(shop().slice(0, 2), [aRoute(0)]);
    world.now += minute;
    const series = world.traffic
      .series(memory, [])
      .find(({ labels }) => labels.pod === 'shop-a-b');
    const present = [5, 3.5, 2.5, 1.5, 0.5].map(
      ago => series?.valueAt(world.now - ago * minute) !== undefined,
    );
    expect(present).toEqual([true, true, false, true, false]);
  });

  it('of a service that comes later begins when it comes', () => {
    const world = new TrafficWorld();
    world.now += hour;
    world.see(shop(), [aRoute(0)]);
    world.now += minute;
    const [series] = world.traffic.series('http_requests_total', []);
    expect(series.valueAt(world.now)).toBeGreaterThan(0);
    expect(series.valueAt(world.now - 2 * minute)).toBeUndefined();
  });

  it('of a service behind Flagger has always been there too', () => {
    const world = new TrafficWorld({ history: hour });
    const series = () => world.traffic.series('http_requests_total', []);
    world.see([aPod('shop-a-b')], [], []);
    expect(series()).toEqual([]);
    world.now += minute;
    world.see(shop('1.0.0'), [aRoute(0)]);
    expect(series()[0].valueAt(world.now - hour / 2)).toBeGreaterThan(0);
  });

  it('waits for all pods of the first version, but not for ever', () => {
    const world = new TrafficWorld();
    const sick = aPod('shop-primary-a-c', {
      app: 'shop-primary',
      ready: false,
    });
    world.see([shop()[0], sick], [aRoute(0)]);
    expect(world.traffic.series('http_requests_total', [])).toEqual([]);
    world.now += 6 * minute;
    world.see([shop()[0], sick], [aRoute(0)]);
    expect(world.traffic.series('http_requests_total', [])).toHaveLength(2);
  });
});

describe('a fault of one version', () => {
  const only = { service: 'shop', version: '1.1.0' };
  const image = { service: 'shop', image: 'ex/shop:1.1.0' };
  const usual = halfAnHourOf(() => undefined);

  it.each([
    ['errors', { ...only, errorRate: 0.1 }, failures, 0.1, 0.01],
    ['errors of an image', { ...image, errorRate: 0.1 }, failures, 0.1, 0.01],
  ] as const)('%s: %j', (_, effect, query, expected, tolerance) => {
    const seen = halfAnHourOf(({ effects }) => effects.begin(effect));
    const rates = seen.ask(query, 'version');
    expect(Math.abs(rates['1.1.0'] - expected)).toBeLessThan(tolerance);
    expect(rates['1.0.0']).toBeLessThan(0.002);
  });

  it.each([
    ['latencyFactor', 2, quantile(0.5), 'version', '1.1.0', '1.0.0'],
    ['requestFactor', 3, requests, 'version', '1.1.0', '1.0.0'],
    ['memoryFactor', 1.5, memory, 'pod', 'shop-a-b', 'shop-primary-a-b'],
    ['cpuFactor', 2, cpu, 'pod', 'shop-a-b', 'shop-primary-a-b'],
  ] as const)('%s %d', (name, factor, query, label, bad, good) => {
    const seen = halfAnHourOf(({ effects }) =>
      effects.begin({ ...only, [name]: factor }),
    ).ask(query, label);
    const before = usual.ask(query, label);
    const change = seen[bad] / before[bad];
    // Buckets are coarse, and an idle pod takes some CPU too.
    expect(Math.abs(change / factor - 1)).toBeLessThan(0.25);
    expect(seen[good]).toBe(before[good]);
  });

  it.each([
    ['2.0.0-errors', failures, 0.05, 0.01],
    [
      '2.0.0-slow',
      `${quantile(0.5)} / ${usual.ask(quantile(0.5), 'version')['1.1.0']}`,
      4,
      1,
    ],
  ])('comes with the tag %s', (version, query, expected, tolerance) => {
    const seen = halfAnHourOf(() => undefined, version).ask(query, 'version');
    expect(Math.abs(seen[version] - expected)).toBeLessThan(tolerance);
  });

  it('grows without end with the tag -leak', () => {
    const world = halfAnHourOf(() => undefined, '2.0.0-leak');
    world.now += 3 * hour;
    const grown = world.ask(`delta(${memory}[1h])`, 'pod');
    expect(grown['shop-a-b']).toBeGreaterThan(40 * 2 ** 20);
    expect(grown['shop-primary-a-b']).toBeLessThan(10 * 2 ** 20);
  });

  it('ends when it is ended, and what was counted stays', () => {
    const world = new TrafficWorld({ history: hour });
    world.see(shop(), [aRoute(50)]);
    const fault = world.traffic.effects.begin({ ...only, errorRate: 1 });
    world.now += 10 * minute;
    const query = 'sum by (version) (http_requests_total{status="500"})';
    const counted = world.ask(query, 'version')['1.1.0'];
    fault.end();
    world.now += 10 * minute;
    const later = world.ask(query, 'version')['1.1.0'];
    expect(counted).toBeGreaterThan(1_000);
    expect(later - counted).toBeLessThan(counted / 10);
    expect(later).toBeGreaterThanOrEqual(counted);
  });

  it.each([
    [{ errorRate: 1.5 }, 'errorRate'],
    [{ latencyFactor: -1 }, 'latencyFactor'],
    [{ cpuFactor: NaN }, 'cpuFactor'],
  ])('is refused when it makes no sense: %j', (effect, name) => {
    const { traffic } = new TrafficWorld();
    expect(() => traffic.effects.begin({ service: 'shop', ...effect })).toThrow(
      name,
    );
  });
});
