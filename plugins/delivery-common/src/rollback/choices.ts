// SPDX-License-Identifier: Apache-2.0
import type { PromotedRelease } from '../promotion/promotion';
import type { Refused } from '../promotion/refusal';
import type { Instant } from '../time';

/** One release that a stage could be taken back to. */
export interface RollbackChoice {
  readonly release: PromotedRelease;
  /** The one that ran before the current one, and the default. */
  readonly previous: boolean;
  readonly ranFrom?: Instant;
  readonly ranUntil?: Instant;
  /** Why not; undefined when it may be chosen. */
  readonly refused?: Refused;
}

/** What can be done with one stage. */
export interface RollbackChoices {
  readonly stage: string;
  readonly title: string;
  /** The release that runs there, or was written last. */
  readonly current?: PromotedRelease;
  /** Why the stage can not be taken back at all; empty when it can. */
  readonly refused: readonly Refused[];
  /** Newest first. */
  readonly choices: readonly RollbackChoice[];
}

/** What a rollback would do in one stage. */
export interface PlannedRollback {
  readonly stage: string;
  readonly title: string;
  readonly from?: PromotedRelease;
  readonly to?: PromotedRelease;
  readonly problems: readonly Refused[];
}
