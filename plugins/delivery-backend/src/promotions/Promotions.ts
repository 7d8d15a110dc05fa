// SPDX-License-Identifier: Apache-2.0
import type {
  GateVerdict,
  Instant,
  Known,
  ObjectDiff,
  Phase,
  PromotedRelease,
  Promotion,
  PromotionEvent,
  Refused,
  SteeringAction,
  Unmet,
} from '@causeway/plugin-delivery-common';

/** A wish to bring a release to a stage. */
export interface PromotionCommand {
  /** Entity ref. */
  readonly service: string;
  readonly stage: string;
  /** Release id. */
  readonly release: string;
  readonly reason?: string;
}

/** A promotion as stored, with what it waits for. */
export interface StoredPromotion {
  readonly promotion: Promotion;
  /** Number of events so far. */
  readonly version: number;
  readonly updatedAt: Instant;
  /** What was missing when it was last looked at; empty when it ended. */
  readonly unmet: readonly Unmet[];
}

/** What a promotion would do. */
export interface PlannedPromotion {
  readonly kind: 'planned';
  readonly service: string;
  readonly stage: string;
  readonly release: PromotedRelease;
  /** The release that runs in the stage now, when known. */
  readonly replaces?: PromotedRelease;
  /** Commits of the service between the two, newest first. */
  readonly commits: readonly PromotedRelease['commit'][];
  readonly diff: Known<{
    readonly objects: readonly ObjectDiff[];
    readonly unchanged: number;
  }>;
  readonly gates: readonly GateVerdict[];
  /** Sentences. */
  readonly consequences: readonly string[];
  /** What stops it now. */
  readonly problems: readonly Refused[];
}

export type Requested = {
  readonly kind: 'requested';
  readonly stored: StoredPromotion;
};

/** A promotion that waits for somebody's approval, seen by one user. */
export interface WaitingApproval {
  readonly stored: StoredPromotion;
  /** The user may decide it. */
  readonly mine: boolean;
  readonly whyNot?: Refused;
  readonly waitingSince: Instant;
}

export interface HistoryPageOfPromotions {
  /** Newest request first. */
  readonly items: readonly StoredPromotion[];
  readonly nextCursor?: string;
}

/**
 * Asking for, deciding and reading promotions. Commands answer with a refusal as a value when a rule
 * says no; they throw only when something outside fails (ServiceUnavailableError, ConflictError).
 * `actor` is always the entity ref of the user, already allowed by the permission framework.
 */
export interface Promotions {
  request(
    command: PromotionCommand,
    actor: string,
  ): Promise<Requested | Refused>;
  /** Every rule that would refuse the request now; empty when it would be taken. */
  check(command: PromotionCommand): Promise<readonly Refused[]>;
  /** The whole plan; writes nothing. Refused only when service, stage or release do not exist. */
  plan(
    command: PromotionCommand,
    signal: AbortSignal,
  ): Promise<PlannedPromotion | Refused>;
  /** Answers of the stage's gates for a release that nobody asked to promote yet. */
  gatesFor(
    command: Pick<PromotionCommand, 'service' | 'stage' | 'release'>,
  ): Promise<readonly GateVerdict[]>;
  /** Answers of a promotion's gates: now while it waits, else when they last decided something. */
  gatesOf(promotion: Promotion): Promise<readonly GateVerdict[]>;
  approve(
    id: string,
    decision: { readonly reason?: string },
    actor: string,
  ): Promise<Requested | Refused>;
  reject(
    id: string,
    decision: { readonly reason?: string },
    actor: string,
  ): Promise<Requested | Refused>;
  cancel(
    id: string,
    decision: { readonly reason?: string },
    actor: string,
  ): Promise<Requested | Refused>;
  /** Tells the canaries of a promotion what to do. */
  steer(
    id: string,
    wish: { readonly action: SteeringAction; readonly reason?: string },
    actor: string,
  ): Promise<Requested | Refused>;
  /** Why the user may not approve it; undefined when they may. */
  mayApprove(id: string, actor: string): Promise<Refused | undefined>;
  /** Why it can not be cancelled; undefined when it can. */
  mayCancel(id: string): Promise<Refused | undefined>;
  get(id: string): Promise<StoredPromotion | undefined>;
  /** The events of a promotion, oldest first; its version is the index plus one. */
  events(id: string): Promise<readonly PromotionEvent[]>;
  /** Newest request first. */
  list(filter: {
    readonly service?: string;
    readonly stage?: string;
    readonly phases?: readonly Phase[];
    readonly release?: string;
    readonly limit: number;
  }): Promise<readonly StoredPromotion[]>;
  history(query: {
    readonly service: string;
    readonly stage?: string;
    readonly kind?: Promotion['kind'];
    readonly cursor?: string;
    readonly limit: number;
  }): Promise<HistoryPageOfPromotions>;
  /** Per stage of the service: the promotion that moves now and the newest that ended. */
  byStage(service: string): Promise<
    ReadonlyMap<
      string,
      {
        readonly active?: StoredPromotion;
        readonly last?: StoredPromotion;
      }
    >
  >;
  /** Promotions in which an approval gate waits; those the user may decide first. */
  approvals(actor: string): Promise<readonly WaitingApproval[]>;
  /** Calls back after events were stored; the returned function ends it. */
  subscribe(
    listener: (change: {
      readonly promotion: Promotion;
      readonly events: readonly PromotionEvent[];
    }) => void,
  ): () => void;
}
