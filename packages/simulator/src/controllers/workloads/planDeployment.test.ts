// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { planDeployment, rollingLimits } from './planDeployment';
import { Deployment, ReplicaSet } from './workloads';

const now = new Date('2026-11-20T13:32:00Z');

function aDeployment(
  image: string,
  spec: Partial<Deployment['spec']>,
): Deployment {
  return {
    metadata: {
      name: 'app',
      namespace: 'x',
      uid: 'd',
      resourceVersion: '1',
      generation: 1,
      creationTimestamp: '',
    },
    spec: {
      selector: { matchLabels: { app: 'app' } },
      template: {
        metadata: { labels: { app: 'app' } },
        spec: { containers: [{ name: 'c', image }] },
      },
      ...spec,
    },
  };
}

function aReplicaSet(
  name: string,
  image: string,
  replicas: number,
  available: number,
): ReplicaSet {
  const order = name.charCodeAt(0);
  return {
    metadata: {
      name,
      namespace: 'x',
      uid: name,
      resourceVersion: '1',
      creationTimestamp: `2026-11-20T13:00:${order}Z`,
    },
    spec: {
      replicas,
      selector: {},
      template: {
        metadata: { labels: { app: 'app', 'pod-template-hash': name } },
        spec: { containers: [{ name: 'c', image }] },
      },
    },
    status: {
      replicas,
      readyReplicas: available,
      availableReplicas: available,
      observedGeneration: 1,
    },
  };
}

function sum(
  sets: readonly ReplicaSet[],
  count: (set: ReplicaSet) => number | undefined,
): number {
  return sets.reduce((total, set) => total + (count(set) ?? 0), 0);
}

describe('rollingLimits', () => {
  it.each([
    [4, undefined, undefined, 1, 1],
    [10, '25%', '25%', 3, 2],
    [3, 1, 0, 1, 0],
    [3, '50%', '50%', 2, 1],
    [2, 0, 0, 0, 1],
    [1, '25%', '25%', 1, 0],
  ])(
    'of %d replicas with surge %s and unavailable %s are %d and %d',
    (replicas, maxSurge, maxUnavailable, surge, unavailable) => {
      const deployment = aDeployment('v1', {
        replicas,
        strategy: { rollingUpdate: { maxSurge, maxUnavailable } },
      });
      expect(rollingLimits(deployment)).toEqual({
        maxSurge: surge,
        maxUnavailable: unavailable,
      });
    },
  );
});

describe('planDeployment', () => {
  it('creates the first replica set as revision 1 with all replicas', () => {
    const plan = planDeployment(aDeployment('v1', { replicas: 3 }), [], now);
    expect(plan.actions).toEqual([
      { kind: 'createReplicaSet', revision: 1, replicas: 3 },
    ]);
  });

  it('removes pods that do not work before it touches those that do', () => {
    const deployment = aDeployment('v3', {
      replicas: 2,
      strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    });
    const working = aReplicaSet('a', 'v1', 2, 2);
    const broken = aReplicaSet('b', 'v2', 1, 0);
    const current = aReplicaSet('c', 'v3', 0, 0);
    const { actions } = planDeployment(
      deployment,
      [working, broken, current],
      now,
    );
    expect(actions).toContainEqual({
      kind: 'scale',
      replicaSet: broken,
      replicas: 0,
    });
    expect(actions).not.toContainEqual(
      expect.objectContaining({ kind: 'scale', replicaSet: working }),
    );
  });

  it('keeps Recreate from running two revisions at once', () => {
    const deployment = aDeployment('v2', {
      replicas: 2,
      strategy: { type: 'Recreate' },
    });
    const old = aReplicaSet('a', 'v1', 2, 2);
    expect(planDeployment(deployment, [old], now).actions).toEqual([
      { kind: 'scale', replicaSet: old, replicas: 0 },
    ]);
    const ending = { ...old, spec: { ...old.spec, replicas: 0 } };
    expect(planDeployment(deployment, [ending], now).actions).toEqual([]);
    expect(
      planDeployment(deployment, [aReplicaSet('a', 'v1', 0, 0)], now).actions,
    ).toEqual([{ kind: 'createReplicaSet', revision: 1, replicas: 2 }]);
  });

  it('rolls out within its limits and comes to an end, in whatever order pods get ready', () => {
    const settings = fc.record({
      replicas: fc.integer({ min: 1, max: 8 }),
      maxSurge: fc.integer({ min: 0, max: 4 }),
      maxUnavailable: fc.integer({ min: 0, max: 4 }),
    });
    fc.assert(
      fc.property(
        settings,
        fc.array(fc.integer({ min: 1, max: 8 }), {
          minLength: 60,
          maxLength: 60,
        }),
        (given, arrivals) => {
          const { replicas, ...rollingUpdate } = given;
          const deployment = aDeployment('v2', {
            replicas,
            strategy: { rollingUpdate },
          });
          const { maxSurge, maxUnavailable } = rollingLimits(deployment);
          let sets = [aReplicaSet('a', 'v1', replicas, replicas)];
          for (const arriving of arrivals) {
            for (const action of planDeployment(deployment, sets, now)
              .actions) {
              if (action.kind === 'createReplicaSet')
                sets = [...sets, aReplicaSet('b', 'v2', action.replicas, 0)];
              if (action.kind === 'scale') {
                const { metadata, spec, status } = action.replicaSet;
                const available = Math.min(
                  status?.availableReplicas ?? 0,
                  action.replicas,
                );
                const image = spec.template.spec.containers[0].image;
                const changed = aReplicaSet(
                  metadata.name,
                  image,
                  action.replicas,
                  available,
                );
                sets = sets.map(set =>
                  set.metadata.name === metadata.name ? changed : set,
                );
              }
            }
            expect(sum(sets, ({ spec }) => spec.replicas)).toBeLessThanOrEqual(
              replicas + maxSurge,
            );
            expect(
              sum(sets, ({ status }) => status?.availableReplicas),
            ).toBeGreaterThanOrEqual(replicas - maxUnavailable);
            sets = sets.map(set => {
              const { replicas: wanted = 0, template } = set.spec;
              const available = Math.min(
                wanted,
                (set.status?.availableReplicas ?? 0) + arriving,
              );
              return aReplicaSet(
                set.metadata.name,
                template.spec.containers[0].image,
                wanted,
                available,
              );
            });
          }
          expect(sets.map(({ spec }) => spec.replicas)).toEqual([0, replicas]);
        },
      ),
    );
  });
});
