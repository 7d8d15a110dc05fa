// SPDX-License-Identifier: Apache-2.0
import type { CanaryDecision, CanaryFault } from '../canary/judge/judgeCanary';
import type { EngineOrder, OrderOutcome } from '../canary/order/engineOrder';
import type { CanaryPhase } from '../canary/run/canaryRun';
import type { GateVerdict } from '../gates/verdict';
import type { Instant } from '../time';
import type { ColourChoices } from './blueGreen';
import type {
  Declaration,
  PromotedRelease,
  PromotionCommit,
  PromotionKind,
  PromotionProblem,
  RollbackMode,
  TargetProof,
} from './promotion';

interface Happened {
  readonly at: Instant;
  /** Entity ref of the person, or {@link PORTAL_ACTOR}. */
  readonly actor: string;
}

/** What a person can tell a canary. */
export type SteeringAction =
  | 'pause'
  | 'resume'
  | 'stepNow'
  | 'promoteFully'
  | 'abort';

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
        readonly mode?: RollbackMode;
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
    /** The problem seen last is there no more. */
    | { readonly type: 'targetUnblocked'; readonly target: string }
    /** The engine in the cluster took a step, or went over to something else. */
    | {
        readonly type: 'canaryMoved';
        readonly target: string;
        readonly phase: CanaryPhase;
        /** In percent. */
        readonly weight: number;
      }
    /** The engine asked about this content the first time; another is not what was agreed to. */
    | {
        readonly type: 'canaryBound';
        readonly target: string;
        readonly checksum: string;
      }
    /** The portal thinks otherwise than before, or the same of another step. */
    | {
        readonly type: 'canaryJudged';
        readonly target: string;
        readonly decision: CanaryDecision;
        readonly sentence: string;
        readonly faults: readonly CanaryFault[];
        readonly weight: number;
      }
    /** The portal told an engine that does not ask what to do; its sentence says why. */
    | {
        readonly type: 'canaryOrdered';
        readonly target: string;
        readonly order: EngineOrder;
        readonly outcome: OrderOutcome;
        readonly sentence: string;
        /** Why it was refused. */
        readonly message?: string;
      }
    /** A person told the canaries of the promotion what to do. */
    | {
        readonly type: 'canarySteered';
        readonly action: SteeringAction;
        /** The weight that `stepNow` is about. */
        readonly weight?: number;
        readonly reason?: string;
      }
    /** Which colour of each target gets the release, decided right before the commit. */
    | {
        readonly type: 'coloursChosen';
        readonly choices: ColourChoices;
        /** The commit switches, too. */
        readonly atOnce: boolean;
      }
    /** From here a commit that sends all requests to the new colours may exist. */
    | { readonly type: 'switchBegun' }
    | { readonly type: 'coloursSwitched'; readonly commit: PromotionCommit }
    /** The Service in the cluster was seen to select the new colour. */
    | { readonly type: 'colourServing'; readonly target: string }
    /** From here a commit that sends all requests back to the old colours may exist. */
    | { readonly type: 'switchBackBegun'; readonly problem: PromotionProblem }
    | { readonly type: 'coloursSwitchedBack'; readonly commit: PromotionCommit }
    /** The colours that nobody needs are scaled to nothing, or have got another use. Comes after its end. */
    | { readonly type: 'colourRetired'; readonly commit: PromotionCommit }
    /** Engines compare again: Git no longer tells them to skip it for this promotion. Comes after its end. */
    | {
        readonly type: 'analysisRestored';
        readonly commit: PromotionCommit;
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
