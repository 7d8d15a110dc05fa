// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { CanarySettings, FlaggerStage } from '../../testing/FlaggerStage';
import { historyOf } from '../../testing/FlaggerWitness';
import { nodes } from '../workloads/workloads';
import { analysisOf, nextStep } from './analysis';
import type { Canary, CanaryAnalysis, CanaryMetric } from './flaggerObjects';
import {
  builtInQuery,
  builtInValue,
  complaintAbout,
  renderQuery,
} from './metrics';

jest.setTimeout(60_000);

function aCanary(analysis?: CanaryAnalysis): Canary {
  return {
    metadata: {
      name: 'shop',
      namespace: 'demo',
      uid: '1',
      resourceVersion: '1',
      creationTimestamp: '2026-03-01T08:00:00Z',
    },
    spec: {
      targetRef: { kind: 'Deployment', name: 'shop' },
      service: { port: 80 },
      analysis,
    },
  };
}

describe('the settings of a canary', () => {
  it.each([
    [{ interval: '5s' }, { interval: 10_000 }],
    [{ interval: '1m30s' }, { interval: 90_000 }],
    [{ interval: 'soon' }, { interval: 60_000 }],
    [{}, { threshold: 1, maxWeight: 100, strategy: 'canary', skipped: false }],
    [{ maxWeight: 40, stepWeight: 10 }, { maxWeight: 40 }],
    [{ stepWeights: [5, 60] }, { maxWeight: 60 }],
    [{ iterations: 3 }, { strategy: 'blueGreen' }],
    [{ iterations: 3, match: [{}] }, { strategy: 'abTesting' }],
    [undefined, { skipped: true }],
  ])('%j is read as %j', (given, read) => {
    expect(analysisOf(aCanary(given))).toMatchObject(read);
  });

  it('steps through its weights and never beyond all of the traffic', () => {
    const steps = fc.uniqueArray(fc.integer({ min: 1, max: 100 }), {
      minLength: 1,
    });
    fc.assert(
      fc.property(steps, weights => {
        const stepWeights = [...weights].sort((left, right) => left - right);
        const canary = aCanary({ stepWeights });
        const last = stepWeights[stepWeights.length - 1];
        const seen: number[] = [];
        for (let weight = 0; weight < last; ) {
          weight += nextStep(canary, weight);
          seen.push(weight);
        }
        expect(seen).toEqual(stepWeights);
        expect(nextStep(canary, 100)).toBe(1);
      }),
    );
  });
});

describe('metrics', () => {
  const metric = (change: Partial<CanaryMetric>): CanaryMetric => ({
    name: 'latency',
    ...change,
  });

  it.each([
    [metric({ thresholdRange: { min: 99 } }), 50, 'latency 50.00 < 99'],
    [metric({ thresholdRange: { max: 5 } }), 5.5, 'latency 5.50 > 5'],
    [metric({ thresholdRange: { min: 1, max: 5 } }), 3, undefined],
    [metric({ threshold: 2 }), 3, 'latency 3.00 > 2'],
    [
      metric({ name: 'request-success-rate', threshold: 99 }),
      98.5,
      'success rate 98.50% < 99%',
    ],
    [
      metric({ name: 'request-duration', thresholdRange: { max: 500 } }),
      612,
      'request duration 612ms > 500ms',
    ],
  ])('%j with %d: %s', (given, value, complaint) => {
    expect(complaintAbout(given, value)).toBe(complaint);
  });

  it.each([
    ['gatewayapi:v1', 'request-duration', 0.6129, 612],
    ['kubernetes', 'request-duration', 0.6129, 612],
    ['traefik', 'request-duration', 612.9, 612],
    ['traefik', 'request-success-rate', 99.5, 99.5],
  ])('reads what %s answers about %s: %d', (provider, name, answer, value) => {
    expect(builtInValue(provider, name, answer)).toBe(value);
  });

  it('asks the series of its provider, with the names filled in', () => {
    const [gateway, traefik] = ['gatewayapi:v1', 'traefik'].map(provider =>
      renderQuery(
        builtInQuery(provider, 'request-success-rate') ?? '',
        aCanary(),
        metric({ interval: '2m' }),
      ),
    );
    expect(gateway).toContain(
      'http_request_duration_seconds_count{kubernetes_namespace="demo",kubernetes_pod_name=~"shop-[0-9a-zA-Z]+(-[0-9a-zA-Z]+)",status!~"5.*"}[2m]',
    );
    expect(traefik).toContain(
      'service=~"demo-shop-canary-[0-9a-zA-Z-]+@kubernetescrd",code!~"5..",le="+Inf"}[2m]',
    );
    expect(() => renderQuery('{{ region }}', aCanary(), metric({}))).toThrow(
      'region is not defined',
    );
  });
});

const ways: readonly {
  readonly name: string;
  readonly settings: CanarySettings;
  readonly routes: readonly string[];
  readonly told: string;
}[] = [
  {
    name: 'traefik',
    settings: {
      spec: { provider: 'traefik' },
      analysis: { stepWeights: undefined, stepWeight: 50, maxWeight: 50 },
    },
    routes: ['100', '50/50', '100'],
    told: 'Advance traefik.demo canary weight 50',
  },
  {
    name: 'bluegreen',
    settings: { analysis: { stepWeights: undefined, iterations: 2 } },
    routes: ['100/0', '0/100', '100/0'],
    told: 'Routing all traffic to canary',
  },
  {
    name: 'abtest',
    settings: {
      analysis: {
        stepWeights: undefined,
        iterations: 2,
        match: [{ headers: [{ name: 'x-canary', value: 'yes' }] }],
      },
    },
    routes: ['100/0', '0/100', '100/0'],
    told: 'Advance abtest.demo canary iteration 2/2',
  },
  {
    name: 'noroute',
    settings: {
      spec: { provider: 'kubernetes' },
      analysis: { stepWeights: undefined, iterations: 1 },
    },
    routes: [],
    told: 'Advance noroute.demo canary iteration 1/1',
  },
  {
    name: 'stepsback',
    settings: { analysis: { stepWeights: [100], stepWeightPromotion: 50 } },
    routes: ['100/0', '0/100', '50/50', '100/0'],
    told: 'Advance stepsback.demo primary weight 50',
  },
];

describe('what was not recorded', () => {
  let stage: FlaggerStage;
  let played: Map<string, Promise<void>>;

  beforeAll(async () => {
    stage = await FlaggerStage.start({ rate: 20 });
    const plays = ways.map(
      ({ name, settings }) =>
        [
          name,
          stage.play(name, settings, async ({ image, end }) => {
            await image('v2');
            await end();
          }),
        ] as const,
    );
    played = new Map([...plays, ['stuck', playStuckPromotion()]]);
    for (const promise of played.values()) promise.catch(() => undefined);
  });

  afterAll(() => stage?.stop());

  /** The canary comes up, but when the primary is to be replaced there is no node for it any more. */
  function playStuckPromotion(): Promise<void> {
    const { client } = stage.cluster;
    const node = (zone: string | null) =>
      client.patch(nodes, { name: 'one' }, { metadata: { labels: { zone } } });
    return stage.play(
      'stuck',
      { analysis: { stepWeights: [100] }, progressDeadline: 20 },
      async ({ image, until, end, gate }) => {
        await node('a');
        gate('confirm-promotion', false);
        await image('v2', { nodeSelector: { zone: 'a' } });
        await until(({ phase }) => phase === 'WaitingPromotion');
        await node(null);
        gate('confirm-promotion', true);
        await end();
      },
    );
  }

  it.each(ways)('moves traffic by $name', async ({ name, routes, told }) => {
    await played.get(name);
    const history = historyOf(stage.witness.rows(name));
    expect(history.routes).toEqual(routes);
    expect(history.looks.flat().join('\n')).toContain(told);
    expect(history.statuses[history.statuses.length - 1]).toMatch(
      /^Succeeded .* applied revision 2 \| promoted revision 2$/,
    );
  });

  it('leaves all of the traffic on the canary when the primary does not come up', async () => {
    await played.get('stuck');
    const { statuses, routes, looks } = historyOf(stage.witness.rows('stuck'));
    expect(routes[routes.length - 1]).toBe('0/100');
    expect(statuses[statuses.length - 1]).toMatch(/^Failed weight 100 /);
    expect(looks.flat().join('\n')).toContain(
      'Promotion of stuck.demo failed, primary not ready: stuck-primary.demo not ready: deployment "stuck-primary" exceeded its progress deadline',
    );
  });
});
