// SPDX-License-Identifier: Apache-2.0
import type {
  PromotionDetail,
  PromotionView,
} from '@causeway/plugin-delivery-common';
import type { Moments } from './moments';
import { releases } from './releases';

const SERVICE = 'component:default/parcel-vision';
const FLEET = 'https://forge.example/norden/fleet/commit';

/** 2.8.1 waits for a team lead to let it into Cloud production. */
export function waitingPromotion(m: Moments): PromotionView {
  return {
    id: 'waiting-281',
    service: SERVICE,
    stage: 'cloud-production',
    stageTitle: 'Cloud production',
    kind: 'promotion',
    phase: 'waiting',
    state: {
      key: 'you',
      word: 'Waits for you',
      detail: 'Waits for an approval by team-leads.',
    },
    release: releases['2.8.1'],
    replaces: releases['2.7.3'],
    reason: 'Belt 4 sorts a third of the parcels by hand until this is out',
    requestedAt: m.minutesAgo(37),
    requestedBy: 'user:default/mia',
    gates: [
      {
        gate: 'approval by team-leads',
        kind: 'approval',
        verdict: 'waiting',
        code: 'needsApproval',
        reason:
          'Waits for an approval by team-leads. Not by mia, who wrote it.',
        owners: ['group:default/team-leads'],
        since: m.minutesAgo(37),
      },
      {
        gate: 'soak in cloud-staging',
        kind: 'soak',
        verdict: 'waiting',
        code: 'soaking',
        reason: 'Healthy in Cloud staging for 38 min of 1 h.',
        owners: [],
        expected: m.inMinutes(22),
      },
    ],
    approvals: [],
    targets: [
      {
        cluster: 'cloud-production',
        name: 'parcel-vision',
        state: { key: 'todo', word: 'Not started' },
      },
    ],
  };
}

/** 2.8.0 gets more and more of the traffic in Edge staging. */
export function runningPromotion(m: Moments): PromotionView {
  return {
    id: 'running-280',
    service: SERVICE,
    stage: 'edge-staging',
    stageTitle: 'Edge staging',
    kind: 'promotion',
    phase: 'verifying',
    state: { key: 'run', word: 'Canary at 25 %' },
    release: releases['2.8.0'],
    replaces: releases['2.7.3'],
    reason: 'Drills for the new model',
    requestedAt: m.minutesAgo(27),
    requestedBy: 'user:default/ines',
    canary: { phase: 'progressing', weight: 25 },
    gates: [],
    approvals: [],
    commit: { sha: '5b1d0c2e9f', url: `${FLEET}/5b1d0c2e9f` },
    targets: [
      {
        cluster: 'edge-staging',
        name: 'parcel-vision',
        state: {
          key: 'run',
          word: 'Canary at 25 %',
          detail: '1 of 3 pods run the new version',
        },
      },
    ],
  };
}

/** 2.7.4 was taken back from Edge staging while it was a canary. */
export function endedPromotion(m: Moments): PromotionView {
  return {
    ...runningPromotion(m),
    id: 'canary-274',
    phase: 'failed',
    state: { key: 'back', word: 'Taken back' },
    release: releases['2.7.4'],
    reason: 'Cache warm-up for the morning peak',
    requestedAt: m.daysAgo(1, 3),
    finishedAt: m.daysAgo(1, 2),
    canary: { phase: 'failed', weight: 0 },
    targets: [
      {
        cluster: 'edge-staging',
        name: 'parcel-vision',
        state: { key: 'back', word: 'Taken back', detail: 'Runs 2.7.3 again' },
      },
    ],
  };
}

/** 2.7.4 was taken back from Cloud staging. */
export function rolledBackPromotion(m: Moments): PromotionView {
  return {
    id: 'back-273',
    service: SERVICE,
    stage: 'cloud-staging',
    stageTitle: 'Cloud staging',
    kind: 'rollback',
    rollback: 'rollback-1',
    phase: 'succeeded',
    state: { key: 'back', word: 'Rolled back' },
    release: releases['2.7.3'],
    replaces: releases['2.7.4'],
    reason: 'RSS grows 40 MB an hour in soak',
    requestedAt: m.daysAgo(1),
    requestedBy: 'user:default/mia',
    finishedAt: m.daysAgo(1),
    gates: [],
    commit: { sha: '31c8e7a004', url: `${FLEET}/31c8e7a004` },
    targets: [
      {
        cluster: 'cloud-staging',
        name: 'parcel-vision',
        state: { key: 'ok', word: 'Done', detail: '4 of 4 pods run 2.7.3' },
      },
    ],
  };
}

/** A promotion with its events, as the person who may approve it sees it. */
export function detailOf(
  promotion: PromotionView,
  m: Moments,
): PromotionDetail {
  const isWaiting = promotion.phase === 'waiting';
  return {
    promotion,
    events: [
      {
        version: 1,
        type: 'requested',
        at: promotion.requestedAt,
        actor: promotion.requestedBy,
        text: `Asked for ${promotion.release.version} in ${promotion.stageTitle}.`,
        reason: promotion.reason,
      },
      ...(isWaiting
        ? []
        : [
            {
              version: 2,
              type: 'committed',
              at: m.minutesAgo(26),
              actor: 'plugin:delivery',
              text: `Wrote commit ${promotion.commit?.sha.slice(
                0,
                7,
              )} to the fleet repository.`,
            },
            {
              version: 3,
              type: 'targetApplied',
              at: m.minutesAgo(25),
              actor: 'plugin:delivery',
              text: `Flux applied it in ${promotion.targets[0].cluster}.`,
            },
          ]),
      ...(promotion.phase === 'succeeded'
        ? [
            {
              version: 4,
              type: 'succeeded',
              at: m.minutesAgo(1),
              actor: 'plugin:delivery',
              text: 'Every target runs it and is healthy.',
            },
          ]
        : []),
    ],
    allowedActions: isWaiting
      ? [
          { action: 'approve', allowed: true, reasons: [] },
          { action: 'reject', allowed: true, reasons: [] },
          { action: 'cancel', allowed: false, reasons: [] },
        ]
      : [],
  };
}
