// SPDX-License-Identifier: Apache-2.0
import { ConfigReader } from '@backstage/config';
import {
  defaultCanaryPolicy,
  judgeCanary,
} from '@causeway/plugin-delivery-common';
import {
  startMetricsServer,
  Traffic,
  type MetricsServer,
  type NamespaceView,
} from '@causeway/simulator';
import { silentLogger } from '../testing/silentLogger';
import { createCanaryMetrics } from './createCanaryMetrics';

/** Half an hour of traffic is computed, on a machine that may be busy. */
jest.setTimeout(60_000);

const minute = 60_000;
const start = Date.parse('2026-03-01T12:00:00Z');
const begin = start + 40 * minute;
const source = { cluster: 'cloud', namespace: 'shop', workload: 'checkout' };
const plan = { stepStarts: [1], weights: [25], soakMinutes: 25 };

const servers: MetricsServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map(server => server.stop()));
});

function aPod(name: string, app: string, version: string) {
  const image = `forge.example/shop/checkout:${version}`;
  const container = {
    name: 'checkout',
    image,
    resources: { limits: { cpu: '500m', memory: '512Mi' } },
  };
  return {
    metadata: {
      name,
      namespace: 'shop',
      uid: name,
      resourceVersion: '1',
      creationTimestamp: '2026-03-01T08:00:00Z',
      labels: { app },
    },
    spec: { nodeName: 'one', containers: [container] },
    status: {
      phase: 'Running' as const,
      conditions: [{ type: 'Ready', status: 'True' as const }],
      containerStatuses: [
        {
          name: 'checkout',
          ready: true,
          started: true,
          restartCount: 0,
          image,
          imageID: '',
          state: { running: {} },
          lastState: {},
        },
      ],
    },
  };
}

/** The namespace as Flagger leaves it, with a share of the requests for the canary. */
function shop(percent: number): NamespaceView {
  return {
    pods: [
      aPod('checkout-primary-b4c5d6f7g8-x2x4z', 'checkout-primary', '1.0.0'),
      aPod('checkout-primary-b4c5d6f7g8-z4x2x', 'checkout-primary', '1.0.0'),
      ...(percent > 0
        ? [aPod('checkout-c5d6f7g8h9-v5w6x', 'checkout', '1.1.0')]
        : []),
    ],
    services: [
      { name: 'checkout', port: 80, selector: { app: 'checkout-primary' } },
      {
        name: 'checkout-primary',
        port: 80,
        selector: { app: 'checkout-primary' },
      },
      { name: 'checkout-canary', port: 80, selector: { app: 'checkout' } },
    ],
    routes: [
      {
        name: 'checkout',
        by: 'gateway',
        backends: [
          { name: 'checkout-primary', share: 1 - percent / 100 },
          { name: 'checkout-canary', share: percent / 100 },
        ],
      },
    ],
  };
}

/** Half an hour of a canary with 25 % of the requests to a new version that may be bad. */
async function readAfterHalfAnHour(
  effect: { readonly errorRate?: number; readonly latencyFactor?: number },
  credential: { readonly bearerToken?: string } = { bearerToken: 'secret' },
) {
  let now = start;
  const clock = () => new Date(now);
  const traffic = new Traffic({
    seed: '3',
    clock,
    profiles: { 'shop/checkout': { requestsPerSecond: 60, errorRate: 2e-4 } },
  });
  traffic.effects.begin({ service: 'checkout', version: '1.1.0', ...effect });
  traffic.see('shop', shop(0));
  now = begin;
  traffic.see('shop', shop(25));
  now = begin + 30 * minute + 5_000;
  const server = await startMetricsServer({
    sources: () => [traffic],
    clock,
    token: 'secret',
    port: 0,
  });
  servers.push(server);
  const metrics = createCanaryMetrics({
    config: new ConfigReader({
      delivery: {
        prometheus: [{ name: 'simulated', url: server.url, ...credential }],
      },
    }),
    logger: silentLogger,
    clock,
  });
  const at = new Date(begin).toISOString();
  return metrics.read(
    source,
    { begin: at, weights: [{ at, percent: 25 }] },
    new AbortController().signal,
  );
}

describe('simulated traffic behind the HTTP API of Prometheus', () => {
  it.each([
    ['an equal version goes on', {}, 'goOn'],
    ['one with errors is taken back', { errorRate: 0.02 }, 'rollBack'],
    ['one that is slow is taken back', { latencyFactor: 2 }, 'rollBack'],
  ])('%s', async (_name, effect, decision) => {
    const reading = await readAfterHalfAnHour(effect);
    if (!reading.known) throw new Error(reading.problem);
    const { minutes, boundsMs, notes } = reading.value;
    expect(notes).toEqual([]);
    expect(minutes).toHaveLength(60);
    for (const { minute: number, canary, baseline } of minutes) {
      expect(baseline.scrapes).toBeGreaterThan(0);
      expect(canary.scrapes > 0).toBe(number > 0);
      expect(baseline.cpuPercent).toBeGreaterThan(0);
      expect(baseline.memoryPercent).toBeGreaterThan(0);
      for (const arm of [canary, baseline])
        expect(arm.buckets.reduce((sum, each) => sum + each)).toBe(
          arm.requests,
        );
    }
    const last = minutes[59];
    const share =
      last.canary.requests / (last.canary.requests + last.baseline.requests);
    expect(share).toBeGreaterThan(0.18);
    expect(share).toBeLessThan(0.32);
    expect(last.canary.cpuPercent).toBeGreaterThan(0);
    expect(
      judgeCanary(minutes, boundsMs, plan, defaultCanaryPolicy).decision,
    ).toBe(decision);
  });

  it('is not read without the token', async () => {
    expect(await readAfterHalfAnHour({}, {})).toMatchObject({
      known: false,
      problem:
        'Prometheus simulated does not accept the credential of the portal (401).',
    });
  });
});
