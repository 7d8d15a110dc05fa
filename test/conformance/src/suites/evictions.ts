// SPDX-License-Identifier: Apache-2.0
import type { Controlled } from '../controllers';
import { workload } from '../objects';
import { ConditionDocument, meaning, Workbench } from '../Workbench';

interface Status {
  readonly currentHealthy: number;
  readonly disruptionsAllowed: number;
  readonly conditions: readonly ConditionDocument[];
}

export function evictions(controlled: () => Controlled): void {
  describe('disruption budgets', () => {
    let bench: Workbench;

    beforeEach(async () => {
      bench = await Workbench.in(controlled().api);
      await bench.create('deployments', workload('shop', { replicas: 3 }));
      await bench.status<{ availableReplicas: number }>(
        'deployments',
        'shop',
        ({ availableReplicas }) => availableReplicas === 3,
      );
    });
    afterEach(() => bench.remove());

    const until = async (isRight: (status: Partial<Status>) => boolean) => {
      const status = await bench.status<Status>(
        'poddisruptionbudgets',
        'shop',
        isRight,
      );
      return { ...status, conditions: meaning(status.conditions) };
    };
    const budget = async (spec: object) => {
      await bench.create('poddisruptionbudgets', {
        metadata: { name: 'shop' },
        spec: { selector: { matchLabels: { app: 'shop' } }, ...spec },
      });
      return until(({ currentHealthy }) => currentHealthy === 3);
    };
    const evict = async () => {
      const pods = await bench.pods('shop');
      const { name } = pods.filter(
        ({ metadata }) => !metadata.deletionTimestamp,
      )[0].metadata;
      const answer = await bench.api.post(
        `${bench.path('pods', name)}/eviction`,
        {
          apiVersion: 'policy/v1',
          kind: 'Eviction',
          metadata: { name, namespace: bench.namespace },
        },
      );
      return { ...answer, name };
    };
    const allowing = (count: number) => ({
      type: 'DisruptionAllowed',
      status: count > 0 ? 'True' : 'False',
      reason: count > 0 ? 'SufficientPods' : 'InsufficientPods',
      message: '',
    });

    it('that are used up refuse evictions and say why', async () => {
      expect(await budget({ minAvailable: 3 })).toEqual({
        observedGeneration: 1,
        currentHealthy: 3,
        desiredHealthy: 3,
        expectedPods: 3,
        disruptionsAllowed: 0,
        conditions: [allowing(0)],
      });
      const { code, text } = await evict();
      expect(code).toBe(429);
      expect(JSON.parse(text)).toMatchObject({
        kind: 'Status',
        status: 'Failure',
        reason: 'TooManyRequests',
        message:
          "Cannot evict pod as it would violate the pod's disruption budget.",
        details: {
          causes: [
            {
              reason: 'DisruptionBudget',
              message:
                'The disruption budget shop needs 3 healthy pods and has 3 currently',
            },
          ],
        },
      });
    });

    it('allow evictions again when pods have come back', async () => {
      expect(await budget({ maxUnavailable: '25%' })).toEqual({
        observedGeneration: 1,
        currentHealthy: 3,
        desiredHealthy: 2,
        expectedPods: 3,
        disruptionsAllowed: 1,
        conditions: [allowing(1)],
      });
      const { code, name } = await evict();
      expect(code).toBe(201);
      await bench.status<{ availableReplicas: number }>(
        'deployments',
        'shop',
        ({ availableReplicas }) => availableReplicas === 3,
      );
      await until(({ disruptionsAllowed }) => disruptionsAllowed === 1);
      const names = (await bench.pods('shop')).map(pod => pod.metadata.name);
      expect(names).not.toContain(name);
    });
  });
}
