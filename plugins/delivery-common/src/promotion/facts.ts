// SPDX-License-Identifier: Apache-2.0
import type { CanaryFault, CanaryVerdict } from '../canary/judge/judgeCanary';
import type { TargetState } from '../cluster/targetState';
import type { GateFacts } from '../gates/facts';
import type { Known } from '../gates/known';
import type { Instant } from '../time';
import type { WaveReport } from '../wave/report';
import type { Declaration, Promotion, PromotionCommit } from './promotion';

/** One target as its cluster shows it, joined with what Git knows of the revisions. */
export interface TargetFact {
  readonly state: TargetState;
  /** The applied revision contains the promotion's commit; undefined when that is unknown. */
  readonly appliedContains?: boolean;
  /** The attempted revision contains it; undefined when that is unknown. */
  readonly attemptedContains?: boolean;
}

/** The judge's word, as far as a promotion depends on it. */
export type JudgedCanary = Pick<CanaryVerdict, 'decision' | 'sentence'> & {
  readonly faults: readonly CanaryFault[];
  /** The step that it is about, in percent, and whether it was watched as long as was asked. */
  readonly weight: number;
  readonly soaked: boolean;
};

/** Everything a decision about a promotion may depend on, at one moment. */
export interface Facts {
  readonly now: Instant;
  /** What the pipeline document says about the stage now; undefined value: the stage is gone or has no targets. */
  readonly declaration: Known<Declaration | undefined>;
  readonly gates: GateFacts;
  /** The promotion's commit on the remote branch; undefined value: there is none. */
  readonly commit: Known<PromotionCommit | undefined>;
  /** By target key. A missing one is unknown. */
  readonly targets: Readonly<Record<string, TargetFact>>;
  /** What the judge says of canaries that get traffic now, by target key. */
  readonly verdicts: Readonly<Record<string, Known<JudgedCanary>>>;
  /** Of a promotion whose wave has begun. */
  readonly wave?: WaveReport;
  /** False while a promotion that gave way to this one may still have a write under way. */
  readonly predecessorsSettled: boolean;
}

/** The kinds of facts that cost something to get. */
export type FactKind =
  | 'declaration'
  | 'gates'
  | 'commit'
  | 'targets'
  | 'verdicts'
  | 'predecessors';

/** The facts that {@link next} looks at in the promotion's phase; others need not be asked for. */
export function factsNeededBy(promotion: Promotion): readonly FactKind[] {
  switch (promotion.phase) {
    case 'waiting':
      return promotion.attempted
        ? ['declaration', 'gates', 'predecessors', 'commit']
        : ['declaration', 'gates', 'predecessors'];
    case 'writing':
      return promotion.kind === 'rollback' || promotion.declaration.blueGreen
        ? ['declaration', 'gates', 'predecessors', 'commit', 'targets']
        : ['declaration', 'gates', 'predecessors', 'commit'];
    case 'reconciling':
    case 'verifying':
      return ['targets', 'verdicts'];
    default:
      return [];
  }
}
