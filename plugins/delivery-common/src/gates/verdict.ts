// SPDX-License-Identifier: Apache-2.0
import type { Instant } from '../time';

/** The answer of one gate for one release at one moment. Unknown is `waiting`, never `passed`. */
export interface GateVerdict {
  readonly gate: string;
  readonly kind: string;
  readonly verdict: 'passed' | 'waiting' | 'failed' | 'bypassed';
  /** Stable code, for example `soaking`, `needsApproval`, `notHealthyYet`, `clusterUnknown`. */
  readonly code: string;
  /** A sentence: what is missing, or why it passed. */
  readonly reason: string;
  /** Who can do something about it: entity refs of people or groups; empty when time alone will. */
  readonly owners: readonly string[];
  readonly since?: Instant;
  /** When it is expected to pass by itself; the worker asks again then. */
  readonly expected?: Instant;
}
