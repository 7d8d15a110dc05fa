// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import {
  aRollout,
  aTemplate,
  bySwitch,
  byWeight,
  image,
  underWay,
} from './__fixtures__/rollouts';
import { isRunning, type CanaryRun } from './canaryRun';
import { describeRollout } from './describeRollout';
import { describeRolloutWorkload } from './describeRolloutWorkload';
import type { ObservedAnalysisRun, ObservedRollout } from './observedRollout';

const described = (change: Partial<ObservedRollout>) =>
  describeRollout(aRollout(change), undefined);

type Row = readonly [
  name: string,
  change: Partial<ObservedRollout>,
  expected: Partial<CanaryRun>,
];

const paused = { phase: 'Paused', controllerPause: true } as const;
const aborted = {
  ...underWay,
  aborted: true,
  phase: 'Degraded',
  message: 'RolloutAborted: Rollout aborted update to revision 2',
} as const;

const byWeightRows: readonly Row[] = [
  [
    'the first version of all',
    { stableHash: undefined, currentPodHash: 'new', phase: 'Progressing' },
    { phase: 'initializing', weight: 0, end: undefined, stable: undefined },
  ],
  [
    'the first version once it serves',
    { revision: '1' },
    { phase: 'idle', end: 'neverRan', stable: [image('1')] },
  ],
  [
    'a version whose pods start',
    underWay,
    { phase: 'progressing', weight: 0, end: undefined, stable: undefined },
  ],
  [
    'a weight that is being set, which the pods are not there for yet',
    { ...underWay, currentStepIndex: 2 },
    { phase: 'progressing', weight: 5 },
  ],
  [
    'a pause that ends by itself',
    {
      ...underWay,
      ...paused,
      currentStepIndex: 1,
      pauseReasons: ['CanaryPauseStep'],
    },
    {
      phase: 'progressing',
      weight: 5,
      waitingFor: undefined,
      message: 'It pauses for 5m, then goes on by itself.',
    },
  ],
  [
    'a pause that a person ends',
    {
      ...underWay,
      ...paused,
      currentStepIndex: 3,
      pauseReasons: ['CanaryPauseStep'],
    },
    {
      phase: 'progressing',
      weight: 25,
      waitingFor: 'trafficIncrease',
      message: 'It stands at a pause until it is told to go on.',
      pause: 'new/3/CanaryPauseStep',
    },
  ],
  [
    'a pause that a person ended, which the controller has not seen',
    {
      ...underWay,
      ...paused,
      message: 'CanaryPauseStep',
      currentStepIndex: 3,
    },
    {
      waitingFor: undefined,
      message: 'It was told to go on.',
      pause: undefined,
    },
  ],
  [
    'a person who must begin it',
    {
      ...underWay,
      ...paused,
      strategy: { ...byWeight, steps: [{ kind: 'pause' }, ...byWeight.steps] },
      pauseReasons: ['CanaryPauseStep'],
    },
    { phase: 'waiting', weight: 0, waitingFor: 'rollout' },
  ],
  [
    'an analysis that found nothing out, after the last weight',
    {
      ...underWay,
      ...paused,
      currentStepIndex: 5,
      pauseReasons: ['InconclusiveAnalysisRun'],
      analyses: [
        { name: 'errors-1', status: 'Inconclusive', message: 'No samples.' },
      ],
    },
    {
      phase: 'waitingPromotion',
      weight: 50,
      waitingFor: 'promotion',
      message:
        'It stands at a pause until it is told to go on. AnalysisRun errors-1 is Inconclusive: No samples.',
    },
  ],
  [
    'an experiment that found nothing out',
    {
      ...underWay,
      ...paused,
      currentStepIndex: 1,
      pauseReasons: ['InconclusiveExperiment'],
    },
    { phase: 'progressing', waitingFor: 'trafficIncrease' },
  ],
  [
    'a person who stopped it',
    { ...underWay, paused: true, phase: 'Paused', currentStepIndex: 2 },
    { phase: 'progressing', suspended: true, weight: 5 },
  ],
  [
    'all steps passed',
    { ...underWay, currentStepIndex: 6 },
    { phase: 'promoting', weight: 50 },
  ],
  [
    'all steps at once',
    { ...underWay, currentStepIndex: 2, promoteFull: true },
    { phase: 'promoting', weight: 5, skipsAnalysis: true },
  ],
  [
    'a version that a person let pass at once',
    { completion: 'FastPromoted' },
    { phase: 'idle', weight: 0, end: 'fastPromoted', skipsAnalysis: false },
  ],
  ['a version that took every step', {}, { phase: 'idle', end: 'promoted' }],
  [
    'a version of a controller that does not tell how it ended',
    { completion: undefined },
    { end: 'promoted' },
  ],
  [
    'a version that replaced the one before without steps',
    { strategy: { ...byWeight, steps: [] }, currentStepIndex: undefined },
    { end: 'fastPromoted', steps: [], skipsAnalysis: true },
  ],
  [
    'a version that was given up',
    { ...aborted, currentStepIndex: 0, completion: 'Aborted' },
    {
      phase: 'failed',
      weight: 0,
      end: 'rolledBack',
      stable: undefined,
      message: aborted.message,
    },
  ],
  [
    'a version that an analysis condemned, which the status repeats',
    {
      ...aborted,
      message: `${aborted.message}: Metric "errors" assessed Failed`,
      analyses: [
        {
          name: 'errors-1',
          status: 'Failed',
          message: 'Metric "errors" assessed Failed',
        },
      ],
    },
    {
      phase: 'failed',
      message: `${aborted.message}: Metric "errors" assessed Failed`,
    },
  ],
  [
    'a version that an analysis condemned',
    {
      ...aborted,
      analyses: [
        { name: 'smoke', status: 'Successful' },
        { name: 'errors-1', status: 'Error', message: 'no route to host' },
      ],
    },
    {
      message: `${aborted.message} AnalysisRun errors-1 is Error: no route to host`,
    },
  ],
  [
    'a version that is given up while its traffic goes back',
    { ...aborted, weights: { canary: 20, canaryHash: 'new' } },
    { phase: 'progressing', weight: 20, end: undefined },
  ],
  [
    'Git that went back to the stable version after it',
    { completion: 'Aborted' },
    { phase: 'idle', end: 'rolledBack', stable: [image('1')] },
  ],
  [
    'Git that went back in mid-run while traffic is on what was given up',
    { weights: { canary: 25, canaryHash: 'gone' } },
    { phase: 'finalising', weight: 25, end: undefined },
  ],
  [
    'what a traffic router was told, rather than steps',
    {
      ...underWay,
      currentStepIndex: 2,
      weights: { canary: 7, canaryHash: 'new' },
    },
    { weight: 7 },
  ],
  [
    'what a traffic router was told of another version',
    {
      ...underWay,
      currentStepIndex: 0,
      weights: { canary: 50, canaryHash: 'superseded' },
    },
    { weight: 0 },
  ],
  [
    'weights of another whole',
    {
      ...underWay,
      strategy: {
        kind: 'canary',
        steps: [{ kind: 'setWeight', weight: 20 }, { kind: 'pause' }],
        fullWeight: 1000,
      },
      weights: { canary: 20, canaryHash: 'new' },
    },
    { weight: 2, steps: [2] },
  ],
  ['what is deleted', { deleting: true }, { phase: 'terminating' }],
];

const bySwitchRows: readonly Row[] = [
  [
    'a preview whose pods start',
    { ...underWay, activeHash: 'old' },
    { phase: 'progressing', weight: 0, steps: [] },
  ],
  [
    'a preview that a person must let pass',
    {
      ...underWay,
      ...paused,
      activeHash: 'old',
      pauseReasons: ['BlueGreenPause'],
    },
    { phase: 'waitingPromotion', weight: 0, waitingFor: 'promotion' },
  ],
  [
    'a preview that switches after a time',
    {
      ...underWay,
      ...paused,
      strategy: { ...bySwitch, autoPromotion: true },
      activeHash: 'old',
      pauseReasons: ['BlueGreenPause'],
    },
    { phase: 'progressing', waitingFor: undefined },
  ],
  [
    'a switch that is still being analysed',
    { ...underWay, activeHash: 'new' },
    { phase: 'progressing', weight: 100 },
  ],
  [
    'a switch that stays',
    { activeHash: 'new' },
    { phase: 'idle', weight: 0, end: 'promoted' },
  ],
  [
    'a switch that is given up',
    { ...aborted, activeHash: 'new' },
    { phase: 'progressing', weight: 100, end: undefined },
  ],
  [
    'a switch that was taken back',
    { ...aborted, activeHash: 'old' },
    { phase: 'failed', weight: 0, end: 'rolledBack' },
  ],
  [
    'Git that went back after the switch',
    { activeHash: 'gone' },
    { phase: 'finalising', weight: 100 },
  ],
];

describe.each([
  ['by weight', byWeight, byWeightRows],
  ['by switch', bySwitch, bySwitchRows],
] as const)('a Rollout %s', (_name, strategy, rows) => {
  it.each(rows)('shows %s', (_row, change, expected) => {
    const run = described({ strategy, ...change });
    expect({ ...run, ...expected }).toEqual(run);
  });

  it('asks nothing and takes orders', () => {
    expect(described({ strategy })).toMatchObject({
      asks: [],
      takesOrders: true,
    });
  });

  it('names the ReplicaSets of both versions while there are two', () => {
    expect(described({ strategy, ...underWay }).arms).toEqual({
      canary: 'parcel-vision-new',
      baseline: 'parcel-vision-old',
    });
    expect(described({ strategy }).arms).toBeUndefined();
  });
});

describe('a status that is not of the newest spec', () => {
  it.each<[string, Partial<ObservedRollout>]>([
    ['older', { observedGeneration: '3' }],
    ['newer, as a number that only begins alike', { observedGeneration: '40' }],
    ['none', { observedGeneration: undefined }],
    [
      'the controller saw and refused',
      {
        phase: 'Degraded',
        conditions: [
          { type: 'InvalidSpec', status: 'True', message: 'No such Service.' },
        ],
      },
    ],
    [
      'the controller saw and could not make pods of',
      {
        conditions: [
          {
            type: 'Progressing',
            status: 'False',
            reason: 'ReplicaSetCreateError',
            message: 'exceeded quota',
          },
        ],
      },
    ],
  ])('proves nothing: %s', (_name, change) => {
    const run = described(change);
    expect(run).toMatchObject({ phase: 'idle', behind: true });
    expect(run).not.toHaveProperty('end');
    expect(run).not.toHaveProperty('stable');
    expect(describeRolloutWorkload(aRollout(change), undefined)).toMatchObject({
      images: [],
      observed: false,
    });
  });

  it('leaves a run that was under way where it is', () => {
    const run = described({
      ...underWay,
      observedGeneration: '3',
      currentStepIndex: 4,
      pauseReasons: ['InconclusiveAnalysisRun'],
    });
    expect(run).toMatchObject({ phase: 'progressing', weight: 25 });
    expect(run).not.toHaveProperty('waitingFor');
  });

  it('never says how anything ended, whatever the rest of it', () => {
    fc.assert(
      fc.property(
        fc.record({
          stableHash: fc.constantFrom(undefined, 'old', 'new'),
          currentPodHash: fc.constantFrom(undefined, 'new'),
          phase: fc.constantFrom('Healthy', 'Degraded', 'Paused'),
          aborted: fc.boolean(),
          promoteFull: fc.boolean(),
          currentStepIndex: fc.nat(8),
          strategy: fc.constantFrom(byWeight, bySwitch),
          activeHash: fc.constantFrom(undefined, 'old', 'new'),
          completion: fc.constantFrom(undefined, 'Promoted', 'Aborted'),
        }),
        fc.boolean(),
        (change, isBehind) => {
          const observedGeneration = isBehind ? '3' : '4';
          const run = described({ ...change, observedGeneration });
          const said = run.end ?? run.stable ?? run.waitingFor;
          expect(isBehind && said).toBeFalsy();
          const isOver = run.weight === 0 && !isRunning(run);
          expect(run.end === undefined || isOver).toBe(true);
          expect(run.weight).toBeLessThanOrEqual(100);
        },
      ),
    );
  });
});

describe('a Rollout that refers to a Deployment', () => {
  const referring = {
    images: [],
    workloadRef: { kind: 'Deployment', name: 'parcel-vision' },
    workloadObservedGeneration: '7',
  };

  it('has the images of that Deployment, although it is scaled to nothing', () => {
    const rollout = aRollout(referring);
    expect(describeRollout(rollout, aTemplate('1', 7))).toMatchObject({
      declared: [image('1')],
      stable: [image('1')],
      end: 'promoted',
    });
    expect(describeRolloutWorkload(rollout, aTemplate('1', 7))).toMatchObject({
      health: 'healthy',
      images: [image('1')],
      replicas: { desired: 2, available: 2 },
      observed: true,
    });
  });

  it('is behind while the Deployment is newer than what the controller saw', () => {
    const run = describeRollout(aRollout(referring), aTemplate('2', 8));
    expect(run).toMatchObject({ behind: true, declared: [image('2')] });
    expect(run).not.toHaveProperty('stable');
  });

  it('declares nothing while the Deployment is not there', () => {
    expect(describeRollout(aRollout(referring), undefined)).toMatchObject({
      behind: true,
      declared: [],
    });
  });
});

describe('what Argo Rollouts measures by itself', () => {
  const analyses = [
    { name: 'errors-2', status: 'Running' },
    { name: 'background-2', status: 'Failed', message: 'as the Rollout says' },
  ];
  const measured: ObservedAnalysisRun = {
    namespace: 'sorting',
    name: 'errors-2',
    deleting: false,
    phase: 'Inconclusive',
    message: 'Metric "errors" assessed Inconclusive',
    metrics: [
      {
        name: 'errors',
        phase: 'Inconclusive',
        value: '[0.7]',
        successful: 2,
        failed: 1,
        inconclusive: 3,
        errors: 1,
        dryRun: false,
      },
      {
        name: 'queue',
        phase: 'SomethingNew',
        message: 'no such query',
        successful: 0,
        failed: 0,
        inconclusive: 0,
        errors: 0,
        dryRun: true,
      },
    ],
  };

  it('is told with its metrics as far as they are known', () => {
    const run = describeRollout(
      aRollout({ ...underWay, analyses }),
      undefined,
      name => (name === 'errors-2' ? measured : undefined),
    );
    expect(run.measures).toEqual([
      {
        name: 'errors-2',
        state: 'inconclusive',
        message: 'Metric "errors" assessed Inconclusive',
        metrics: [
          {
            name: 'errors',
            state: 'inconclusive',
            value: '[0.7]',
            passed: 2,
            failed: 1,
            inconclusive: 3,
            errors: 1,
            dryRun: false,
          },
          {
            name: 'queue',
            state: 'running',
            message: 'no such query',
            passed: 0,
            failed: 0,
            inconclusive: 0,
            errors: 0,
            dryRun: true,
          },
        ],
      },
      {
        name: 'background-2',
        state: 'failed',
        message: 'as the Rollout says',
        metrics: [],
      },
    ]);
  });
});
