// SPDX-License-Identifier: Apache-2.0
import type {
  Promotion,
  PromotionEvent,
} from '@causeway/plugin-delivery-common';
import { notificationFor } from './notificationFor';

const at = '2026-05-07T14:32:00.000Z';
const asked = {
  id: 'p1',
  kind: 'promotion',
  service: 'component:default/parcel-vision',
  stage: 'cloud-production',
  declaration: {
    stageTitle: 'Cloud production',
    stageKind: 'cloud',
    gates: [
      {
        kind: 'approval',
        name: 'Approval',
        group: 'group:default/team-leads',
        count: 1,
        expires: 1,
      },
    ],
    targets: [],
    images: [],
    fleet: { repository: 'http://forge/fleet', branch: 'main' },
  },
  release: {
    id: 'r1',
    version: '2.8.1',
    commit: { sha: 'a', message: 'm', author: 'Mia', time: at },
    images: [],
  },
  requestedBy: 'user:default/mia',
  requestedAt: at,
  reason: 'Labels',
  supersedes: [],
  approvals: [],
  verdicts: [],
} as const;
const commit = { sha: 'c', branch: 'main', changed: true };
const owners = ['group:default/team-vision', 'user:default/mia'];
const waiting: Promotion = { ...asked, phase: 'waiting', attempted: false };
const succeeded: Promotion = {
  ...asked,
  phase: 'succeeded',
  finishedAt: at,
  commit,
  proof: [],
};
const by = { at, actor: 'user:default/mia' };
const requested: PromotionEvent = {
  ...by,
  type: 'requested',
  promotion: 'p1',
  kind: 'promotion',
  service: asked.service,
  stage: asked.stage,
  declaration: asked.declaration,
  release: asked.release,
  supersedes: [],
};
const hasSucceeded: PromotionEvent = { ...by, type: 'succeeded', proof: [] };

describe('notificationFor', () => {
  it.each<[string, Promotion, PromotionEvent[], string[], object]>([
    [
      'the approvers of what waits for them',
      waiting,
      [requested],
      ['group:default/team-leads'],
      {
        title:
          'parcel-vision 2.8.1 waits for your approval to enter Cloud production',
        description: 'Labels',
      },
    ],
    [
      'requester and owners of success',
      succeeded,
      [hasSucceeded],
      ['user:default/mia', 'group:default/team-vision'],
      { title: 'parcel-vision 2.8.1 runs in Cloud production' },
    ],
    [
      'owners alone when the portal asked by itself',
      { ...succeeded, requestedBy: 'plugin:delivery' },
      [hasSucceeded],
      owners,
      { severity: 'normal' },
    ],
    [
      'them loudly of a rollback',
      { ...succeeded, kind: 'rollback' },
      [hasSucceeded],
      ['user:default/mia', 'group:default/team-vision'],
      {
        title: 'Cloud production was taken back to parcel-vision 2.8.1',
        severity: 'high',
      },
    ],
    [
      'them loudly of a failure, with what to do',
      {
        ...asked,
        phase: 'failed',
        finishedAt: at,
        problem: { code: 'stalled', message: 'It is stuck.', hint: 'Mend it.' },
      },
      [
        {
          ...by,
          type: 'failed',
          problem: { code: 'stalled', message: 'It is stuck.' },
        },
      ],
      ['user:default/mia', 'group:default/team-vision'],
      { description: 'It is stuck. Mend it.', severity: 'high' },
    ],
  ])('tells %s', (_whom, promotion, events, recipients, payload) => {
    const announcement = notificationFor(promotion, events, owners);
    expect(announcement?.recipients).toEqual(recipients);
    expect(announcement?.payload).toMatchObject({
      ...payload,
      scope: 'p1',
      link: '/catalog/default/component/parcel-vision/pipeline?promotion=p1',
    });
  });

  it.each<[string, Promotion, PromotionEvent[]]>([
    ['steps in between', waiting, [{ ...by, type: 'approved', gates: [] }]],
    [
      'a request that needs no approval',
      { ...waiting, declaration: { ...asked.declaration, gates: [] } },
      [requested],
    ],
    ['a request that already ended', succeeded, [requested]],
  ])('tells nobody of %s', (_what, promotion, events) => {
    expect(notificationFor(promotion, events, owners)).toBeUndefined();
  });
});
