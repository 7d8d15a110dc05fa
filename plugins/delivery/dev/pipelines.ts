// SPDX-License-Identifier: Apache-2.0
import type { PipelineView, StageView } from '@causeway/plugin-delivery-common';
import type { Moments } from './moments';
import {
  rolledBackPromotion,
  runningPromotion,
  waitingPromotion,
} from './promotions';
import { releases } from './releases';

export const PARCEL_VISION = 'component:default/parcel-vision';
export const BELT_CONTROL = 'component:default/belt-control';
export const LABEL_API = 'component:default/label-api';
export const TRACKING_WEB = 'component:default/tracking-web';

type Target = StageView['targets'][number];

const rollback = { action: 'rollback', allowed: true, reasons: [] } as const;
const nothingToPromote = {
  action: 'promote',
  allowed: false,
  reasons: [
    {
      code: 'nothingToPromote',
      text: 'No newer release has come as far as this stage.',
      owners: [],
    },
  ],
} as const;

/** The six stages of parcel-vision, as a team lead sees them. */
export function parcelVision(m: Moments): PipelineView {
  return {
    service: PARCEL_VISION,
    revision: '48211',
    document: {
      state: 'valid',
      problems: [],
      url: 'https://forge.example/norden/parcel-vision/delivery.yaml',
      readAt: m.minutesAgo(5),
    },
    sentence: {
      key: 'you',
      lead: '2.8.1 waits for your approval to enter Cloud production.',
      text: '2.8.0 is on its way to Edge staging. Edge production is silent; 2.7.2 was there.',
      promotion: 'waiting-281',
    },
    stages: [
      localStage(),
      ciStage(m),
      cloudStaging(m),
      cloudProduction(m),
      edgeStaging(m),
      edgeProduction(m),
    ],
    road: parcelVisionRoad(m),
  };
}

function localStage(): StageView {
  return {
    name: 'local',
    title: 'Local',
    kind: 'local',
    promotion: 'manual',
    after: [],
    state: { key: 'never', word: 'Never reported' },
    targets: [],
    gates: [],
    allowedActions: [],
    next: 'Push a commit; CI starts by itself.',
  };
}

function ciStage(m: Moments): StageView {
  return {
    name: 'ci',
    title: 'CI',
    kind: 'ci',
    promotion: 'auto',
    after: ['local'],
    state: { key: 'ok', word: 'Verified' },
    release: releases['2.8.1'],
    since: m.minutesAgo(41),
    facts: ['18 of 18 jobs passed, 6 min 12 s'],
    targets: [],
    gates: [],
    allowedActions: [],
    next: 'Nothing to do.',
  };
}

function liveTarget(
  m: Moments,
  cluster: string,
  version: string,
  pods: number,
): Target {
  return {
    cluster,
    name: 'parcel-vision',
    freshness: { state: 'live', seenAt: m.secondsAgo(3) },
    version,
    health: 'healthy',
    replicas: { desired: pods, updated: pods, ready: pods, available: pods },
  };
}

function cloudStaging(m: Moments): StageView {
  return {
    name: 'cloud-staging',
    title: 'Cloud staging',
    kind: 'cloud',
    promotion: 'auto',
    after: ['ci'],
    state: { key: 'ok', word: 'Healthy' },
    release: releases['2.8.1'],
    since: m.minutesAgo(38),
    seenAt: m.secondsAgo(3),
    facts: ['4 of 4 pods ready'],
    targets: [liveTarget(m, 'cloud-staging', '2.8.1', 4)],
    gates: [],
    last: rolledBackPromotion(m),
    allowedActions: [nothingToPromote, rollback],
    next: 'Nothing to do.',
  };
}

function cloudProduction(m: Moments): StageView {
  const active = waitingPromotion(m);
  return {
    name: 'cloud-production',
    title: 'Cloud production',
    kind: 'cloud',
    promotion: 'manual',
    after: ['cloud-staging'],
    state: { key: 'ok', word: 'Healthy' },
    release: releases['2.7.3'],
    since: m.daysAgo(6, 4),
    seenAt: m.secondsAgo(3),
    facts: ['6 of 6 pods ready'],
    targets: [liveTarget(m, 'cloud-production', '2.7.3', 6)],
    candidate: releases['2.8.1'],
    gates: active.gates,
    active,
    allowedActions: [
      { action: 'approve', allowed: true, reasons: [], promotion: active.id },
      { action: 'reject', allowed: true, reasons: [], promotion: active.id },
      {
        action: 'promote',
        allowed: false,
        reasons: [
          {
            code: 'promotionRunning',
            text: '2.8.1 is on its way already.',
            owners: [],
          },
        ],
      },
      rollback,
    ],
    next: '2.8.1 waits for your decision.',
  };
}

function edgeStaging(m: Moments): StageView {
  return {
    name: 'edge-staging',
    title: 'Edge staging',
    kind: 'edge',
    promotion: 'manual',
    after: ['cloud-production'],
    state: { key: 'run', word: 'Canary at 25 %' },
    release: releases['2.8.0'],
    seenAt: m.secondsAgo(9),
    facts: ['1 of 3 pods ready'],
    targets: [liveTarget(m, 'edge-staging', '2.8.0', 3)],
    candidate: releases['2.8.0'],
    gates: [],
    active: runningPromotion(m),
    allowedActions: [
      {
        action: 'promote',
        allowed: false,
        reasons: [
          {
            code: 'promotionRunning',
            text: '2.8.0 is on its way already.',
            owners: [],
          },
        ],
      },
      rollback,
    ],
    next: '2.8.0 arrives by itself.',
  };
}

function edgeProduction(m: Moments): StageView {
  return {
    name: 'edge-production',
    title: 'Edge production',
    kind: 'edge',
    promotion: 'manual',
    after: ['edge-staging'],
    state: {
      key: 'stale',
      word: 'Was healthy',
      detail: 'edge-production: The connection is silent.',
    },
    release: releases['2.7.2'],
    since: m.daysAgo(21),
    seenAt: m.minutesAgo(6),
    facts: ['24 of 24 pods were ready'],
    targets: [
      {
        cluster: 'edge-production',
        name: 'parcel-vision-jetson',
        freshness: {
          state: 'stale',
          since: m.minutesAgo(6),
          seenAt: m.minutesAgo(6),
          problem: 'The connection is silent.',
        },
        version: '2.7.2',
        health: 'healthy',
      },
      {
        cluster: 'edge-production',
        name: 'parcel-vision-raspberry-pi',
        freshness: {
          state: 'stale',
          since: m.minutesAgo(6),
          seenAt: m.minutesAgo(6),
          problem: 'The connection is silent.',
        },
        version: '2.7.2',
        health: 'healthy',
      },
    ],
    candidate: releases['2.7.3'],
    gates: [
      {
        gate: 'soak in edge-staging',
        kind: 'soak',
        verdict: 'passed',
        code: 'soaked',
        reason: 'Healthy in Edge staging for 3 d.',
        owners: [],
      },
      {
        gate: 'approval by edge-operators',
        kind: 'approval',
        verdict: 'waiting',
        code: 'needsApproval',
        reason: 'Waits for an approval by edge-operators.',
        owners: ['group:default/edge-operators'],
      },
    ],
    allowedActions: [
      {
        action: 'promote',
        allowed: false,
        release: releases['2.7.3'],
        reasons: [
          {
            code: 'clusterUnknown',
            text: 'What runs in edge-production is not known while it is silent.',
            owners: ['group:default/platform'],
          },
        ],
      },
      {
        action: 'rollback',
        allowed: false,
        reasons: [
          {
            code: 'notOwner',
            text: 'Only the operators of the edge take it back.',
            owners: ['group:default/edge-operators'],
          },
        ],
      },
    ],
    next: '2.7.3 could follow.',
  };
}

function parcelVisionRoad(m: Moments): PipelineView['road'] {
  const local = {
    stage: 'local',
    state: { key: 'skip', word: 'Not reported' },
  } as const;
  const verified = (at: string) =>
    ({ stage: 'ci', state: { key: 'ok', word: 'Verified' }, at } as const);
  const todo = (stage: string) =>
    ({ stage, state: { key: 'todo', word: 'Not started' } } as const);
  const was = (stage: string, at: string) =>
    ({ stage, state: { key: 'skip', word: 'Was here' }, at } as const);
  const here = (stage: string, at: string) =>
    ({ stage, state: { key: 'ok', word: 'Here' }, at } as const);
  return [
    {
      release: releases['2.8.1'],
      cells: [
        local,
        verified(m.minutesAgo(41)),
        here('cloud-staging', m.minutesAgo(38)),
        {
          stage: 'cloud-production',
          state: { key: 'you', word: 'Waits for you' },
          at: m.minutesAgo(37),
        },
        todo('edge-staging'),
        todo('edge-production'),
      ],
    },
    {
      release: releases['2.8.0'],
      cells: [
        local,
        verified(m.daysAgo(2)),
        was('cloud-staging', m.daysAgo(1, 3)),
        {
          stage: 'cloud-production',
          state: { key: 'skip', word: 'Passed by' },
        },
        {
          stage: 'edge-staging',
          state: { key: 'run', word: 'Canary at 25 %' },
          at: m.minutesAgo(25),
        },
        todo('edge-production'),
      ],
    },
    {
      release: releases['2.7.4'],
      cells: [
        local,
        verified(m.daysAgo(4)),
        {
          stage: 'cloud-staging',
          state: { key: 'bad', word: 'Failed', detail: 'memory leak' },
          at: m.daysAgo(3),
        },
      ],
    },
    {
      release: releases['2.7.3'],
      cells: [
        local,
        verified(m.daysAgo(9)),
        was('cloud-staging', m.daysAgo(8)),
        here('cloud-production', m.daysAgo(6)),
        was('edge-staging', m.daysAgo(3)),
        { stage: 'edge-production', state: { key: 'todo', word: 'Next' } },
      ],
    },
    {
      release: releases['2.7.2'],
      cells: [
        local,
        verified(m.daysAgo(23)),
        was('cloud-staging', m.daysAgo(22)),
        was('cloud-production', m.daysAgo(21, 12)),
        was('edge-staging', m.daysAgo(21, 6)),
        {
          stage: 'edge-production',
          state: { key: 'stale', word: 'Was here' },
          at: m.daysAgo(21),
        },
      ],
    },
  ];
}

/** Three stages, nothing to do. */
export function trackingWeb(m: Moments): PipelineView {
  const release = {
    id: 'tracking-web-1.6.4',
    version: '1.6.4',
    commit: 'e4c2a90',
    message: 'Clearer arrival times',
  };
  const stage = (name: string, title: string, after: string[]): StageView => ({
    name,
    title,
    kind: 'cloud',
    promotion: 'auto',
    after,
    state: { key: 'ok', word: 'Healthy' },
    release,
    since: m.daysAgo(2),
    seenAt: m.secondsAgo(4),
    facts: ['3 of 3 pods ready'],
    targets: [{ ...liveTarget(m, name, '1.6.4', 3), name: 'tracking-web' }],
    gates: [],
    allowedActions: [nothingToPromote, rollback],
    next: 'Nothing to do.',
  });
  return {
    service: TRACKING_WEB,
    revision: '1',
    document: { state: 'valid', problems: [] },
    sentence: { key: 'ok', text: '1.6.4 runs in every stage. Nothing waits.' },
    stages: [
      { ...ciStage(m), after: [], release },
      stage('cloud-staging', 'Cloud staging', ['ci']),
      stage('cloud-production', 'Cloud production', ['cloud-staging']),
    ],
    road: [
      {
        release,
        cells: [
          {
            stage: 'ci',
            state: { key: 'ok', word: 'Verified' },
            at: m.daysAgo(3),
          },
          {
            stage: 'cloud-staging',
            state: { key: 'ok', word: 'Here' },
            at: m.daysAgo(2),
          },
          {
            stage: 'cloud-production',
            state: { key: 'ok', word: 'Here' },
            at: m.daysAgo(2),
          },
        ],
      },
    ],
  };
}

/** The newest document is broken; the last good one is still shown. */
export function beltControl(m: Moments): PipelineView {
  return {
    ...trackingWeb(m),
    service: BELT_CONTROL,
    document: {
      state: 'invalid',
      url: 'https://forge.example/norden/belt-control/delivery.yaml',
      problems: [
        {
          line: 9,
          column: 5,
          code: 'unknownStage',
          message:
            'Stage "cloud-stagin" does not exist; did you mean "cloud-staging"?',
        },
        {
          line: 14,
          column: 18,
          code: 'duration',
          message: '"1 day" is not a duration; write 1d or P1D.',
        },
      ],
    },
    sentence: {
      key: 'warn',
      text: 'The newest pipeline document has 2 problems; the last good one is used.',
    },
  };
}

/** There is an annotation, but no document. */
export function labelApi(): PipelineView {
  return {
    service: LABEL_API,
    revision: '1',
    document: {
      state: 'unreadable',
      problems: [],
      url: 'https://forge.example/norden/label-api/delivery.yaml',
      message:
        'The file delivery.yaml does not exist in the repository of label-api.',
    },
    sentence: { key: 'bad', text: 'The pipeline document can not be read.' },
    stages: [],
    road: [],
  };
}
