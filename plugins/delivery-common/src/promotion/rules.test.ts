// SPDX-License-Identifier: Apache-2.0
import { known, unknown } from '../gates/known';
import {
  after,
  approvalByLeads,
  approvedByJonas,
  aDeclaration,
  aPipeline,
  aRelease,
  at,
  committed,
  gatesPassed,
  jonas,
  leads,
  mia,
  omar,
  requested,
  service,
} from './__fixtures__/story';
import { isRefused } from './refusal';
import {
  approve,
  cancel,
  checkRequest,
  reject,
  type Decision,
  type RequestFacts,
} from './rules';

const pipeline = aPipeline();
const quiet: RequestFacts = {
  document: { state: 'valid', pipeline, outdated: false },
  release: aRelease(1),
  arrivedIn: new Set(['cloud-staging']),
  sight: {
    state: 'seen',
    releases: ['release-0'],
    unrecognised: false,
    health: 'healthy',
  },
};
const wish = { service, stage: 'cloud-production', release: 'release-1' };
const other = requested({ promotion: 'promotion-2', release: aRelease(0) });
const running = after(other, gatesPassed, committed);

describe('asking for a promotion', () => {
  it.each<[string, Partial<typeof wish>, Partial<RequestFacts>, string[]]>([
    ['is allowed', {}, {}, []],
    [
      'for no service',
      {},
      { document: { state: 'missing' } },
      ['unknownService'],
    ],
    [
      'with a broken document',
      {},
      { document: { state: 'broken', problem: 'Line 3' } },
      ['invalidPipeline'],
    ],
    [
      'with a broken newer document',
      {},
      { document: { state: 'valid', pipeline, outdated: true } },
      ['invalidPipeline'],
    ],
    ['to no stage', { stage: 'moon' }, {}, ['unknownStage']],
    ['to ci', { stage: 'ci' }, {}, ['stageWithoutTargets']],
    ['of nothing', {}, { release: undefined }, ['unknownRelease']],
    [
      'of another service',
      {},
      { release: aRelease(1, { service: 'component:default/x' }) },
      ['unknownRelease'],
    ],
    [
      'without the images',
      {},
      { release: aRelease(1, { images: [] }) },
      ['imagesMissing'],
    ],
    [
      'before the stage before',
      {},
      { arrivedIn: new Set() },
      ['stageBeforeNotReached'],
    ],
    ['after ci only', { stage: 'cloud-staging' }, { arrivedIn: new Set() }, []],
    [
      'of what runs',
      {},
      {
        sight: {
          ...quiet.sight,
          state: 'seen',
          releases: ['release-1'],
          unrecognised: false,
          health: 'healthy',
        },
      },
      ['alreadyThere'],
    ],
    [
      'of what is ill there',
      {},
      {
        sight: {
          state: 'seen',
          releases: ['release-1'],
          unrecognised: false,
          health: 'unhealthy',
        },
      },
      [],
    ],
    [
      'when nobody knows what runs',
      {},
      { sight: { state: 'unknown', since: at(0), problem: '-' } },
      [],
    ],
    [
      'twice',
      {},
      { active: { promotion: after(requested()), held: false } },
      ['alreadyRequested'],
    ],
    [
      'over one that waits',
      {},
      { active: { promotion: after(other), held: false } },
      [],
    ],
    [
      'over one that moves',
      {},
      { active: { promotion: running, held: false } },
      ['promotionRunning'],
    ],
    [
      'over one that a problem holds',
      {},
      { active: { promotion: running, held: true } },
      [],
    ],
    [
      'over a rollback',
      {},
      {
        active: {
          promotion: after({ ...other, kind: 'rollback' }),
          held: true,
        },
      },
      ['rollbackRunning'],
    ],
    [
      'with two things in the way',
      {},
      { arrivedIn: new Set(), active: { promotion: running, held: false } },
      ['stageBeforeNotReached', 'promotionRunning'],
    ],
  ])('%s', (_what, asked, facts, codes) => {
    const found = checkRequest({ ...wish, ...asked }, { ...quiet, ...facts });
    expect(found.map(({ code }) => code)).toEqual(codes);
    expect(found.filter(({ reason, hint }) => !reason || !hint)).toEqual([]);
  });
});

describe('deciding', () => {
  const waiting = after(requested());
  const decision = (by: string, change: Partial<Decision> = {}): Decision => ({
    by,
    at: at(30),
    membership: { [leads]: known(true) },
    ...change,
  });

  it.each<[string, ReturnType<typeof approve>, string]>([
    ['a lead', approve(waiting, decision(jonas)), 'approved'],
    ['the author', approve(waiting, decision(mia)), 'ownRelease'],
    ['the requester', approve(waiting, decision(omar)), 'ownRelease'],
    [
      'a stranger',
      approve(
        waiting,
        decision(jonas, { membership: { [leads]: known(false) } }),
      ),
      'notInGroup',
    ],
    [
      'somebody unknown',
      approve(
        waiting,
        decision(jonas, { membership: { [leads]: unknown(at(0), '-') } }),
      ),
      'membershipUnknown',
    ],
    [
      'a lead, again',
      approve(after(requested(), approvedByJonas), decision(jonas)),
      'alreadyApproved',
    ],
    [
      'a lead, after the first approval expired',
      approve(
        after(requested(), approvedByJonas),
        decision(jonas, { at: at(4 * 86_400) }),
      ),
      'approved',
    ],
    ['too late', approve(running, decision(jonas)), 'notWaiting'],
    [
      'without need',
      approve(
        after(requested({ declaration: aDeclaration({ gates: [] }) })),
        decision(jonas),
      ),
      'noApprovalNeeded',
    ],
    ['no, without reason', reject(waiting, decision(jonas)), 'reasonNeeded'],
    [
      'no, with a reason',
      reject(waiting, decision(jonas, { reason: 'Too risky' })),
      'rejected',
    ],
    [
      'no, by the author',
      reject(waiting, decision(mia, { reason: 'Mistake' })),
      'rejected',
    ],
    ['cancel while it waits', cancel(waiting, decision(omar)), 'cancelled'],
    [
      'cancel while it is written',
      cancel(after(requested(), gatesPassed), decision(omar)),
      'cancelRequested',
    ],
    [
      'cancel after the commit',
      cancel(running, decision(omar)),
      'alreadyWritten',
    ],
  ])('%s', (_who, outcome, expected) => {
    expect(isRefused(outcome) ? outcome.code : outcome.type).toBe(expected);
  });

  it('names the gates that an approval is for', () => {
    expect(approve(waiting, decision(jonas))).toMatchObject({
      gates: [approvalByLeads.name],
      actor: jonas,
    });
  });
});
