// SPDX-License-Identifier: Apache-2.0
import type { DrillResult } from '../drill/drill';
import type { Instant } from '../time';
import type { Gate, GateDefinitionOf } from './gate';
import { sayDuration } from './sayDuration';
import type { GateVerdict } from './verdict';

/** How one wanted drill stands. */
interface Standing {
  readonly kind: string;
  readonly code:
    | 'counts'
    | 'drillMissing'
    | 'drillFailed'
    | 'drillUnsigned'
    | 'drillSentBack'
    | 'drillTooOld';
  readonly sentence: string;
}

/**
 * Every wanted drill has passed in an earlier stage with just this release, was signed off, and is not
 * too long ago. Of a kind the newest drill counts that told something: a failure after a success does.
 */
export const drill: Gate<'drill'> = {
  kind: 'drill',
  needs: ({ stage }) => [{ fact: 'drills', stage }],
  evaluate(definition, { question, facts, now }) {
    const about = { gate: definition.name, kind: definition.kind };
    const seen = facts.drills[definition.stage];
    if (!seen?.known) {
      return {
        ...about,
        verdict: 'waiting',
        code: 'drillsUnknown',
        reason: `The drills of ${definition.stage} can not be read now${
          seen ? `: ${seen.problem}` : '.'
        }`,
        owners: [],
        since: seen?.since ?? now,
      };
    }
    const ofRelease = seen.value.filter(
      ({ release }) => release === question.release.id,
    );
    const standings = definition.drills.map(kind =>
      standingOf(kind, ofRelease, definition, now),
    );
    return { ...about, ...answer(standings, question.release.version) };
  },
};

function answer(
  standings: readonly Standing[],
  version: string,
): Omit<GateVerdict, 'gate' | 'kind'> {
  const missing = standings.filter(({ code }) => code !== 'counts');
  if (missing.length === 0) {
    return {
      verdict: 'passed',
      code: 'drilled',
      reason: `${version} has passed ${standings
        .map(({ kind }) => kind)
        .join(', ')}, signed off.`,
      owners: [],
    };
  }
  return {
    verdict: 'waiting',
    code: missing[0].code,
    reason: `With ${version}: ${missing
      .map(({ sentence }) => sentence)
      .join('; ')}.`,
    owners: [],
  };
}

function standingOf(
  kind: string,
  results: readonly DrillResult[],
  { stage, maxAge }: GateDefinitionOf<'drill'>,
  now: Instant,
): Standing {
  const newest = newestThatTells(results.filter(each => each.kind === kind));
  const say = (code: Standing['code'], sentence: string): Standing => ({
    kind,
    code,
    sentence: `${kind} ${sentence}`,
  });
  if (!newest) return say('drillMissing', `has to pass in ${stage}`);
  if (newest.verdict === 'failed') {
    return say('drillFailed', `failed in ${stage}`);
  }
  if (newest.signature?.decision === 'sentBack') {
    return say('drillSentBack', 'was sent back and has to pass again');
  }
  const age = Date.parse(now) - Date.parse(newest.overAt);
  if (age > maxAge) {
    const allowed = sayDuration(maxAge);
    return say('drillTooOld', `passed more than ${allowed} ago`);
  }
  return newest.signature
    ? say('counts', 'passed')
    : say('drillUnsigned', 'passed and waits to be signed off');
}

function newestThatTells(
  results: readonly DrillResult[],
): DrillResult | undefined {
  return results
    .filter(({ verdict }) => verdict === 'passed' || verdict === 'failed')
    .reduce<DrillResult | undefined>(
      (newest, each) =>
        newest === undefined || each.overAt > newest.overAt ? each : newest,
      undefined,
    );
}
