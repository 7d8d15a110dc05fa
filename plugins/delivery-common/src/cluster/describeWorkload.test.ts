// SPDX-License-Identifier: Apache-2.0
import { describeWorkload } from './describeWorkload';
import type { ObservedCondition, ObservedDeployment } from './observed';

const image = `registry.norden.example/parcel-vision:2.8.1@sha256:${'0'.repeat(
  64,
)}`;

function condition(
  type: string,
  status: ObservedCondition['status'],
  reason: string,
  message = '',
): ObservedCondition {
  return { type, status, reason, message };
}
const complete = condition('Progressing', 'True', 'NewReplicaSetAvailable');
const rolling = condition('Progressing', 'True', 'ReplicaSetUpdated');
const available = condition('Available', 'True', 'MinimumReplicasAvailable');
const notAvailable = condition(
  'Available',
  'False',
  'MinimumReplicasUnavailable',
);

function aDeployment(
  change: Partial<ObservedDeployment> = {},
): ObservedDeployment {
  return {
    namespace: 'sorting',
    name: 'parcel-vision',
    generation: 4,
    observedGeneration: 4,
    deleting: false,
    paused: false,
    images: [image],
    desired: 3,
    total: 3,
    updated: 3,
    ready: 3,
    available: 3,
    conditions: [complete, available],
    ...change,
  };
}

describe('describeWorkload', () => {
  it('reports images, counts and observation next to the health', () => {
    expect(describeWorkload(aDeployment({ ready: 3 }))).toEqual({
      health: 'healthy',
      images: [image],
      replicas: { desired: 3, updated: 3, ready: 3, available: 3 },
      observed: true,
    });
  });

  // Its pods wait for an image that nobody has made, and the deadline of their rollout passes.
  it('takes a workload without a release for missing, and any digest for a release', () => {
    const described = (tag: string) =>
      describeWorkload(
        aDeployment({ images: [`registry.norden.example/web:${tag}`] }),
      );
    expect(described('not-released')).toMatchObject({
      health: 'missing',
      images: [],
      message: 'No release was promoted to it yet.',
    });
    const pinned = `not-released@sha256:${'0'.repeat(64)}`;
    expect(described(pinned)).toMatchObject({
      health: 'healthy',
      images: [`registry.norden.example/web:${pinned}`],
    });
  });

  it.each<[string, Partial<ObservedDeployment>, string, RegExp]>([
    [
      'the newest template was not seen by the controller',
      { generation: 5 },
      'progressing',
      /newest template/,
    ],
    [
      'the controller has written nothing yet',
      {
        generation: 1,
        observedGeneration: undefined,
        total: 0,
        updated: 0,
        ready: 0,
        available: 0,
        conditions: [],
      },
      'progressing',
      /newest template/,
    ],
    [
      'pods of the new template are being made',
      { updated: 1, conditions: [rolling, available] },
      'progressing',
      /1 of 3 replicas updated/,
    ],
    [
      'it is paused in the middle',
      { updated: 1, paused: true },
      'progressing',
      /paused/,
    ],
    [
      'old pods still end',
      { total: 4, conditions: [rolling, available] },
      'progressing',
      /1 old replicas still to end/,
    ],
    [
      'new pods are not available yet',
      { available: 2, conditions: [rolling, available] },
      'progressing',
      /2 of 3 replicas available/,
    ],
    [
      'the rollout took too long',
      {
        updated: 1,
        conditions: [
          condition(
            'Progressing',
            'False',
            'ProgressDeadlineExceeded',
            'ReplicaSet "parcel-vision-7c9" has timed out progressing.',
          ),
        ],
      },
      'degraded',
      /has timed out progressing/,
    ],
    [
      'pods can not be created',
      {
        updated: 0,
        conditions: [
          condition('ReplicaFailure', 'True', 'FailedCreate', 'exceeded quota'),
        ],
      },
      'degraded',
      /exceeded quota/,
    ],
    [
      'a finished rollout lost its pods',
      { available: 0, ready: 0, conditions: [complete, notAvailable] },
      'degraded',
      /0 of 3 replicas available/,
    ],
    [
      'a finished rollout misses one pod for a while',
      { available: 2, ready: 2 },
      'progressing',
      /2 of 3/,
    ],
    [
      'it is scaled to nothing',
      { desired: 0, total: 0, updated: 0, ready: 0, available: 0 },
      'degraded',
      /nothing runs/,
    ],
    ['it is being deleted', { deleting: true }, 'degraded', /being deleted/],
  ])('when %s', (_name, change, health, message) => {
    const state = describeWorkload(aDeployment(change));
    expect(state.health).toBe(health);
    expect(state.message).toMatch(message);
  });

  it('says that nothing is there', () => {
    expect(describeWorkload(undefined)).toMatchObject({
      health: 'missing',
      images: [],
      observed: false,
    });
  });
});
