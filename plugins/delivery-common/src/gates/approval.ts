// SPDX-License-Identifier: Apache-2.0
import type { Approval } from '../promotion/promotion';
import type { Instant } from '../time';
import { membershipKey, type GateFacts } from './facts';
import type { Gate, GateDefinitionOf } from './gate';
import type { GateQuestion } from './question';
import { sayDuration } from './sayDuration';
import { sayEntity } from './sayEntity';

type Definition = GateDefinitionOf<'approval'>;

/** Why an approval does or does not count towards a gate now. */
type Standing = 'counts' | 'own' | 'expired' | 'notMember' | 'unknownMember';

/**
 * Enough members of a group, none of them the author or the requester, agreed lately. Membership is
 * asked again each time: somebody who left the group no longer vouches for anything.
 */
export const approval: Gate<'approval'> = {
  kind: 'approval',
  needs: (definition, question) =>
    question.approvals.map(({ by }) => ({
      fact: 'membership' as const,
      user: by,
      group: definition.group,
    })),
  evaluate(definition, { question, facts, now }) {
    const standings = onePerPerson(question.approvals).map(given => ({
      given,
      standing: standingOf(given, definition, { question, facts, now }),
    }));
    const counting = standings
      .filter(({ standing }) => standing === 'counts')
      .map(({ given }) => given);
    const about = { gate: definition.name, kind: definition.kind };
    if (counting.length >= definition.count) {
      const last = counting[definition.count - 1];
      return {
        ...about,
        verdict: 'passed',
        code: 'approved',
        reason: `Approved by ${counting
          .map(({ by }) => sayEntity(by))
          .join(' and ')}.`,
        owners: [],
        ...(last && { since: last.at }),
      };
    }
    const unknowable = standings.some(
      ({ standing }) => standing === 'unknownMember',
    );
    const expired = standings.filter(({ standing }) => standing === 'expired');
    return {
      ...about,
      verdict: 'waiting',
      code: waitingCode(unknowable, expired.length > 0),
      reason: [
        asks(definition, counting.length),
        ...standings.map(({ given, standing }) =>
          explain(given, standing, definition),
        ),
        authorship(question),
      ]
        .filter(sentence => sentence !== '')
        .join(' '),
      owners: [definition.group],
      ...(question.requestedAt && { since: question.requestedAt }),
    };
  },
};

/** The newest approval of each person. */
function onePerPerson(approvals: readonly Approval[]): readonly Approval[] {
  return [...new Map(approvals.map(given => [given.by, given])).values()];
}

/** Whether somebody stands behind the release and so can not vouch for it. */
export function isOwnRelease(
  user: string,
  question: Pick<GateQuestion, 'release' | 'requestedBy'>,
): boolean {
  return (
    user === question.release.commit.authorRef || user === question.requestedBy
  );
}

function standingOf(
  given: Approval,
  definition: Definition,
  asked: {
    readonly question: GateQuestion;
    readonly facts: GateFacts;
    readonly now: Instant;
  },
): Standing {
  if (isOwnRelease(given.by, asked.question)) return 'own';
  const age = Date.parse(asked.now) - Date.parse(given.at);
  if (age >= definition.expires) return 'expired';
  const member = asked.facts.members[membershipKey(given.by, definition.group)];
  if (!member?.known) return 'unknownMember';
  return member.value ? 'counts' : 'notMember';
}

function waitingCode(unknowable: boolean, expired: boolean): string {
  if (unknowable) return 'membershipUnknown';
  return expired ? 'approvalExpired' : 'needsApproval';
}

function asks(definition: Definition, got: number): string {
  const group = sayEntity(definition.group);
  if (definition.count === 1) return `Waits for an approval by ${group}.`;
  return `Waits for ${definition.count - got} of ${
    definition.count
  } approvals by ${group}.`;
}

function explain(
  given: Approval,
  standing: Standing,
  definition: Definition,
): string {
  const who = sayEntity(given.by);
  const group = sayEntity(definition.group);
  switch (standing) {
    case 'expired':
      return `${who} approved more than ${sayDuration(
        definition.expires,
      )} ago, which counts no more.`;
    case 'notMember':
      return `${who} approved but is not in ${group}.`;
    case 'unknownMember':
      return `Whether ${who} is in ${group} can not be found out now.`;
    case 'own':
      return `${who} can not approve their own release.`;
    default:
      return `${who} approved.`;
  }
}

function authorship(question: GateQuestion): string {
  const author = question.release.commit.authorRef;
  return author ? `Not by ${sayEntity(author)}, who wrote it.` : '';
}
