// SPDX-License-Identifier: Apache-2.0
import { noGateFacts } from '../gates/facts';
import { known, unknown } from '../gates/known';
import {
  aDeclaration,
  after,
  applied,
  approvedByJonas,
  aTarget,
  aTargetFact,
  asked,
  at,
  committed,
  commitSha,
  facts,
  gatesPassed,
  mia,
  requested,
  soaked,
} from './__fixtures__/story';
import type { Facts } from './facts';
import type { PromotionEvent } from './events';
import { next } from './next';
import { targetKey, type Promotion } from './promotion';
import type { Step } from './step';

const target = aTarget('cloud-production');
const waiting = after(requested(), approvedByJonas);
const unapproved = after(requested());
const writing = after(requested(), approvedByJonas, gatesPassed);
const reconciling = after(requested(), approvedByJonas, gatesPassed, committed);
const verifying = after(
  requested(),
  approvedByJonas,
  gatesPassed,
  committed,
  asked(target),
  applied(target),
);
const foundCommit = known({ sha: commitSha, branch: 'main', changed: true });
const cancelAsked = {
  type: 'cancelRequested',
  at: at(15),
  actor: mia,
  reason: 'Wrong release',
} as const;

/** A step in a few words. */
function say(step: Step): string {
  switch (step.kind) {
    case 'perform':
      return step.effect.kind;
    case 'record':
      return step.event.type;
    case 'wait':
      return `wait ${step.unmet.map(({ code }) => code).join(' ')}`.trim();
    default:
      return step.kind;
  }
}

function targetShows(
  change: Parameters<typeof aTargetFact>[0],
): Partial<Facts> {
  return { targets: { [targetKey(target)]: aTargetFact(change) } };
}

const rows: [string, Promotion, Partial<Facts>, string][] = [
  ['every gate passed', waiting, {}, 'gatesPassed'],
  ['nobody approved', unapproved, {}, 'wait needsApproval'],
  [
    'the soak is unknown',
    waiting,
    { gates: { ...facts().gates, stages: {} } },
    'wait clusterUnknown',
  ],
  [
    'the pipeline can not be read',
    waiting,
    { declaration: unknown(at(0), 'Line 3 is broken.') },
    'wait pipelineUnknown',
  ],
  ['the stage is gone', waiting, { declaration: known(undefined) }, 'failed'],
  [
    'the targets changed since the approval',
    waiting,
    { declaration: known(aDeclaration({ targets: [aTarget('elsewhere')] })) },
    'reconfigured',
  ],
  [
    'only the title changed',
    waiting,
    { declaration: known(aDeclaration({ stageTitle: 'Prod' })) },
    'gatesPassed',
  ],
  [
    'one that gave way is still writing',
    waiting,
    { predecessorsSettled: false },
    'wait predecessorAtWork',
  ],
  ['the commit is to be written', writing, {}, 'writeCommit'],
  ['Git already has the commit', writing, { commit: foundCommit }, 'committed'],
  [
    'Git has the commit although it was cancelled',
    after(requested(), approvedByJonas, gatesPassed, cancelAsked),
    { commit: foundCommit },
    'committed',
  ],
  [
    'it was cancelled before the commit',
    after(requested(), approvedByJonas, gatesPassed, cancelAsked),
    {},
    'cancelled',
  ],
  [
    'it was cancelled but Git can not be asked',
    after(requested(), approvedByJonas, gatesPassed, cancelAsked),
    { commit: unknown(at(1), 'The forge does not answer.') },
    'wait fleetUnreachable',
  ],
  [
    'the soak broke after the gates had passed',
    writing,
    {
      gates: {
        ...facts().gates,
        stages: {
          'cloud-staging': known(soaked({ health: 'unhealthy', soaked: 0 })),
        },
      },
    },
    'gateClosed',
  ],
  [
    'the approver left the group after the gates had passed',
    writing,
    {
      gates: {
        ...facts().gates,
        members: {
          'user:default/jonas in group:default/team-leads': known(false),
        },
      },
    },
    'gateClosed',
  ],
  [
    'the targets changed after the gates had passed',
    writing,
    { declaration: known(aDeclaration({ targets: [aTarget('elsewhere')] })) },
    'reconfigured',
  ],
  [
    'Flux was not asked yet',
    reconciling,
    targetShows({ appliedContains: false }),
    'requestReconcile',
  ],
  [
    'Flux was asked',
    after(requested(), approvedByJonas, gatesPassed, committed, asked(target)),
    targetShows({ appliedContains: false }),
    'wait applying',
  ],
  ['Flux applied it already', reconciling, {}, 'targetApplied'],
  [
    'the cluster is unreachable',
    reconciling,
    targetShows({
      freshness: {
        state: 'unreachable',
        since: at(9),
        problem: 'Connection refused.',
      },
    }),
    'wait clusterUnknown',
  ],
  [
    'the Kustomization is stalled',
    reconciling,
    targetShows({ appliedContains: false, flux: { stalled: 'AccessDenied' } }),
    'targetBlocked',
  ],
  ['the workload proves it', verifying, {}, 'succeeded'],
  [
    'the proof is stale',
    verifying,
    targetShows({
      freshness: {
        state: 'stale',
        since: at(15),
        seenAt: at(14),
        problem: 'Silent.',
      },
    }),
    'wait clusterUnknown',
  ],
  [
    'the rollout is not complete',
    verifying,
    targetShows({
      workload: {
        health: 'progressing',
        replicas: { desired: 3, updated: 3, ready: 2, available: 2 },
      },
    }),
    'wait rollingOut',
  ],
];

describe('the next step of a promotion', () => {
  it.each(rows)('when %s', (_when, promotion, change, step) => {
    expect(say(next(promotion, facts(change)))).toBe(step);
  });

  it('of a rollback asks no gates and needs no readable pipeline document', () => {
    const rollback = after(
      requested({ kind: 'rollback', reason: 'Misreads labels' }),
    );
    const blind = facts({
      declaration: unknown(at(0), 'The document is broken.'),
      gates: noGateFacts,
    });
    expect(next(rollback, blind)).toMatchObject({
      kind: 'record',
      event: { type: 'gatesPassed', verdicts: [] },
    });
  });

  it('withdraws the approvals when the targets change, and says whose', () => {
    const step = next(
      waiting,
      facts({ declaration: known(aDeclaration({ images: ['other'] })) }),
    );
    expect(step).toMatchObject({
      event: { withdrawn: ['user:default/jonas'] },
    });
    if (step.kind !== 'record') throw new Error('expected a record');
    const changed = after(requested(), approvedByJonas, step.event);
    expect(changed.approvals).toEqual([]);
  });

  it('writes who asked, who approved and why into the commit', () => {
    expect(
      next(
        after(
          requested({ reason: 'Belt 4 is down' }),
          approvedByJonas,
          gatesPassed,
        ),
        facts(),
      ),
    ).toMatchObject({
      effect: {
        message: {
          kind: 'promotion',
          version: '2.8.1',
          requestedBy: 'user:default/omar',
          approvedBy: ['user:default/jonas'],
          reason: 'Belt 4 is down',
        },
      },
    });
  });

  it('fails at once when Flux can not build our own commit, after recording the problem', () => {
    const broken = facts(
      targetShows({
        appliedContains: false,
        flux: {
          ready: 'False',
          reason: 'BuildFailed',
          message: 'no such file',
        },
      }),
    );
    const first = next(reconciling, broken);
    expect(say(first)).toBe('targetBlocked');
    if (first.kind !== 'record') throw new Error('expected a record');
    const story = [
      requested(),
      approvedByJonas,
      gatesPassed,
      committed,
      first.event,
    ];
    expect(next(after(...story), broken)).toMatchObject({
      kind: 'record',
      event: { type: 'failed', problem: { code: 'buildFailed' } },
    });
  });

  it('fails a degraded workload only when its patience is over, and wakes then', () => {
    const blocked = {
      type: 'targetBlocked',
      at: at(20),
      actor: 'plugin:delivery',
      target: targetKey(target),
      problem: { code: 'degraded', message: 'Crash loop' },
    } as const;
    const degraded = after(
      requested(),
      approvedByJonas,
      gatesPassed,
      committed,
      asked(target),
      applied(target),
      blocked,
    );
    const shows = targetShows({ workload: { health: 'degraded' } });
    const early = next(degraded, facts({ now: at(60), ...shows }));
    expect(say(early)).toBe('wait degraded');
    expect(early).toMatchObject({
      wake: expect.arrayContaining([{ on: 'time', at: at(620) }]),
    });
    expect(say(next(degraded, facts({ now: at(620), ...shows })))).toBe(
      'failed',
    );
  });

  it('forgets a problem that is gone, unless it comes back at once', () => {
    const events: PromotionEvent[] = [
      requested(),
      approvedByJonas,
      gatesPassed,
      committed,
      asked(target),
      applied(target),
    ];
    const see = (now: number, health: 'degraded' | 'progressing') => {
      const shows = targetShows({ workload: { health } });
      const step = next(after(...events), facts({ now: at(now), ...shows }));
      if (step.kind === 'record') events.push(step.event);
      return say(step);
    };
    expect(see(20, 'degraded')).toBe('targetBlocked');
    expect(see(30, 'progressing')).toBe('targetUnblocked');
    expect(see(31, 'progressing')).toBe('wait rollingOut');
    // A crash loop looks well between two crashes.
    expect(see(60, 'degraded')).toBe('targetBlocked');
    expect(see(70, 'progressing')).toBe('targetUnblocked');
    expect(see(610, 'degraded')).toBe('targetBlocked');
    expect(see(630, 'degraded')).toBe('wait degraded');
    expect(see(1_209, 'degraded')).toBe('wait degraded');
    expect(see(1_210, 'degraded')).toBe('failed');
  });

  it('succeeds only when every target is proven at the same moment', () => {
    const jetson = aTarget('edge-production', 'jetson');
    const pi = aTarget('edge-production', 'raspberry-pi');
    const both = after(
      requested({ declaration: aDeclaration({ targets: [jetson, pi] }) }),
      approvedByJonas,
      gatesPassed,
      committed,
      applied(jetson),
      applied(pi),
    );
    const proof = {
      [targetKey(jetson)]: aTargetFact({ target: jetson }),
      [targetKey(pi)]: aTargetFact({ target: pi }),
    };
    expect(say(next(both, facts({ targets: proof })))).toBe('succeeded');
    const { [targetKey(pi)]: _, ...one } = proof;
    expect(say(next(both, facts({ targets: one })))).toBe(
      'wait clusterUnknown',
    );
  });
});
