// SPDX-License-Identifier: Apache-2.0
import type { PipelineView, Reason } from '../api/views';
import type { TargetState } from '../cluster/targetState';
import type { GateVerdict } from '../gates/verdict';
import type { Pipeline } from '../pipeline/pipeline';
import type { PromotedRelease, Promotion } from '../promotion/promotion';
import type { Unmet } from '../promotion/step';
import type { Release } from '../release/release';
import type { Instant } from '../time';

/** A promotion with what it waited for when it was last looked at. */
export interface PromotionInView {
  readonly promotion: Promotion;
  readonly unmet: readonly Unmet[];
}

/** What is known of one stage with targets, for one viewer. */
export interface StageSituation {
  /** One for each of the stage's targets, in their order. */
  readonly targets: readonly TargetState[];
  readonly active?: PromotionInView;
  /** The newest promotion that ended. */
  readonly last?: PromotionInView;
  /** When the running release was first seen healthy here. */
  readonly arrivedAt?: Instant;
  /** The release that could come next, with the answers of the gates before this stage. */
  readonly candidate?: {
    readonly release: PromotedRelease;
    readonly gates: readonly GateVerdict[];
    /** Why the viewer may not ask for it; empty when they may. */
    readonly reasons: readonly Reason[];
  };
  /** Why the viewer may not take the stage back; empty when they may. */
  readonly rollback: readonly Reason[];
  /** Why the viewer may not decide the waiting promotion; undefined when no approval waits. */
  readonly decide?: readonly Reason[];
  /** Why the viewer may not cancel the active promotion; undefined when there is none. */
  readonly cancel?: readonly Reason[];
  /** Why the viewer may not let a promotion switch the colours, or switch them back; left out when they may. */
  readonly switchNow?: readonly Reason[];
  readonly switchBack?: readonly Reason[];
}

/** Everything that a service's pipeline page shows, for one viewer at one moment. */
export interface PipelineSituation {
  readonly service: string;
  readonly revision: string;
  readonly document: PipelineView['document'];
  /** Undefined while no valid document is known. */
  readonly pipeline?: Pipeline;
  /** Newest first. */
  readonly releases: readonly Release[];
  /** The releases by every digest that runs somewhere; a missing digest is no known release. */
  readonly byDigest: ReadonlyMap<string, Release>;
  /** By name; only stages with targets. */
  readonly stages: ReadonlyMap<string, StageSituation>;
  /** The service's newest promotions, newest first. */
  readonly promotions: readonly PromotionInView[];
}
