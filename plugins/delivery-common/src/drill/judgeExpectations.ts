// SPDX-License-Identifier: Apache-2.0
import { sayDuration } from '../gates/sayDuration';
import type { Instant } from '../time';
import { answerQuestion, type Answer } from './answerQuestion';
import type { Drill, DrillSight, DrillFinding } from './drill';
import type { DrillKind, Expectation } from './drillKind';

/** Nothing is decided yet: one finding for each expectation and device. */
export function openFindings(
  kind: DrillKind,
  devices: readonly { readonly id: string }[],
): readonly DrillFinding[] {
  return devices.flatMap(({ id }) =>
    kind.expects.map(({ asks, during }) => ({
      device: id,
      asks,
      during,
      outcome: 'open' as const,
    })),
  );
}

/** The expectation that a finding is about. */
export function expectationOf(
  kind: DrillKind,
  { asks, during }: Pick<DrillFinding, 'asks' | 'during'>,
): Expectation {
  const found = kind.expects.find(
    each => each.asks === asks && each.during === during,
  );
  if (!found) throw new TypeError(`${kind.name} does not ask ${asks}`);
  return found;
}

/** What one look adds to what is known. What is decided stays. */
export function judgeLook(
  drill: Drill,
  sight: DrillSight,
  now: Instant,
): readonly DrillFinding[] {
  return drill.findings.map(finding => {
    if (finding.outcome !== 'open') return finding;
    const expectation = expectationOf(drill.order.kind, finding);
    const began = beginningOf(expectation, drill);
    if (began === undefined || isPast(expectation, drill)) return finding;
    const answer = answerQuestion(finding.asks, {
      device: finding.device,
      order: drill.order,
      before: drill.before,
      sight,
    });
    return expectation.within === undefined
      ? judgeAlways(finding, answer, now)
      : judgeWithin(finding, answer, {
          now,
          took: Date.parse(now) - Date.parse(began),
          within: expectation.within,
        });
  });
}

/** Decides what was open while the fault held, or all that is still open. */
export function closeFindings(
  { findings, order }: Pick<Drill, 'findings' | 'order'>,
  now: Instant,
  which: 'fault' | 'all',
): readonly DrillFinding[] {
  return findings.map(finding => {
    if (finding.outcome !== 'open') return finding;
    if (which === 'fault' && finding.during !== 'fault') return finding;
    const isSeen = finding.value !== undefined;
    const { within } = expectationOf(order.kind, finding);
    const seen = within === undefined ? ('met' as const) : ('notMet' as const);
    return { ...finding, outcome: isSeen ? seen : 'notSeen', at: now };
  });
}

function judgeAlways(
  finding: DrillFinding,
  answer: Answer | undefined,
  now: Instant,
): DrillFinding {
  if (!answer) return finding;
  const { isSo, value } = answer;
  return isSo
    ? { ...finding, value }
    : { ...finding, outcome: 'notMet', at: now, value };
}

function judgeWithin(
  finding: DrillFinding,
  answer: Answer | undefined,
  time: {
    readonly now: Instant;
    readonly took: number;
    readonly within: number;
  },
): DrillFinding {
  const { now: at, took, within } = time;
  const value = answer?.value ?? finding.value;
  if (took <= within) {
    if (!answer) return finding;
    return answer.isSo
      ? {
          ...finding,
          outcome: 'met',
          at,
          value: `${answer.value} after ${sayDuration(took)}`,
        }
      : { ...finding, value: answer.value };
  }
  return value === undefined
    ? { ...finding, outcome: 'notSeen', at }
    : {
        ...finding,
        outcome: 'notMet',
        at,
        value: `${value} after ${sayDuration(took)}`,
      };
}

function beginningOf(
  { during }: Expectation,
  drill: Drill,
): Instant | undefined {
  return during === 'recovery' ? drill.faultEndedAt : drill.faultBeganAt;
}

/** The time in which it can still be seen is over. */
function isPast({ during }: Expectation, { faultEndedAt }: Drill): boolean {
  return during === 'fault' && faultEndedAt !== undefined;
}
