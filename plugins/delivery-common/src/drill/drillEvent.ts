// SPDX-License-Identifier: Apache-2.0
import type {
  DrillOrder,
  DrillVerdict,
  EndReason,
  DrillFinding,
} from './drill';

/** What happens to a drill, as its stream of the event log holds it. */
export type DrillEvent =
  | { readonly type: 'drillRequested'; readonly order: DrillOrder }
  | { readonly type: 'faultBegun' }
  | {
      readonly type: 'faultEnding';
      readonly reason: EndReason;
      readonly message: string;
    }
  | { readonly type: 'faultEnded' }
  | { readonly type: 'drillAborted'; readonly reason: string }
  | {
      readonly type: 'drillOver';
      readonly verdict: DrillVerdict;
      readonly findings: readonly DrillFinding[];
    }
  | { readonly type: 'signedOff'; readonly reason?: string }
  | { readonly type: 'sentBack'; readonly reason?: string };
