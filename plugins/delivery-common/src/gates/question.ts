// SPDX-License-Identifier: Apache-2.0
import type { Approval, PromotedRelease } from '../promotion/promotion';
import type { Instant } from '../time';

/** For whom the gates are asked: one release that wants into one stage. */
export interface GateQuestion {
  readonly release: PromotedRelease;
  /** Undefined while nobody asked for the promotion yet. */
  readonly requestedBy?: string;
  readonly requestedAt?: Instant;
  readonly approvals: readonly Approval[];
}
