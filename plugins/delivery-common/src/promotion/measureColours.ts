// SPDX-License-Identifier: Apache-2.0
import { later, type Instant } from '../time';
import {
  beginReturn,
  byPortal,
  record,
  wait,
  type Following,
  type Seen,
} from './colourSteps';
import type { Facts } from './facts';
import type { Step } from './step';

/** What the metrics say otherwise than before. Evidence against a version stays. */
export function newlyJudged(
  promotion: Following,
  targets: readonly Seen[],
  facts: Facts,
): Step | undefined {
  if (!isMeasured(promotion)) return undefined;
  for (const { key } of targets) {
    const verdict = facts.verdicts[key];
    if (!verdict) continue;
    const last = promotion.progress[key]?.canary?.judgement;
    const judged = verdict.known
      ? verdict.value
      : { decision: 'hold' as const, sentence: verdict.problem, faults: [] };
    const isNew = last?.decision !== judged.decision;
    if (!isNew || last?.decision === 'rollBack') continue;
    const { decision, sentence, faults } = judged;
    return record({
      ...byPortal(facts),
      type: 'canaryJudged',
      target: key,
      decision,
      sentence,
      faults,
      weight: 100,
    });
  }
  return undefined;
}

/** Evidence in the metrics of one target takes all back, as they were switched together. */
export function measuredFault(
  promotion: Following,
  targets: readonly Seen[],
  facts: Facts,
): Step | undefined {
  if (!isMeasured(promotion)) return undefined;
  for (const { key } of targets) {
    const judged = promotion.progress[key]?.canary?.judgement;
    if (judged?.decision !== 'rollBack') continue;
    const message = judged.sentence;
    return beginReturn(facts, { code: 'switchedBack', message });
  }
  return undefined;
}

/** Only from the switch on, only where the document has limits, and not after a person let it pass. */
export function isMeasured(promotion: Following): boolean {
  return (
    promotion.kind === 'promotion' &&
    promotion.declaration.blueGreen?.metrics !== undefined &&
    promotion.colours?.switched !== undefined &&
    !isLetPass(promotion)
  );
}

/** The word came after the switch, so it is not the one that switched. */
export function isLetPass({ steering, colours }: Following): boolean {
  const word = steering?.promoteFully;
  const { switching } = colours ?? {};
  return !!word && switching !== undefined && word.at > switching;
}

/** What the metrics say so far, or what keeps them from saying something. */
export function sayWatched(
  promotion: Following,
  targets: readonly Seen[],
  { verdicts }: Facts,
): string {
  const plain = `${promotion.release.version} serves and is watched.`;
  if (!isMeasured(promotion)) return plain;
  const words = targets.map(({ key }) => {
    const verdict = verdicts[key];
    if (!verdict) return plain;
    return verdict.known ? verdict.value.sentence : verdict.problem;
  });
  return words.join(' ');
}

/** The watch is over, but the metrics have not said that the version is well: silence is no consent. */
export function undecided(
  promotion: Following,
  targets: readonly Seen[],
  facts: Facts,
  until: Instant | undefined,
): Step | undefined {
  const { colours, declaration } = promotion;
  const { metrics, watch } = declaration.blueGreen ?? {};
  if (!isMeasured(promotion) || !colours || !metrics || !watch)
    return undefined;
  const isWell = targets.every(({ key }) => {
    const verdict = facts.verdicts[key];
    return (
      verdict?.known &&
      verdict.value.decision === 'goOn' &&
      verdict.value.soaked
    );
  });
  if (isWell) return undefined;
  const text = sayWatched(promotion, targets, facts);
  const end = until && later(until, watch);
  const isOver = end !== undefined && end <= facts.now;
  if (isOver && metrics.undecided === 'switchBack') {
    return beginReturn(facts, {
      code: 'switchedBack',
      message: `It could not be decided in time whether it is well: ${text}`,
    });
  }
  return wait(
    targets,
    [{ on: 'decision' }, { on: 'time', at: lookAgain(facts) }],
    {
      code: 'notDecided',
      text: `${text} Both versions run until this is known, or a person lets it pass or switches back.`,
      owners: [],
      ...(isOver && { problem: true as const }),
    },
  );
}

/** Metrics do not call back. */
export function lookAgain({ now }: Facts): Instant {
  return later(now, 15_000);
}
