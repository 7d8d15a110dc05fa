// SPDX-License-Identifier: Apache-2.0
import {
  approvalByLeads,
  aRelease,
  at,
  jonas,
  leads,
  mia,
  omar,
  soaked,
  soakInStaging,
} from '../promotion/__fixtures__/story';
import type { Approval } from '../promotion/promotion';
import { allPassed, evaluateGates, gateNeeds } from './evaluateGates';
import { noGateFacts, type GateFacts } from './facts';
import { known, unknown } from './known';
import { sayDuration } from './sayDuration';

const ines = 'user:default/ines';
const day = 86_400;
const everybodyLeads: GateFacts['members'] = Object.fromEntries(
  [mia, jonas, omar, ines].map(user => [`${user} in ${leads}`, known(true)]),
);

function by(user: string, seconds: number = 0): Approval {
  return { by: user, at: at(seconds) };
}

describe('the approval gate', () => {
  function ask(
    approvals: readonly Approval[],
    change: {
      readonly count?: number;
      readonly members?: GateFacts['members'];
      readonly seconds?: number;
    } = {},
  ) {
    const [verdict] = evaluateGates(
      [{ ...approvalByLeads, count: change.count ?? 1 }],
      {
        question: { release: aRelease(1), requestedBy: omar, approvals },
        facts: { ...noGateFacts, members: change.members ?? everybodyLeads },
        now: at(change.seconds ?? 10),
      },
    );
    return verdict;
  }

  it.each<[string, ReturnType<typeof ask>, string]>([
    ['nobody', ask([]), 'waiting needsApproval'],
    ['a lead', ask([by(jonas)]), 'passed approved'],
    ['the author', ask([by(mia)]), 'waiting needsApproval'],
    ['the requester', ask([by(omar)]), 'waiting needsApproval'],
    ['one of two', ask([by(jonas)], { count: 2 }), 'waiting needsApproval'],
    [
      'the same one twice',
      ask([by(jonas), by(jonas, 5)], { count: 2 }),
      'waiting needsApproval',
    ],
    ['two of two', ask([by(jonas), by(ines)], { count: 2 }), 'passed approved'],
    [
      'one too long ago',
      ask([by(jonas)], { seconds: 3 * day }),
      'waiting approvalExpired',
    ],
    [
      'just in time',
      ask([by(jonas)], { seconds: 3 * day - 1 }),
      'passed approved',
    ],
    [
      'one who left the group',
      ask([by(jonas)], { members: { [`${jonas} in ${leads}`]: known(false) } }),
      'waiting needsApproval',
    ],
    [
      'one whose membership can not be found out',
      ask([by(jonas)], {
        members: { [`${jonas} in ${leads}`]: unknown(at(0), '-') },
      }),
      'waiting membershipUnknown',
    ],
  ])('approved by %s', (_who, verdict, expected) => {
    expect(`${verdict.verdict} ${verdict.code}`).toBe(expected);
  });

  it('says who is asked, who may not and why an approval does not count', () => {
    expect(ask([]).reason).toBe(
      'Waits for an approval by team-leads. Not by mia, who wrote it.',
    );
    expect(ask([]).owners).toEqual([leads]);
    expect(ask([by(jonas)], { seconds: 3 * day }).reason).toContain(
      'jonas approved more than 3 d ago, which counts no more.',
    );
  });
});

describe('the soak gate', () => {
  function ask(seen: GateFacts['stages'][string] | undefined, seconds = 20) {
    const [verdict] = evaluateGates([soakInStaging], {
      question: { release: aRelease(1), approvals: [] },
      facts: {
        ...noGateFacts,
        stages: seen ? { 'cloud-staging': seen } : {},
      },
      now: at(seconds),
    });
    return verdict;
  }

  it.each<[string, ReturnType<typeof ask>, string]>([
    ['nobody looked', ask(undefined), 'waiting clusterUnknown'],
    [
      'the cluster is away',
      ask(unknown(at(0), 'No answer.')),
      'waiting clusterUnknown',
    ],
    ['never there', ask(known(undefined)), 'waiting notThereYet'],
    ['long enough', ask(known(soaked())), 'passed soaked'],
    [
      'exactly long enough',
      ask(known(soaked({ soaked: 30_000 }))),
      'passed soaked',
    ],
    ['not yet', ask(known(soaked({ soaked: 29_999 }))), 'waiting soaking'],
    [
      'fell ill after soaking',
      ask(known(soaked({ health: 'unhealthy' }))),
      'waiting notHealthyNow',
    ],
    [
      'moving after soaking',
      ask(known(soaked({ health: 'progressing' }))),
      'waiting notHealthyNow',
    ],
    [
      'soaked, then moved on',
      ask(known(soaked({ health: 'gone' }))),
      'passed soaked',
    ],
    [
      'moved on too early',
      ask(known(soaked({ health: 'gone', soaked: 1 }))),
      'waiting leftStage',
    ],
  ])('%s', (_what, verdict, expected) => {
    expect(`${verdict.verdict} ${verdict.code}`).toBe(expected);
  });

  it('says when it will be over', () => {
    expect(ask(known(soaked({ soaked: 10_000 })))).toMatchObject({
      reason: '2.8.1 has been healthy in cloud-staging for 10 s of 30 s.',
      expected: at(40),
    });
  });
});

it('asks only for the facts that the gates look at', () => {
  const question = { release: aRelease(1), approvals: [by(jonas)] };
  expect(gateNeeds([approvalByLeads, soakInStaging], question)).toEqual([
    { fact: 'membership', user: jonas, group: leads },
    { fact: 'stage', stage: 'cloud-staging' },
  ]);
});

it('no gates at all are passed', () => {
  expect(allPassed([])).toBe(true);
});

it.each([
  [0, '0 s'],
  [1, '1 s'],
  [30_000, '30 s'],
  [90_000, '1 min 30 s'],
  [3_600_000, '1 h'],
  [3_605_000, '1 h'],
  [90_061_000, '1 d 1 h'],
])('says %d milliseconds as %s', (span, words) => {
  expect(sayDuration(span)).toBe(words);
});
