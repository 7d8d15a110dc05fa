// SPDX-License-Identifier: Apache-2.0
import type {
  CanaryMinute,
  CustomCheck,
  Instant,
  Known,
} from '@causeway/plugin-delivery-common';
import type { CanaryQueries } from './canaryQueries';

/** Names of the workloads whose pods are the arms of a canary. */
export interface CanaryArms {
  readonly canary: string;
  readonly baseline: string;
  /** Default: ReplicaSets. */
  readonly kind?: 'Deployment';
}

/** Where the metrics of a canary come from. */
export interface CanarySource {
  readonly cluster: string;
  readonly namespace: string;
  /** Name of the Canary's target: the canary arm is `<name>`, the baseline `<name>-primary`, as Flagger names them. */
  readonly workload: string;
  /** Whose pods are the arms, where they are not called as Flagger calls them. */
  readonly arms?: CanaryArms;
  /** PromQL that takes the place of the server's. */
  readonly queries?: Partial<CanaryQueries>;
  /** What the team checks besides. One that can not be measured is noted, and spoils nothing else. */
  readonly checks?: readonly CustomCheck[];
}

/** How the traffic was divided; the first change of the weight ends the history. */
export interface CanaryTraffic {
  /** When the canary got its first traffic; minute 1 begins there. */
  readonly begin: Instant;
  /** Changes of the canary's share in percent, in any order; before the first it is 0. */
  readonly weights: readonly {
    readonly at: Instant;
    readonly percent: number;
  }[];
}

/** What both arms did, minute by minute. */
export interface MinuteReading {
  /** Whole minutes without a gap, the history (0 and less) first. A minute nobody spoke of has 0 scrapes. */
  readonly minutes: readonly CanaryMinute[];
  /** Upper bounds of the latency buckets in milliseconds, ascending, without the infinite one. */
  readonly boundsMs: readonly number[];
  readonly readAt: Instant;
  /** What a person should know of this reading: servers that differ or fail, samples left out. */
  readonly notes: readonly string[];
}

/** The metrics of canaries beside their baselines. */
export interface CanaryMetrics {
  /**
   * The minutes from the begin to the last whole one, and the history before. Never rejects: whatever
   * goes wrong is unknown with a sentence that says so. It may remember what a server said of minutes
   * that are over, for so long as late samples allow it; a fresh process reads the same.
   */
  read(
    source: CanarySource,
    traffic: CanaryTraffic,
    signal: AbortSignal,
  ): Promise<Known<MinuteReading>>;
}
