// SPDX-License-Identifier: Apache-2.0

/** A rule said no. A value, not an exception: callers show it, nothing was changed. */
export interface Refused {
  readonly kind: 'refused';
  /** Stable code, for example `unknownRelease`, `ownRelease`, `notInGroup`. */
  readonly code: RefusalCode;
  /** A sentence that says why. */
  readonly reason: string;
  /** What to do instead. */
  readonly hint: string;
  /** Who can do something about it: entity refs. */
  readonly owners: readonly string[];
}

export type RefusalCode =
  | 'invalidPipeline'
  | 'unknownService'
  | 'unknownRelease'
  | 'unknownStage'
  | 'stageWithoutTargets'
  | 'stageBeforeNotReached'
  | 'alreadyThere'
  | 'alreadyRequested'
  | 'promotionRunning'
  | 'rollbackRunning'
  | 'imagesMissing'
  | 'unknownPromotion'
  | 'notWaiting'
  | 'alreadyWritten'
  | 'noApprovalNeeded'
  | 'ownRelease'
  | 'notInGroup'
  | 'membershipUnknown'
  | 'alreadyApproved'
  | 'reasonNeeded'
  | 'nothingToGoBackTo'
  | 'neverRanHere'
  | 'changedMeanwhile'
  | 'notRunning'
  | 'alreadyAborted'
  | 'alreadyPaused'
  | 'notPaused'
  | 'alreadyHurried'
  | 'tooLate'
  | 'condemned'
  | 'notSteerable'
  | 'notSwitched'
  | 'alreadySwitched'
  | 'waveOver'
  | 'waveNotBegun'
  | 'waveStopped'
  | 'unknownQuestion'
  | 'nothingAsked';

/** Says no. */
export function refused(
  code: RefusalCode,
  reason: string,
  options: { readonly hint: string; readonly owners?: readonly string[] },
): Refused {
  return {
    kind: 'refused',
    code,
    reason,
    hint: options.hint,
    owners: options.owners ?? [],
  };
}

export function isRefused(value: object): value is Refused {
  return 'kind' in value && value.kind === 'refused';
}
