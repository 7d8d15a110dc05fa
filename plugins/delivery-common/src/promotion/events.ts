// SPDX-License-Identifier: Apache-2.0
import type { GateVerdict } from '../gates/verdict';
import type { Instant } from '../time';
import type {
  Declaration,
  PromotedRelease,
  PromotionCommit,
  PromotionKind,
  PromotionProblem,
  TargetProof,
} from './promotion';

interface Happened {
  readonly at: Instant;
  /** Entity ref of the person, or {@link PORTAL_ACTOR}. */
  readonly actor: string;
}

/** Something that happened to a promotion. Each event carries what a later reader needs. */
export type PromotionEvent = Happened &
  (
    | {
        readonly type: 'requested';
        readonly promotion: string;
        readonly kind: PromotionKind;
        readonly service: string;
        readonly stage: string;
        readonly declaration: Declaration;
        readonly release: PromotedRelease;
        readonly replaces?: PromotedRelease;
        readonly reason?: string;
        readonly rollback?: string;
        readonly supersedes: readonly string[];
      }
    | {
        readonly type: 'approved';
        readonly reason?: string;
        /** Names of the gates whose group the approver belonged to. */
        readonly gates: readonly string[];
      }
    | { readonly type: 'rejected'; readonly reason: string }
    /** The pipeline document changed what was agreed to; approvals given before count no more. */
    | {
        readonly type: 'reconfigured';
        readonly declaration: Declaration;
        readonly withdrawn: readonly string[];
      }
    | {
        readonly type: 'gatesPassed';
        readonly verdicts: readonly GateVerdict[];
      }
    /** A gate that had passed did not when it was asked again before writing. */
    | {
        readonly type: 'gateClosed';
        readonly verdicts: readonly GateVerdict[];
      }
    | { readonly type: 'cancelRequested'; readonly reason?: string }
    | { readonly type: 'cancelled'; readonly reason?: string }
    | {
        readonly type: 'superseded';
        readonly by: {
          readonly promotion: string;
          readonly kind: PromotionKind;
        };
      }
    | {
        readonly type: 'committed';
        readonly commit: PromotionCommit;
      }
    | {
        readonly type: 'reconcileRequested';
        readonly target: string;
        readonly token: string;
        readonly outcome: 'accepted' | 'refused';
        readonly message?: string;
      }
    | {
        readonly type: 'targetApplied';
        readonly target: string;
        readonly revision: string;
        /** `ancestry`: the revision contains the commit. `digest`: that is unknown, but the workload declares the digests. */
        readonly basis: 'ancestry' | 'digest';
      }
    | {
        readonly type: 'targetBlocked';
        readonly target: string;
        readonly problem: PromotionProblem;
      }
    | {
        readonly type: 'succeeded';
        readonly proof: readonly TargetProof[];
      }
    | {
        readonly type: 'failed';
        readonly problem: PromotionProblem;
        readonly target?: string;
      }
  );

export type PromotionEventType = PromotionEvent['type'];
export type PromotionEventOf<T extends PromotionEventType> = Extract<
  PromotionEvent,
  { readonly type: T }
>;
