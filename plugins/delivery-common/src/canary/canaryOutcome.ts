// SPDX-License-Identifier: Apache-2.0
import { targetKey, type Promotion } from '../promotion/promotion';

/**
 * How the canaries of a promotion ended:
 * - `promoted`, `fastPromoted` (without waiting for all steps), `neverRan` (the first version of all),
 * - `rolledBack` (by evidence or by the engine), `aborted` (by a person), `superseded` (by a newer version),
 * - `failed`: something else went wrong.
 */
export type CanaryOutcome =
  | 'promoted'
  | 'fastPromoted'
  | 'rolledBack'
  | 'aborted'
  | 'superseded'
  | 'neverRan'
  | 'failed';

/** Undefined while it is under way, and where no engine took part. */
export function canaryOutcome(promotion: Promotion): CanaryOutcome | undefined {
  const steering = 'steering' in promotion ? promotion.steering : undefined;
  switch (promotion.phase) {
    case 'succeeded': {
      const ends = promotion.proof
        .flatMap(({ canary }) => canary ?? [])
        // The version before was; this one went back to what was stable.
        .filter(end => end !== 'rolledBack');
      if (ends.length === 0) return undefined;
      if (ends.every(end => end === 'neverRan')) return 'neverRan';
      const hurried =
        steering?.promoteFully || ends.some(end => end === 'fastPromoted');
      return hurried ? 'fastPromoted' : 'promoted';
    }
    case 'failed':
      if (!wasCanary(promotion)) return undefined;
      if (promotion.problem.code !== 'canaryTakenBack') return 'failed';
      return steering?.abort ? 'aborted' : 'rolledBack';
    case 'superseded':
      if (!wasCanary(promotion)) return undefined;
      return promotion.by.kind === 'rollback' ? 'aborted' : 'superseded';
    default:
      return undefined;
  }
}

/** An engine was seen giving the release its traffic somewhere. */
export function wasCanary(promotion: Promotion): boolean {
  return canariesOf(promotion).some(({ moves }) => moves.length > 0);
}

/** The progress of every target of the promotion that an engine takes part in. */
export function canariesOf(promotion: Promotion) {
  const progress = ('progress' in promotion && promotion.progress) || {};
  return promotion.declaration.targets.flatMap(target => {
    const canary = progress[targetKey(target)]?.canary;
    return canary ? [canary] : [];
  });
}

/** The most traffic that the release had, in percent. */
export function highestWeight(promotion: Promotion): number {
  const weights = canariesOf(promotion).flatMap(({ moves }) =>
    moves.map(({ weight }) => weight),
  );
  return Math.max(0, ...weights);
}
