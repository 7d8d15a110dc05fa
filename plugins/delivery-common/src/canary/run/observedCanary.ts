// SPDX-License-Identifier: Apache-2.0
import type {
  ObservedCondition,
  ObservedIdentity,
} from '../../cluster/observed';
import type { Milliseconds } from '../../time';

/** What we keep of a Flagger `Canary` (flagger.app/v1beta1). The times of its status are left out: they move at every look. */
export interface ObservedCanary extends ObservedIdentity {
  readonly target: { readonly kind: string; readonly name: string };
  readonly provider?: string;
  readonly suspended: boolean;
  readonly skipAnalysis: boolean;
  readonly analysis: {
    /** Undefined when the manifest gives none, which Flagger takes for a minute. */
    readonly interval?: Milliseconds;
    readonly threshold?: number;
    readonly iterations?: number;
    readonly stepWeight?: number;
    readonly maxWeight?: number;
    readonly stepWeights: readonly number[];
    readonly mirror: boolean;
    /** Traffic is chosen by headers or cookies. */
    readonly matches: boolean;
    /** Types of the webhooks. */
    readonly hooks: readonly string[];
  };
  /** Undefined before Flagger saw the object. */
  readonly phase?: string;
  readonly canaryWeight: number;
  readonly failedChecks: number;
  readonly iterations: number;
  readonly lastAppliedSpec?: string;
  readonly lastPromotedSpec?: string;
  readonly conditions: readonly ObservedCondition[];
}
