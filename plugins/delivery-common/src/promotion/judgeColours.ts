// SPDX-License-Identifier: Apache-2.0
import { colouredName, smokeTestName } from '../cluster/describeColours';
import type { Target } from '../pipeline/pipeline';
import { later, type Milliseconds } from '../time';
import type { Facts, TargetFact } from './facts';
import type { TargetJudgement } from './judgeTarget';
import { moving, problem } from './judgements';
import { targetKey, type ActivePromotion } from './promotion';

type Following = Extract<
  ActivePromotion,
  { phase: 'reconciling' | 'verifying' }
>;

/** Flux was asked and acts within seconds; where it could not be asked, it looks by itself. */
export const PATIENCE_WITH_SERVICE: Milliseconds = 12 * 60_000;

/** Flux makes the Job with the pods that it tries. */
const PATIENCE_WITH_JOB: Milliseconds = 2 * 60_000;

/** The fact as the new colour's workload shows it, which is what has to prove the release. */
export function factOfColour(
  { colours }: Following,
  fact: TargetFact,
): TargetFact {
  const { target, colours: shown } = fact.state;
  const choice = colours?.choices[targetKey(target)];
  if (!choice || !shown) return fact;
  const { workload } = target;
  return {
    ...fact,
    state: {
      ...fact.state,
      target: {
        ...target,
        workload: {
          ...workload,
          name: colouredName(workload.name, choice.to),
        },
      },
      workload: shown[choice.to],
    },
  };
}

/**
 * A workload that is ready is not enough: before the switch its smoke test must have passed, where
 * there is one, and after it the Service in the cluster must select it.
 */
export function judgeColour(
  promotion: Following,
  target: Target,
  judged: TargetJudgement,
  facts: Facts,
): TargetJudgement {
  const { colours } = promotion;
  if (!colours || !('applied' in judged) || !judged.applied) return judged;
  return colours.switching
    ? judgeService(promotion, target, judged, facts)
    : judgeSmokeTest(promotion, target, judged, facts);
}

/** What goes back ran before and is not tried again. */
function judgeSmokeTest(
  promotion: Following,
  target: Target,
  judged: TargetJudgement,
  facts: Facts,
): TargetJudgement {
  const key = targetKey(target);
  const choice = promotion.colours?.choices[key];
  const appliedAt = promotion.progress[key]?.applied?.at ?? facts.now;
  const { smokeTest } = target;
  const isTried = smokeTest && choice && choice.to !== choice.live;
  if (!isTried || promotion.kind === 'rollback') return judged;
  const name = smokeTestName(smokeTest, promotion.id, choice.to);
  const where = `Smoke test ${name} in ${target.cluster}`;
  const shown = facts.targets[key]?.state.colours?.smokeTests?.[name];
  if (shown?.state === 'failed') {
    return problem(
      'smokeTestFailed',
      `${where} failed${shown.message ? `: ${shown.message}` : '.'}`,
    );
  }
  if (judged.state !== 'proven' || shown?.state === 'passed') return judged;
  const { applied } = judged;
  if (shown) return { ...moving('smokeTest', `${where} runs.`), applied };
  const text = `${where} has not begun.`;
  const until = later(appliedAt, PATIENCE_WITH_JOB);
  return until > facts.now
    ? { ...moving('smokeTest', text), applied, until }
    : { ...problem('smokeTestMissing', text), applied };
}

function judgeService(
  promotion: Following,
  target: Target,
  judged: TargetJudgement,
  facts: Facts,
): TargetJudgement {
  const { colours } = promotion;
  const key = targetKey(target);
  const choice = colours?.choices[key];
  if (judged.state !== 'proven' || !choice || !colours?.switched) return judged;
  const live = facts.targets[key]?.state.colours?.live;
  if (live === choice.to) return judged;
  const where = `${target.workload.name} in ${target.cluster}`;
  const { applied } = judged;
  const text = `Service ${where} still sends requests to ${
    live ?? 'neither colour'
  }, not to ${choice.to}.`;
  const until = later(colours.switched.at, PATIENCE_WITH_SERVICE);
  if (colours.serving[key]) {
    return {
      ...problem(
        'notServing',
        `Service ${where} was told to send requests to ${
          live ?? 'neither colour'
        } instead of ${choice.to}, and not by this promotion.`,
      ),
      applied,
    };
  }
  return until > facts.now
    ? { ...moving('switching', text), applied, until }
    : { ...problem('notServing', text), applied };
}
