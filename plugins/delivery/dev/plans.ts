// SPDX-License-Identifier: Apache-2.0
import type {
  ObjectDiff,
  PromotionPlan,
  RollbackOptions,
  RollbackPlan,
  RollbackRequest,
} from '@causeway/plugin-delivery-common';
import type { Moments } from './moments';
import { waitingPromotion } from './promotions';
import { releases } from './releases';

/** The image line of the deployment that a release changes. */
export function imageChange(
  cluster: string,
  from: string,
  to: string,
): ObjectDiff {
  return {
    kind: 'Deployment',
    name: 'parcel-vision',
    namespace: 'sorting',
    cluster,
    change: 'changed',
    configurationOnly: false,
    lines: [
      { sign: ' ', text: 'containers:' },
      { sign: ' ', text: '  - name: parcel-vision' },
      {
        sign: '-',
        text: `    image: registry.norden.example/parcel-vision:${from}@sha256:8f1c20d4`,
      },
      {
        sign: '+',
        text: `    image: registry.norden.example/parcel-vision:${to}@sha256:b7740e19`,
      },
    ],
  };
}

/** A change that lies in the fleet repository since the last promotion. */
export const queueChange: ObjectDiff = {
  kind: 'ConfigMap',
  name: 'parcel-vision-env',
  namespace: 'sorting',
  cluster: 'cloud-production',
  change: 'changed',
  configurationOnly: true,
  lines: [
    { sign: '-', text: '  QUEUE_MAX_MB: "256"' },
    { sign: '+', text: '  QUEUE_MAX_MB: "512"' },
  ],
};

/** What 2.8.1 would change in Cloud production. */
export function promotionPlan(m: Moments): PromotionPlan {
  return {
    service: 'component:default/parcel-vision',
    stage: 'cloud-production',
    release: releases['2.8.1'],
    replaces: releases['2.7.3'],
    commits: [
      {
        sha: 'a91e2d7f00',
        message: 'Fix label rotation on belt 4',
        author: 'Mia Lindqvist',
        time: m.hoursAgo(2),
        url: 'https://forge.example/norden/parcel-vision/commit/a91e2d7f00',
      },
      {
        sha: 'c02b7aa001',
        message: 'Retry camera open with backoff',
        author: 'Mia Lindqvist',
        time: m.daysAgo(1),
      },
      {
        sha: '4f1c9ae003',
        message: 'Model v14, batched inference',
        author: 'Nils Berg',
        time: m.daysAgo(2),
      },
    ],
    diff: [imageChange('cloud-production', '2.7.3', '2.8.1'), queueChange],
    unchanged: 12,
    gates: waitingPromotion(m).gates,
    consequences: [
      'Your approval is recorded. Nothing is deployed before every gate has passed.',
      'Gates are asked again, then one commit is written to the fleet repository.',
      'Flux applies it in cloud-production within about a minute; 6 pods are replaced.',
      'If it fails, 2.7.3 is one rollback away.',
    ],
    problems: [],
  };
}

/** What parcel-vision could be taken back to. */
export function rollbackOptions(m: Moments): RollbackOptions {
  const ran = (from: number, until: number) => ({
    ranFrom: m.daysAgo(from),
    ranUntil: m.daysAgo(until),
  });
  return {
    stages: [
      {
        stage: 'cloud-staging',
        title: 'Cloud staging',
        allowed: true,
        reasons: [],
        current: releases['2.8.1'],
        releases: [
          {
            release: releases['2.8.0'],
            previous: true,
            ...ran(1.2, 0.02),
            allowed: true,
          },
          {
            release: releases['2.7.3'],
            previous: false,
            ...ran(8, 1.2),
            allowed: true,
          },
        ],
      },
      {
        stage: 'cloud-production',
        title: 'Cloud production',
        allowed: true,
        reasons: [],
        current: releases['2.7.3'],
        releases: [
          {
            release: releases['2.7.2'],
            previous: true,
            ...ran(21, 6),
            allowed: true,
          },
          {
            release: releases['2.7.4'],
            previous: false,
            allowed: false,
            why: 'its promotion failed, memory leak',
          },
        ],
      },
      {
        stage: 'edge-production',
        title: 'Edge production',
        allowed: true,
        reasons: [],
        current: releases['2.7.3'],
        releases: [
          {
            release: releases['2.7.2'],
            previous: true,
            ...ran(21, 3),
            allowed: true,
          },
        ],
      },
      {
        stage: 'edge-staging',
        title: 'Edge staging',
        allowed: false,
        reasons: [
          {
            code: 'notOwner',
            text: 'Only edge-operators take it back.',
            owners: ['group:default/edge-operators'],
          },
        ],
        current: releases['2.8.0'],
        releases: [],
      },
    ],
  };
}

const sayCanary = {
  fast: 'Cloud production goes back fast: the commit also tells Flagger to skip its analysis; a second commit takes that back.',
  safe: 'Cloud production goes back safely: 2.7.2 gets its traffic step by step.',
};

/** What taking stages of parcel-vision back would do. */
export function rollbackPlan(
  stages: readonly string[],
  mode: RollbackRequest['mode'] = 'fast',
): RollbackPlan {
  const canary = stages.includes('cloud-production');
  return {
    service: 'component:default/parcel-vision',
    stages: stages.map(stage => ({
      stage,
      title: stage,
      from: releases['2.7.3'],
      to: releases['2.7.2'],
      diff: [imageChange(stage, '2.7.3', '2.7.2')],
      problems: [],
      ...(stage === 'cloud-production' && { canary: 'fast' as const }),
    })),
    consequences: [
      'One commit per stage sets 2.7.2 at once, signed with your name.',
      'Flux applies it within about a minute; the rollout is verified afterwards.',
      'The waiting promotion of 2.8.1 to Cloud production is superseded.',
      ...(canary ? [sayCanary[mode]] : []),
    ],
  };
}
