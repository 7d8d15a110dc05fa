// SPDX-License-Identifier: Apache-2.0
import { later, type Instant } from '../time';
import type { Gate, GateDefinitionOf } from './gate';
import type { StageObservation } from './observation';
import { sayDuration } from './sayDuration';
import type { GateVerdict } from './verdict';

/**
 * The release was healthy in an earlier stage for long enough, watched all the time. Unknown is
 * waiting. A release that soaked and then moved on passes; one that fell ill there does not.
 */
export const soak: Gate<'soak'> = {
  kind: 'soak',
  needs: ({ stage }) => [{ fact: 'stage', stage }],
  evaluate(definition, { question, facts, now }) {
    const seen = facts.stages[definition.stage];
    const { version } = question.release;
    const about = { gate: definition.name, kind: definition.kind };
    if (!seen?.known) {
      return {
        ...about,
        verdict: 'waiting',
        code: 'clusterUnknown',
        reason: `What runs in ${definition.stage} can not be seen now${
          seen ? `: ${seen.problem}` : '.'
        }`,
        owners: [],
        since: seen?.since ?? now,
      };
    }
    if (!seen.value) {
      return {
        ...about,
        verdict: 'waiting',
        code: 'notThereYet',
        reason: `${version} was never seen in ${
          definition.stage
        }. It must be healthy there for ${sayDuration(definition.duration)}.`,
        owners: [],
      };
    }
    return {
      ...about,
      ...answer(definition, { version, seen: seen.value, now }),
    };
  },
};

function answer(
  definition: GateDefinitionOf<'soak'>,
  asked: {
    readonly version: string;
    readonly seen: StageObservation;
    readonly now: Instant;
  },
): Omit<GateVerdict, 'gate' | 'kind'> {
  const { version, seen, now } = asked;
  const { stage, duration } = definition;
  const enough = seen.soaked >= duration;
  const soaked = sayDuration(seen.soaked);
  const wanted = sayDuration(duration);
  const since = seen.since;
  if (enough && (seen.health === 'healthy' || seen.health === 'gone')) {
    return {
      verdict: 'passed',
      code: 'soaked',
      reason: `${version} was healthy in ${stage} for ${soaked}.`,
      owners: [],
      since,
    };
  }
  if (seen.health === 'healthy') {
    const rest = duration - seen.soaked;
    return {
      verdict: 'waiting',
      code: 'soaking',
      reason: `${version} has been healthy in ${stage} for ${soaked} of ${wanted}.`,
      owners: [],
      since,
      expected: later(now, rest),
    };
  }
  if (seen.health === 'gone') {
    return {
      verdict: 'waiting',
      code: 'leftStage',
      reason: `${version} left ${stage} after ${soaked} of ${wanted}; it must run there again.`,
      owners: [],
      since,
    };
  }
  return {
    verdict: 'waiting',
    code: 'notHealthyNow',
    reason: `${version} is not healthy in ${stage}; it must be for ${wanted}.`,
    owners: [],
    since,
  };
}
