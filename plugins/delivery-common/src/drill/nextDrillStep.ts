// SPDX-License-Identifier: Apache-2.0
import { sayDuration } from '../gates/sayDuration';
import { later, type Instant, type Milliseconds } from '../time';
import type { Drill, DrillSight, EndReason } from './drill';
import type { DrillEvent } from './drillEvent';
import { closeFindings, expectationOf, judgeLook } from './judgeExpectations';
import { verdictOf } from './verdictOf';

/** How long a drill may go unwatched, and how long its fault may take to begin. */
export interface DrillPatience {
  readonly longestGap: Milliseconds;
  readonly begin: Milliseconds;
}

export const usualDrillPatience: DrillPatience = {
  longestGap: 90_000,
  begin: 120_000,
};

/** A drill after a decision, what has happened to it, and what is to be done now. */
export interface DrillTurn {
  readonly drill: Drill;
  readonly events: readonly DrillEvent[];
  /** Both may be done again: the second time changes nothing. */
  readonly effect?: 'beginFault' | 'endFault';
}

/** How an effect went. `refused` will not be otherwise the next time. */
export type DrillEffectResult =
  /** With the time since which it is so, where that was before it could be seen. */
  | { readonly kind: 'done'; readonly at?: Instant }
  | { readonly kind: 'failed' | 'refused'; readonly problem: string };

/** Nothing is learnt from the recovery of a drill that ended so. */
const withoutRecovery: ReadonlySet<EndReason> = new Set([
  'aborted',
  'interrupted',
  'tooLong',
  'notBegun',
]);

/**
 * The next step of a drill. Whatever happens, the fault of a drill that may have begun is ended before
 * the drill is over: when its time is up, when an expectation that must always hold does not, when a
 * person aborts it, and when nobody has watched it for too long.
 */
export function nextDrillStep(
  drill: Drill,
  facts: {
    readonly now: Instant;
    readonly sight: DrillSight;
    readonly patience?: DrillPatience;
  },
): DrillTurn {
  const { now, sight, patience = usualDrillPatience } = facts;
  const gap = span(drill.lookedAt, now);
  const isUnwatched = gap > patience.longestGap;
  switch (drill.phase) {
    case 'beginning':
      return begin(drill, now, patience);
    case 'fault':
      return isUnwatched
        ? end(drill, now, 'interrupted', sayUnwatched(gap))
        : watchFault(look(drill, sight, now), now);
    case 'ending':
      return {
        drill: { ...drill, lookedAt: now },
        events: [],
        effect: 'endFault',
      };
    case 'recovery':
      return isUnwatched
        ? finish(interrupted(drill, sayUnwatched(gap)), now)
        : watchRecovery(look(drill, sight, now), now);
    case 'over':
      return { drill, events: [] };
    default:
      throw new TypeError(`Unknown phase ${drill.phase satisfies never}`);
  }
}

/** What follows from how an effect went. */
export function afterDrillEffect(
  drill: Drill,
  result: DrillEffectResult,
  now: Instant,
): DrillTurn {
  if (result.kind === 'refused' && drill.phase === 'beginning') {
    return end(drill, now, 'notBegun', result.problem);
  }
  if (result.kind !== 'done') {
    return { drill: { ...drill, problem: result.problem }, events: [] };
  }
  const { problem, ...rest } = drill;
  if (drill.phase === 'beginning') {
    return {
      drill: { ...rest, phase: 'fault', faultBeganAt: now, lookedAt: now },
      events: [{ type: 'faultBegun' }],
    };
  }
  if (drill.phase !== 'ending') return { drill, events: [] };
  const ended: Drill = {
    ...rest,
    phase: 'recovery',
    faultEndedAt: endOf(drill, result.at ?? now, now),
    lookedAt: now,
    findings: closeFindings(drill, now, 'fault'),
  };
  const events: readonly DrillEvent[] = [{ type: 'faultEnded' }];
  if (!drill.ending || !withoutRecovery.has(drill.ending.reason)) {
    return { drill: ended, events };
  }
  const over = finish(ended, now);
  return { ...over, events: [...events, ...over.events] };
}

/** When a fault ended, as somebody tells it whose clock may be wrong. */
function endOf({ faultBeganAt }: Drill, told: Instant, now: Instant): Instant {
  const earliest = faultBeganAt ?? told;
  return span(told, now) >= 0 && span(earliest, told) >= 0 ? told : now;
}

/** When the fault is to end; undefined while it has not begun. */
export function faultEndsAt({
  faultBeganAt,
  order,
}: Pick<Drill, 'faultBeganAt' | 'order'>): Instant | undefined {
  return faultBeganAt && later(faultBeganAt, order.kind.duration);
}

function begin(drill: Drill, now: Instant, patience: DrillPatience): DrillTurn {
  if (drill.abort) return endAborted(drill, now);
  if (span(drill.order.requestedAt, now) > patience.begin) {
    const why = drill.problem ?? 'The portal was not there to begin it.';
    return end(drill, now, 'notBegun', why);
  }
  return {
    drill: { ...drill, lookedAt: now },
    events: [],
    effect: 'beginFault',
  };
}

function watchFault(drill: Drill, now: Instant): DrillTurn {
  const { kind } = drill.order;
  if (drill.abort) return endAborted(drill, now);
  const violated = drill.findings.find(
    finding =>
      finding.outcome === 'notMet' &&
      expectationOf(kind, finding).within === undefined,
  );
  if (violated) {
    const { title } = expectationOf(kind, violated);
    const what = `${violated.device}: ${violated.value ?? 'it was otherwise'}`;
    return end(drill, now, 'notMet', `Expected was: ${title}. ${what}.`);
  }
  if (span(drill.order.requestedAt, now) >= drill.order.longest) {
    const limit = sayDuration(drill.order.longest);
    return end(drill, now, 'tooLong', `It took longer than ${limit}.`);
  }
  const until = faultEndsAt(drill);
  return until !== undefined && span(until, now) >= 0
    ? end(drill, now, 'done', 'The fault held as long as planned.')
    : { drill, events: [] };
}

function watchRecovery(drill: Drill, now: Instant): DrillTurn {
  const { kind } = drill.order;
  const isTold = drill.findings.every(
    finding =>
      finding.outcome !== 'open' ||
      expectationOf(kind, finding).within === undefined,
  );
  const { faultEndedAt } = drill;
  const isLongAgo =
    faultEndedAt !== undefined && span(faultEndedAt, now) >= kind.recovery;
  return drill.abort || isTold || isLongAgo
    ? finish(drill, now)
    : { drill, events: [] };
}

function look(drill: Drill, sight: DrillSight, now: Instant): Drill {
  const findings = judgeLook(drill, sight, now);
  return { ...drill, findings, lookedAt: now };
}

function end(
  drill: Drill,
  now: Instant,
  reason: EndReason,
  message: string,
): DrillTurn {
  return {
    drill: {
      ...drill,
      phase: 'ending',
      lookedAt: now,
      ending: { reason, message },
    },
    events: [{ type: 'faultEnding', reason, message }],
    effect: 'endFault',
  };
}

function endAborted(drill: Drill, now: Instant): DrillTurn {
  return end(drill, now, 'aborted', drill.abort?.reason ?? 'It was aborted.');
}

function interrupted(drill: Drill, message: string): Drill {
  return { ...drill, ending: { reason: 'interrupted', message } };
}

function finish(drill: Drill, now: Instant): DrillTurn {
  const findings = closeFindings(drill, now, 'all');
  const closed: Drill = { ...drill, findings };
  const verdict = verdictOf(closed);
  return {
    drill: { ...closed, phase: 'over', overAt: now, lookedAt: now, verdict },
    events: [{ type: 'drillOver', verdict, findings }],
  };
}

function sayUnwatched(gap: Milliseconds): string {
  return `Nobody watched it for ${sayDuration(
    gap,
  )}, so nobody can say what happened meanwhile.`;
}

function span(from: Instant, to: Instant): Milliseconds {
  return Date.parse(to) - Date.parse(from);
}
