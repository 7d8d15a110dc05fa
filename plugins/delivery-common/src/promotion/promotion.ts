// SPDX-License-Identifier: Apache-2.0
import type { CanaryDecision, CanaryFault } from '../canary/judge/judgeCanary';
import type { GivenOrder } from '../canary/order/engineOrder';
import type { CanaryEnd } from '../canary/run/canaryRun';
import type { CanaryMove } from '../canary/run/timeline';
import type { GateVerdict } from '../gates/verdict';
import type {
  BlueGreenStrategy,
  CanaryStrategy,
  GateDefinition,
  StageKind,
  Target,
  WaveStrategy,
} from '../pipeline/pipeline';
import type { Release } from '../release/release';
import type { Instant } from '../time';
import type { BlueGreenProgress } from './blueGreen';

/** Who acts when the portal does something by itself. */
export const PORTAL_ACTOR = 'plugin:delivery';

/** A rollback is a promotion backwards: the same road, but no gates are asked. */
export type PromotionKind = 'promotion' | 'rollback';

/**
 * How a rollback treats engines that give new versions their traffic step by step:
 * - `fast`: the commit tells them to skip that, and a second commit takes this back afterwards.
 * - `safe`: the older release goes through all steps, watched and judged as in a promotion.
 */
export type RollbackMode = 'fast' | 'safe';

export type Phase = Promotion['phase'];

/** The part of a release that a promotion needs, kept as it was when it was asked for. */
export type PromotedRelease = Pick<
  Release,
  'id' | 'version' | 'commit' | 'images'
>;

/** What the pipeline document says about the stage, as far as a promotion depends on it. */
export interface Declaration {
  readonly stageTitle: string;
  readonly stageKind: StageKind;
  readonly gates: readonly GateDefinition[];
  readonly targets: readonly Target[];
  /** Names of the images that the service deploys. */
  readonly images: readonly string[];
  readonly fleet: { readonly repository: string; readonly branch: string };
  readonly strategy?: CanaryStrategy;
  readonly blueGreen?: BlueGreenStrategy;
  readonly wave?: WaveStrategy;
}

export interface Approval {
  /** Entity ref of the approver. */
  readonly by: string;
  readonly at: Instant;
  readonly reason?: string;
}

/** The promotion's commit in the fleet repository. */
export interface PromotionCommit {
  readonly sha: string;
  readonly branch: string;
  readonly url?: string;
  /** False when the branch already declared what was wanted. */
  readonly changed: boolean;
  /** It also tells engines to skip their analysis, which must be taken back. */
  readonly skipsAnalysis?: true;
}

/** Something that stops a promotion, with a stable code and what to do about it. */
export interface PromotionProblem {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

/** What the portal thinks of a canary, and since when. */
export interface CanaryJudgement {
  readonly at: Instant;
  readonly decision: CanaryDecision;
  readonly sentence: string;
  readonly faults: readonly CanaryFault[];
  /** Weight that it was about, in percent. */
  readonly weight: number;
}

/** How far an engine has come with the release in one target. */
export interface CanaryProgress {
  /** Phases and weights in the order in which they were seen. */
  readonly moves: readonly CanaryMove[];
  /** Names the content that the engine compares; another one was not agreed to. */
  readonly checksum?: string;
  readonly judgement?: CanaryJudgement;
  /** The last order to an engine that does not ask. */
  readonly order?: GivenOrder;
}

/** What people told a canary to do. Each stays until it is taken back or used up. */
export interface CanarySteering {
  readonly paused?: Steered;
  /** When it was let go on the last time; patience begins anew there. */
  readonly resumedAt?: Instant;
  /** Used up when the weight changes. */
  readonly stepNow?: Steered & { readonly weight: number };
  readonly promoteFully?: Steered;
  /** After this nothing else counts. */
  readonly abort?: Steered;
}

/** Somebody's word to a canary. */
export interface Steered {
  readonly by: string;
  readonly at: Instant;
  readonly reason?: string;
}

/** How far one target has come. */
export interface TargetProgress {
  readonly requested?: {
    readonly at: Instant;
    readonly outcome: 'accepted' | 'refused';
    readonly message?: string;
  };
  readonly applied?: {
    readonly at: Instant;
    readonly revision: string;
  };
  /** Set from the first moment an engine was seen giving the release its traffic. */
  readonly canary?: CanaryProgress;
  readonly blocked?: TargetBlocked;
  /** Tokens with which Flux was asked to look, where a promotion has several commits. */
  readonly asked?: readonly string[];
}

/** The named problem of a target that was seen last. */
export interface TargetBlocked {
  readonly problem: PromotionProblem;
  readonly since: Instant;
  /** When it was seen to be there no more; undefined while it lasts. */
  readonly goneAt?: Instant;
}

/** Why a target counts as done: what its cluster showed, live, at one moment. */
export interface TargetProof {
  readonly target: string;
  readonly seenAt: Instant;
  /** The Flux revision that was applied, when it is known to contain the commit. */
  readonly revision?: string;
  /** Images of the workload's template. */
  readonly images: readonly string[];
  readonly replicas: number;
  /** How the engine ended that moved the traffic, where one did. */
  readonly canary?: CanaryEnd;
}

interface Asked {
  readonly id: string;
  readonly kind: PromotionKind;
  /** Entity ref of the service. */
  readonly service: string;
  readonly stage: string;
  readonly declaration: Declaration;
  readonly release: PromotedRelease;
  /** The release that ran in the stage when this was asked for, when known. */
  readonly replaces?: PromotedRelease;
  readonly requestedBy: string;
  readonly requestedAt: Instant;
  readonly reason?: string;
  /** Shared by all promotions of one rollback. */
  readonly rollback?: string;
  /** Of a rollback. */
  readonly mode?: RollbackMode;
  /** Of a fast rollback: Git tells engines to skip their analysis because of it, or may do so. */
  readonly skipsAnalysis?: boolean;
  /** Ids of the promotions that gave way to this one. */
  readonly supersedes: readonly string[];
  readonly approvals: readonly Approval[];
  /** The gates' answers when they last decided something. */
  readonly verdicts: readonly GateVerdict[];
  /** Of targets with two colours, from the moment before the commit. */
  readonly colours?: BlueGreenProgress;
}

/** Somebody wants it stopped; it is when Git shows that nothing was written. */
export interface Stop {
  readonly by: string;
  readonly at: Instant;
  readonly reason?: string;
}

interface BeforeCommit extends Asked {
  /** True once `writing` was entered: a commit may exist that nobody recorded. */
  readonly attempted: boolean;
  readonly stop?: Stop;
}

interface AfterCommit extends Asked {
  readonly commit: PromotionCommit;
  readonly committedAt: Instant;
  /** By {@link targetKey}. */
  readonly progress: Readonly<Record<string, TargetProgress>>;
  readonly steering?: CanarySteering;
}

interface Ended extends Asked {
  readonly finishedAt: Instant;
  readonly commit?: PromotionCommit;
  readonly progress?: Readonly<Record<string, TargetProgress>>;
  readonly steering?: CanarySteering;
}

/** One release on its way to one stage. Fields exist only in the phases that have them. */
export type Promotion =
  | (BeforeCommit & { readonly phase: 'waiting' })
  | (BeforeCommit & { readonly phase: 'writing' })
  | (AfterCommit & { readonly phase: 'reconciling' })
  | (AfterCommit & { readonly phase: 'verifying' })
  | (Ended & {
      readonly phase: 'succeeded';
      readonly commit: PromotionCommit;
      readonly proof: readonly TargetProof[];
    })
  | (Ended & { readonly phase: 'failed'; readonly problem: PromotionProblem })
  | (Ended & {
      readonly phase: 'cancelled';
      readonly by: string;
      readonly why?: string;
    })
  | (Ended & {
      readonly phase: 'superseded';
      readonly by: { readonly promotion: string; readonly kind: PromotionKind };
    })
  | (Ended & {
      readonly phase: 'rejected';
      readonly by: string;
      readonly why: string;
    });

/** A promotion that still moves. */
export type ActivePromotion = Extract<
  Promotion,
  { phase: 'waiting' | 'writing' | 'reconciling' | 'verifying' }
>;

/** Every phase, and whether a promotion in it still moves. */
export const phases = {
  waiting: 'active',
  writing: 'active',
  reconciling: 'active',
  verifying: 'active',
  succeeded: 'terminal',
  failed: 'terminal',
  cancelled: 'terminal',
  superseded: 'terminal',
  rejected: 'terminal',
} as const satisfies Record<Phase, 'active' | 'terminal'>;

export function isActive(promotion: Promotion): promotion is ActivePromotion {
  return phases[promotion.phase] === 'active';
}

/** It has ended, but what it wrote for the sake of speed must still be taken back. */
export function owesAnalysis(promotion: Promotion): boolean {
  return !isActive(promotion) && promotion.skipsAnalysis === true;
}

/**
 * Names a target within a promotion: `<cluster>/<namespace>/<Kustomization>`, and of node groups, which
 * share a Kustomization, `/<group>` behind it.
 */
export function targetKey(target: Target): string {
  const { cluster, kustomization, nodeGroup } = target;
  const group = nodeGroup === undefined ? '' : `/${nodeGroup}`;
  return `${cluster}/${kustomization.namespace}/${kustomization.name}${group}`;
}

/** The images that the promotion writes: those of the release that the pipeline deploys. */
export function wantedImages(
  promotion: Pick<Promotion, 'release' | 'declaration'>,
): PromotedRelease['images'] {
  return promotion.release.images.filter(image =>
    promotion.declaration.images.includes(image.name),
  );
}
