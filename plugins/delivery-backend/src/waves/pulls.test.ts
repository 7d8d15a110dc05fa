// SPDX-License-Identifier: Apache-2.0
import {
  declarationOf,
  defaultWavePolicy,
  startWave,
  type Target,
  type WaveDevice,
  type WaveState,
} from '@causeway/plugin-delivery-common';
import {
  trimPullJob,
  trimPullPod,
  type ObservedPull,
} from '../fleet/trimPulls';
import {
  aPipeline,
  aRelease,
  aTarget,
} from '../promotions/__fixtures__/parcelVision';
import type { StageDevice } from './observeDevices';
import { pullManifest, pullTemplate } from './pullManifest';
import { pullsToSettle, type PullToMake } from './pullsToSettle';

const target: Target = {
  ...aTarget('edge'),
  workload: { kind: 'DaemonSet', namespace: 'sorting', name: 'belt' },
};
const release = aRelease(1);
const [image] = release.images;
const reference = `${image.name}:${image.tag}@${image.digest}`;

describe('what a pod tells of the image that it brings', () => {
  const waiting = (reason: string, message?: string) => ({
    waiting: { reason, message },
  });
  const ended = (reason: string) => ({ terminated: { reason } });
  const told = (status: object, containers = 1) =>
    trimPullPod({
      metadata: {
        namespace: 'sorting',
        name: 'causeway-pull-1',
        creationTimestamp: '2026-05-01T10:00:00Z',
        labels: { 'causeway.dev/image-pull': 'promotion-1' },
      },
      spec: {
        nodeName: 'pi-01',
        containers: Array.from({ length: containers }, () => ({})),
      },
      status,
    });
  const states = (...all: object[]) => ({
    containerStatuses: all.map(state => ({ state })),
  });

  it.each<[string, object, ObservedPull['state'], string]>([
    ['it has no status yet', {}, 'pulling', ''],
    ['the kubelet pulls', states(waiting('ContainerCreating')), 'pulling', ''],
    ['nothing could be started', states(ended('StartError')), 'present', ''],
    [
      'Docker could not start it',
      states(ended('ContainerCannotRun')),
      'present',
      '',
    ],
    ['it ran to its end', states(ended('Completed')), 'present', ''],
    [
      'CRI-O could not make it',
      states(waiting('CreateContainerError')),
      'present',
      '',
    ],
    [
      'it could not be run',
      states(waiting('RunContainerError')),
      'present',
      '',
    ],
    [
      'the registry has none',
      states(waiting('ErrImagePull', 'manifest unknown.')),
      'failing',
      'ErrImagePull: manifest unknown',
    ],
    [
      'the kubelet waits',
      states(waiting('ImagePullBackOff')),
      'failing',
      'ImagePullBackOff',
    ],
    [
      'the kubelet did not take it',
      { phase: 'Failed', reason: 'OutOfcpu' },
      'failed',
      'OutOfcpu',
    ],
    [
      'it took too long',
      {
        phase: 'Failed',
        reason: 'DeadlineExceeded',
        ...states(waiting('ContainerCreating')),
      },
      'failed',
      'DeadlineExceeded',
    ],
  ])('%s', (_, status, state, reason) => {
    expect(told(status)).toMatchObject({ promotion: 'promotion-1', state });
    expect(told(status)?.reason ?? '').toBe(reason);
  });

  it('waits for all images of a release', () => {
    const [one, other] = [ended('StartError'), waiting('ContainerCreating')];
    expect(told(states(one), 2)?.state).toBe('pulling');
    expect(told(states(one, other), 2)?.state).toBe('pulling');
    expect(told(states(one, one), 2)?.state).toBe('present');
    expect(told(states(one, waiting('ErrImagePull')), 2)?.state).toBe(
      'failing',
    );
  });

  it('is no pull without our label', () => {
    expect(
      trimPullPod({ metadata: { namespace: 'sorting', name: 'belt-x2x4z' } }),
    ).toBeUndefined();
  });
});

it.each<[string, object, ObservedPull['state'], string | undefined]>([
  [
    'nobody took it up',
    {},
    'failing',
    'cloudcore has not taken up the ImagePrePullJob: see whether its task manager is on',
  ],
  ['it was taken up', { phase: 'Init' }, 'pulling', undefined],
  [
    'it is pulled',
    { phase: 'InProgress', nodeStatus: [{ phase: 'InProgress' }] },
    'pulling',
    undefined,
  ],
  [
    'it is there',
    { phase: 'InProgress', nodeStatus: [{ phase: 'Successful' }] },
    'present',
    undefined,
  ],
  [
    'it could not be pulled',
    {
      phase: 'Failure',
      nodeStatus: [
        {
          phase: 'Failure',
          reason: 'pull failed',
          imageStatus: [{ reason: 'not found' }],
        },
      ],
    },
    'failed',
    'pull failed: not found',
  ],
  [
    'it took too long',
    {
      phase: 'InProgress',
      nodeStatus: [{ phase: 'Unknown', reason: 'timed out' }],
    },
    'failed',
    'timed out',
  ],
])('reads of a job of KubeEdge that %s', (_, status, state, reason) => {
  const pull = trimPullJob({
    metadata: {
      name: 'causeway-pull-1',
      labels: { 'causeway.dev/image-pull': 'promotion-1' },
    },
    spec: { imagePrePullTemplate: { nodeNames: ['jetson-01'] } },
    status,
  });
  expect(pull).toMatchObject({ node: 'jetson-01', namespace: '', state });
  expect(pull?.reason).toBe(reason);
});

describe('what is to be done', () => {
  const device: WaveDevice = {
    id: 'edge/pi-01',
    site: 'oslo',
    hardware: 'pi',
    connected: true,
    running: 'old',
    health: 'ok',
    image: 'absent',
  };
  const wave = (change: Partial<WaveState['devices'][number]>): WaveState => {
    const begun = startWave(
      { id: 'wave', target: 'new', policy: defaultWavePolicy },
      [device],
      0,
    );
    return { ...begun, devices: [{ ...begun.devices[0], ...change }] };
  };
  const there = (pull?: Partial<ObservedPull>) =>
    new Map<string, StageDevice>([
      [
        device.id,
        {
          device,
          target,
          node: 'pi-01',
          pullsBy: 'Pod',
          readings: {},
          ...(pull && {
            pull: {
              kind: 'Pod',
              namespace: 'sorting',
              name: 'causeway-pull-1',
              deleting: false,
              promotion: 'promotion-1',
              node: 'pi-01',
              madeAt: 0,
              state: 'pulling',
              ...pull,
            },
          }),
        },
      ],
    ]);
  const asked = { pull: { at: 0 } };
  const stop = { kind: 'person', at: 0, reason: '', takeBack: false } as const;

  it.each([
    ['nobody asked', wave({}), undefined, 'release', ''],
    ['it was asked for', wave(asked), undefined, 'release', 'make'],
    ['the template has not the release', wave(asked), undefined, 'before', ''],
    ['nobody knows the template', wave(asked), undefined, 'unknown', ''],
    ['it is on its way', wave(asked), {}, 'release', ''],
    ['it is on its way out', wave(asked), { deleting: true }, 'release', ''],
    [
      'it is there',
      wave({ pull: { at: 0, presentAt: 1 } }),
      {},
      'release',
      'remove',
    ],
    [
      'it failed',
      wave({ pull: { at: 0, failedAt: 1 } }),
      {},
      'release',
      'remove',
    ],
    ['it is removed already', wave({}), { deleting: true }, 'release', ''],
    [
      'the device went away',
      wave({ pull: undefined }),
      {},
      'release',
      'remove',
    ],
    ['the wave stopped', { ...wave(asked), stop }, {}, 'release', 'remove'],
    [
      'the wave stopped before',
      { ...wave(asked), stop },
      undefined,
      'release',
      '',
    ],
    [
      'the wave is over',
      { ...wave(asked), finishedAt: 1 },
      {},
      'before',
      'remove',
    ],
  ] as const)('when %s', (_, state, pull, template, expected) => {
    const { make, remove } = pullsToSettle(
      'promotion-1',
      state,
      there(pull),
      () => template,
    );
    expect(
      [...make.map(() => 'make'), ...remove.map(() => 'remove')].join(),
    ).toBe(expected);
  });

  it('names a pull by promotion and device alone, so that there are never two', () => {
    const names = (promotion: string) =>
      pullsToSettle(promotion, wave(asked), there(), () => 'release').make.map(
        ({ name }) => name,
      );
    expect(names('promotion-1')).toEqual(names('promotion-1'));
    expect(names('promotion-1')).not.toEqual(names('promotion-2'));
    expect(names('promotion-1')[0]).toMatch(/^[a-z0-9-]{1,63}$/);
  });
});

describe('what is made', () => {
  const [edge] = aPipeline([]).stages.filter(({ name }) => name === 'edge');
  const promotion = {
    service: 'component:default/belt',
    stage: 'edge',
    release,
    declaration: declarationOf(aPipeline([]), { ...edge, targets: [target] }),
  };
  const daemonSet = (spec: object) => ({
    spec: {
      template: {
        spec: {
          containers: [
            { image: reference },
            { image: 'registry.example/proxy:1' },
          ],
          ...spec,
        },
      },
    },
  });
  const pull: PullToMake = {
    device: 'edge/pi-01',
    target,
    node: 'pi-01',
    name: 'causeway-pull-1',
    by: 'Pod',
  };
  const made = (spec: object, by: PullToMake['by']) => {
    const template = pullTemplate(daemonSet(spec), promotion);
    return template && pullManifest({ ...pull, by }, template, 'promotion-1');
  };

  it('is a pod that starts nothing, with the image and the access of the workload', () => {
    const { path, body } = made(
      {
        imagePullSecrets: [{ name: 'registry' }, { name: 'mirror' }],
        serviceAccountName: 'belt',
      },
      'Pod',
    )!;
    expect(path).toBe('/api/v1/namespaces/sorting/pods');
    expect(body).toMatchObject({
      metadata: { labels: { 'causeway.dev/image-pull': 'promotion-1' } },
      spec: {
        nodeName: 'pi-01',
        restartPolicy: 'Never',
        serviceAccountName: 'belt',
        automountServiceAccountToken: false,
        imagePullSecrets: [{ name: 'registry' }, { name: 'mirror' }],
        containers: [{ image: reference, command: ['/causeway-only-pulls'] }],
      },
    });
  });

  it('is a job of KubeEdge, which takes one Secret, and else a pod', () => {
    const one = made(
      { imagePullSecrets: [{ name: 'registry' }] },
      'ImagePrePullJob',
    );
    expect(one?.body).toMatchObject({
      kind: 'ImagePrePullJob',
      spec: {
        imagePrePullTemplate: {
          images: [reference],
          nodeNames: ['pi-01'],
          imageSecrets: 'sorting/registry',
        },
      },
    });
    const two = [{ name: 'registry' }, { name: 'mirror' }];
    expect(
      made({ imagePullSecrets: two }, 'ImagePrePullJob')?.body,
    ).toMatchObject({
      kind: 'Pod',
    });
  });

  it('is nothing while the template holds another version', () => {
    const { name, tag } = image;
    const containers = [{ image: `${name}:${tag}@sha256:${'0'.repeat(64)}` }];
    expect(made({ containers }, 'Pod')).toBeUndefined();
  });
});
