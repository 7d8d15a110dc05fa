// SPDX-License-Identifier: Apache-2.0
import type { Milliseconds } from '../time';

/** What is done to a device. An executor knows how. */
export const drillFaults = [
  'networkOff',
  'networkFlapping',
  'load',
  'storageFull',
  'memoryPressure',
  'containerRestart',
  'suddenReboot',
  'heat',
  'powerOff',
  'undervoltage',
] as const;
export type DrillFault = (typeof drillFaults)[number];

/**
 * What can be seen of a device, as a question with a yes or a no:
 * - `away`, `connected`: whether the portal hears it;
 * - `troubled`, `healthy`: what its health says;
 * - `busy`: whether its processors have work, above {@link busyFrom} percent;
 * - `cool`: whether it is below the critical temperature of its hardware;
 * - `ready`: whether as many pods of the service run there as before;
 * - `notRestarted`: whether those are the pods from before, none of them started anew;
 * - `restarted`: whether those are the pods from before, and each of their containers was started anew;
 * - `restartedOnce`: whether those are the pods from before, and none of their containers was started anew
 *   more than once;
 * - `bootedAnew`: whether the portal hears it, and it tells another boot than before;
 * - `readyAnew`: whether as many pods of the service run there as before, and each was started since;
 * - `sameRelease`: whether they still run the release that is tried;
 * - `othersWell`: whether the site's other devices are as they were.
 */
export type DrillQuestion =
  | 'away'
  | 'connected'
  | 'troubled'
  | 'healthy'
  | 'busy'
  | 'cool'
  | 'ready'
  | 'notRestarted'
  | 'restarted'
  | 'restartedOnce'
  | 'bootedAnew'
  | 'readyAnew'
  | 'sameRelease'
  | 'othersWell';

/** Percent of its processors from which on a device is busy. */
export const busyFrom = 80;

/** Something that a drill expects of each of its devices. */
export interface Expectation {
  /** Of the kind: every question is asked once. */
  readonly asks: DrillQuestion;
  /** For people: `The portal shows the device as away`. */
  readonly title: string;
  /** When it is looked at: while the fault holds, after its end, or both. */
  readonly during: 'fault' | 'recovery' | 'throughout';
  /**
   * Must have become so in this time from the beginning of `during`. Left out: it must be so at every
   * look.
   */
  readonly within?: Milliseconds;
}

/** One kind of drill: what is done, for how long, and what is expected. */
export interface DrillKind {
  /** Stable, for example `offline-5m`. */
  readonly name: string;
  readonly title: string;
  /** What it does to the devices, in a sentence for those who start it. */
  readonly consequence: string;
  readonly fault: DrillFault;
  /** How long the fault holds. */
  readonly duration: Milliseconds;
  /** How long devices are watched after that, at most. */
  readonly recovery: Milliseconds;
  /** The only hardware that it means anything for. */
  readonly hardware?: readonly string[];
  readonly expects: readonly Expectation[];
}
