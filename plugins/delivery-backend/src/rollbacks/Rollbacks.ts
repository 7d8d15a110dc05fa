// SPDX-License-Identifier: Apache-2.0
import type {
  Known,
  ObjectDiff,
  PlannedRollback,
  Refused,
  RollbackChoices,
  RollbackMode,
} from '@causeway/plugin-delivery-common';
import type { StoredPromotion } from '../promotions/Promotions';

/** A wish to take stages back. */
export interface RollbackCommand {
  /** Entity ref. */
  readonly service: string;
  readonly stages: readonly string[];
  /** Release id; default is the release that ran before, in each stage. */
  readonly release?: string;
  readonly reason: string;
  /** @default 'fast' */
  readonly mode?: RollbackMode;
}

/** What a rollback would do in one stage, with the rendered difference. */
export interface RollbackPreview {
  readonly kind: 'planned';
  readonly service: string;
  readonly stages: readonly (PlannedRollback & {
    readonly diff: Known<{
      readonly objects: readonly ObjectDiff[];
      readonly unchanged: number;
    }>;
    /**
     * Set where an engine gives new versions their traffic step by step: whether a fast rollback
     * spares it that, or takes a whole canary all the same.
     */
    readonly canary?: 'fast' | 'whole';
  })[];
  /** Sentences. */
  readonly consequences: readonly string[];
}

/**
 * Taking stages back to an earlier release. A rollback asks no gates and makes whatever moves in
 * the stage give way. All stages are recorded in one transaction, or none.
 */
export interface Rollbacks {
  request(
    command: RollbackCommand,
    actor: string,
  ): Promise<
    | {
        readonly kind: 'requested';
        readonly rollback: string;
        readonly promotions: readonly StoredPromotion[];
      }
    | Refused
  >;
  /** The whole plan; writes nothing. */
  plan(
    command: RollbackCommand,
    signal: AbortSignal,
  ): Promise<RollbackPreview | Refused>;
  /** Per stage with targets: what it may be taken back to, and why not to others. */
  options(service: string): Promise<readonly RollbackChoices[] | Refused>;
}
