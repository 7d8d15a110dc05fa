// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { aPod } from '../../testing/TrafficWorld';
import { bucketBounds, shareWithin } from './counters';
import { Draws, driftAt } from './Draws';
import { identityOf, versionOf } from './podIdentity';
import { assignTraffic, gatewayRoute, RouteView, traefikRoute } from './routes';

describe('draws', () => {
  const momentsOf = (draw: (draws: Draws) => number) => {
    const drawn = Array.from({ length: 4_000 }, (_, seed) =>
      draw(new Draws(seed)),
    );
    const mean = drawn.reduce((sum, each) => sum + each) / drawn.length;
    const squares = drawn.map(each => (each - mean) ** 2);
    const variance = squares.reduce((sum, each) => sum + each) / drawn.length;
    return { mean, ratio: variance / mean };
  };

  it.each([
    ['poisson, few', (draws: Draws) => draws.poisson(3), 3, 1],
    ['poisson, many', (draws: Draws) => draws.poisson(300), 300, 1],
    ['binomial, few', (draws: Draws) => draws.binomial(50, 0.1), 5, 0.9],
    ['binomial, most', (draws: Draws) => draws.binomial(50, 0.9), 45, 0.1],
    ['binomial, many', (draws: Draws) => draws.binomial(2_000, 0.3), 600, 0.7],
    ['clusters, few', (draws: Draws) => draws.clustered(5, 2), 5, 3],
    ['clusters, many', (draws: Draws) => draws.clustered(500, 2), 500, 3],
  ] as const)('%s: mean and variance', (_, draw, mean, ratio) => {
    const seen = momentsOf(draw);
    expect(Math.abs(seen.mean / mean - 1)).toBeLessThan(0.02);
    expect(Math.abs(seen.ratio / ratio - 1)).toBeLessThan(0.1);
  });

  it('drift without jumps', () => {
    const hashes = fc.integer({ min: 0, max: 2 ** 32 - 1 });
    fc.assert(
      fc.property(hashes, fc.nat({ max: 1e9 }), (hash, time) => {
        const [now, next] = [time, time + 1].map(at =>
          driftAt(hash, 60_000, at),
        );
        expect(Math.abs(next - now)).toBeLessThan(0.001);
      }),
    );
  });
});

describe('latency', () => {
  it.each([
    [0.1, 0.5],
    [0.1 * Math.exp(0.5), 0.8413447],
    [0.1 * Math.exp(-1), 0.0227501],
    [Infinity, 1],
  ])('lies within %d s for a share of %d', (bound, share) => {
    expect(shareWithin(bound, 0.1, 0.5)).toBeCloseTo(share, 6);
  });

  it('lies within a larger bound more often', () => {
    const shares = bucketBounds.map(bound => shareWithin(bound, 0.05, 0.6));
    expect([...shares].sort((left, right) => left - right)).toEqual(shares);
  });
});

describe('who answers', () => {
  const services = [
    { name: 'shop', port: 80, selector: { app: 'shop-primary' } },
    { name: 'shop-primary', port: 80, selector: { app: 'shop-primary' } },
    { name: 'shop-canary', port: 80, selector: { app: 'shop' } },
    { name: 'cart', port: 8080, selector: { app: 'cart' } },
    { name: 'outside', port: 80 },
  ];
  const pods = [
    aPod('p1', { app: 'shop-primary' }),
    aPod('p2', { app: 'shop-primary' }),
    aPod('c1', { app: 'shop' }),
    aPod('cart', { app: 'cart' }),
  ];
  const metadata = {
    name: 'shop',
    uid: '1',
    resourceVersion: '1',
    creationTimestamp: '2026-03-01T08:00:00Z',
  };
  const refs = (primary: number, canary: number) => [
    { name: 'shop-primary', weight: primary },
    { name: 'shop-canary', weight: canary },
  ];
  const gateway = (...rules: readonly object[]) =>
    gatewayRoute({ metadata, spec: { rules } });
  const mirror = {
    type: 'RequestMirror',
    requestMirror: { backendRef: { name: 'shop-canary' } },
  };
  const sharesWith = (
    routes: readonly RouteView[],
    sick: readonly string[] = [],
  ) => {
    const views = pods.map(({ metadata: { name, labels } }) => ({
      name,
      labels,
      ready: !sick.includes(name),
    }));
    const assigned = assignTraffic(services, routes, views);
    return Object.fromEntries(
      [...assigned].map(([name, { share }]) => [
        name,
        Number(share.toFixed(6)),
      ]),
    );
  };

  it.each([
    ['no route', [], [], { p1: 0.5, p2: 0.5, cart: 1 }],
    [
      'weights',
      [gateway({ backendRefs: refs(80, 20) })],
      [],
      { p1: 0.4, p2: 0.4, c1: 0.2, cart: 1 },
    ],
    [
      'a pod that is not ready',
      [gateway({ backendRefs: refs(80, 20) })],
      ['p1'],
      { p1: 0, p2: 0.8, c1: 0.2, cart: 1 },
    ],
    [
      'a test on some of the users',
      [
        gateway(
          { backendRefs: refs(0, 100) },
          { backendRefs: [refs(100, 0)[0]] },
        ),
      ],
      [],
      { p1: 0.45, p2: 0.45, c1: 0.1, cart: 1 },
    ],
    [
      'a mirror',
      [gateway({ backendRefs: refs(100, 0), filters: [mirror] })],
      [],
      { p1: 0.5, p2: 0.5, c1: 1, cart: 1 },
    ],
    [
      'Traefik',
      [
        traefikRoute({
          metadata,
          spec: { weighted: { services: refs(1, 3) } },
        }),
      ],
      [],
      { p1: 0.125, p2: 0.125, c1: 0.75, cart: 1 },
    ],
    [
      'weights of nothing',
      [gateway({ backendRefs: refs(0, 0) })],
      [],
      { p1: 0, p2: 0, c1: 0, cart: 1 },
    ],
  ] as const)('with %s', (_, routes, sick, expected) => {
    expect(sharesWith(routes, sick)).toEqual(expected);
  });

  it('loses no request while every backend has a pod', () => {
    const weight = fc.integer({ min: 0, max: 1_000 });
    fc.assert(
      fc.property(weight, weight, (primary, canary) => {
        fc.pre(primary + canary > 0);
        const shares = sharesWith([
          gateway({ backendRefs: refs(primary, canary) }),
        ]);
        expect(shares.p1 + shares.p2 + shares.c1).toBeCloseTo(1, 4);
      }),
    );
  });
});

describe('what a pod says about itself', () => {
  it.each([
    ['registry.example/shop:2.7.3@sha256:00', '2.7.3'],
    ['registry.example:5000/shop', 'latest'],
    ['shop:2.0.0-slow', '2.0.0-slow'],
  ])('%s is version %s', (image, version) => {
    expect(versionOf(image)).toBe(version);
  });

  it('names its application without what Flagger adds, and reads its limits', () => {
    const pod = aPod('shop-primary-1-2', { app: 'shop-primary' });
    const [container] = pod.spec.containers;
    const limits = { memory: '256Mi', cpu: '500m', 'nvidia.com/gpu': '1' };
    const limited = { ...container, resources: { limits } };
    expect(
      identityOf({ ...pod, spec: { ...pod.spec, containers: [limited] } }),
    ).toMatchObject({
      application: 'shop',
      version: '1.0.0',
      limits: { cpu: 0.5, memory: 256 * 2 ** 20 },
    });
  });
});
