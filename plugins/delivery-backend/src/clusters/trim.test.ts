// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import {
  aDeployment,
  aGitRepository,
  aKustomization,
  aRollout,
} from './testing/objects';
import {
  trimDeployment,
  trimGitRepository,
  trimJob,
  trimKustomization,
  trimService,
} from './trim';
import { trimRollout } from '../engines/trimRollout';

describe('trimming', () => {
  it('keeps of a Deployment what its health depends on', () => {
    expect(trimDeployment(aDeployment())).toEqual({
      namespace: 'sorting',
      name: 'parcel-vision',
      generation: 1,
      deleting: false,
      paused: false,
      images: ['registry.norden.example/parcel-vision:2.8.1'],
      podLabels: { 'app.kubernetes.io/name': 'parcel-vision' },
      desired: 2,
      conditions: [
        {
          type: 'Progressing',
          status: 'True',
          reason: 'NewReplicaSetAvailable',
        },
      ],
      observedGeneration: 1,
      total: 2,
      updated: 2,
      ready: 2,
      available: 2,
    });
  });

  it('keeps of a Kustomization what Flux says, and takes its own namespace for the source', () => {
    const object = aKustomization();
    expect(trimKustomization(object)).toMatchObject({
      source: { kind: 'GitRepository', namespace: 'sources', name: 'fleet' },
      suspended: false,
      lastAppliedRevision: object.status.lastAppliedRevision,
      conditions: [{ type: 'Ready', status: 'True' }],
    });
    const near = {
      ...object,
      spec: { sourceRef: { kind: 'Bucket', name: 'b' } },
    };
    expect(trimKustomization(near)?.source.namespace).toBe('flux-system');
  });

  it('keeps of a GitRepository what it stored', () => {
    const object = aGitRepository();
    expect(trimGitRepository(object)).toMatchObject({
      revision: object.status.artifact.revision,
      suspended: false,
    });
  });

  it('keeps of a Service whom it selects, and of a Job how it ended', () => {
    const metadata = { name: 'label-api', namespace: 'sorting' };
    const spec = { selector: { colour: 'blue' }, clusterIP: '10.0.0.1' };
    expect(trimService({ metadata, spec })).toMatchObject({
      name: 'label-api',
      selector: { colour: 'blue' },
    });
    // Without a selector somebody else tells whom it sends its requests to.
    expect(trimService({ metadata, spec: {} })).toMatchObject({ selector: {} });
    const conditions = [{ type: 'Complete', status: 'True' }];
    expect(trimJob({ metadata, status: { conditions } })).toMatchObject({
      name: 'label-api',
      conditions,
    });
  });

  it('keeps of a Rollout where its run is, and none of its times', () => {
    expect(trimRollout(aRollout())).toEqual({
      namespace: 'sorting',
      name: 'parcel-vision',
      generation: 3,
      deleting: false,
      desired: 2,
      paused: false,
      images: ['registry.norden.example/parcel-vision:2.8.1'],
      strategy: {
        kind: 'canary',
        steps: [
          { kind: 'setWeight', weight: 50 },
          { kind: 'pause', duration: '30s' },
          { kind: 'other' },
          { kind: 'pause', duration: '1h' },
          { kind: 'analysis' },
          { kind: 'experiment' },
          { kind: 'pause' },
        ],
        fullWeight: 1000,
      },
      revision: '2',
      observedGeneration: '3',
      phase: 'Paused',
      message: 'CanaryPauseStep',
      aborted: false,
      promoteFull: false,
      pauseReasons: ['CanaryPauseStep'],
      controllerPause: true,
      currentStepIndex: 1,
      currentPodHash: '5f8d7c',
      stableHash: '9b6c4d',
      weights: { canary: 50, canaryHash: '5f8d7c' },
      stepInconclusive: false,
      analyses: [{ name: 'parcel-vision-5f8d7c-2', status: 'Running' }],
      conditions: [
        { type: 'Progressing', status: 'Unknown', reason: 'RolloutPaused' },
      ],
      total: 3,
      updated: 1,
      ready: 3,
      available: 3,
    });
  });

  it.each([
    [{}, { kind: 'canary', steps: [], fullWeight: 100 }],
    [{ blueGreen: {} }, { kind: 'blueGreen', autoPromotion: true }],
    [
      { blueGreen: { autoPromotionEnabled: false } },
      { kind: 'blueGreen', autoPromotion: false },
    ],
  ])('reads the strategy %j', (strategy, expected) => {
    const object = aRollout();
    const spec = { ...object.spec, strategy };
    expect(trimRollout({ ...object, spec })?.strategy).toEqual(expected);
  });

  it('keeps how a Rollout ended, where its template is and whom users meet', () => {
    const { metadata } = aRollout();
    const rollout = trimRollout({
      metadata,
      spec: {
        paused: true,
        workloadRef: { kind: 'Deployment', name: 'parcel-vision' },
        strategy: { blueGreen: {} },
      },
      status: {
        workloadObservedGeneration: '7',
        abort: true,
        promoteFull: true,
        stableRS: '',
        blueGreen: {
          activeSelector: '9b6c4d',
          prePromotionAnalysisRunStatus: {
            name: 'smoke',
            status: 'Failed',
            message: '3 failed',
          },
        },
        duration: { completionStatus: 'Aborted' },
      },
    });
    expect(rollout).toMatchObject({
      paused: true,
      workloadRef: { kind: 'Deployment', name: 'parcel-vision' },
      workloadObservedGeneration: '7',
      images: [],
      aborted: true,
      promoteFull: true,
      activeHash: '9b6c4d',
      analyses: [{ name: 'smoke', status: 'Failed', message: '3 failed' }],
      completion: 'Aborted',
    });
    expect(rollout?.stableHash).toBeUndefined();
  });

  it.each([
    ['Deployment', trimDeployment],
    ['Kustomization', trimKustomization],
    ['GitRepository', trimGitRepository],
    ['Service', trimService],
    ['Job', trimJob],
    ['Rollout', trimRollout],
  ])(
    'answers undefined to whatever is no %s, and never throws',
    (_name, trim) => {
      fc.assert(
        fc.property(fc.jsonValue(), value => {
          expect(trim(value)).toBeUndefined();
          expect(
            trim({ metadata: value, spec: value, status: value }),
          ).toBeUndefined();
        }),
      );
    },
  );
});
