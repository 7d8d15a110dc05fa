// SPDX-License-Identifier: Apache-2.0
import type {
  ObjectDiff,
  ReleaseImage,
  Target,
} from '@causeway/plugin-delivery-common';

/** Where a fleet repository is. */
export interface FleetLocation {
  /** Clone URL (http or https), without credentials. */
  readonly repository: string;
  readonly branch: string;
}

/** One promotion's change to the fleet repository: images of some overlays, nothing else. */
export interface FleetChange {
  readonly location: FleetLocation;
  readonly promotion: string;
  readonly targets: readonly Target[];
  readonly images: readonly ReleaseImage[];
  readonly author: { readonly name: string; readonly email: string };
  /** First line of the commit message. */
  readonly subject: string;
  /** Trailers in order, for example `['Release', '2.8.1']`; `Causeway-Promotion` is added by itself. */
  readonly trailers: readonly (readonly [string, string])[];
}

/** Proof that the change is on the remote branch. */
export interface CommitReceipt {
  readonly sha: string;
  readonly branch: string;
  /** Page of the commit on the forge, when known. */
  readonly url?: string;
  /** False when the branch already held what was wanted and no commit was needed; `sha` is then the tip. */
  readonly changed: boolean;
}

/** The images that a target's overlay declares at a revision. */
export interface DeclaredImage {
  readonly name: string;
  readonly tag?: string;
  readonly digest?: string;
}

/**
 * The fleet repositories, read and written without a working tree.
 * All methods throw `ServiceUnavailableError` when the remote can not be reached (nothing was written),
 * and `InputError` when the repository does not hold what the target names.
 */
export interface FleetRepositories {
  /**
   * Writes one commit for the promotion, or finds the one an earlier attempt wrote.
   * Safe to repeat and safe for concurrent callers; never forces.
   * @throws ConflictError when the branch kept moving or the push was refused ten times; nothing was written.
   */
  commit(change: FleetChange, signal: AbortSignal): Promise<CommitReceipt>;
  /** The commit of a promotion on the remote branch, looked up by its trailer. */
  findCommit(
    location: FleetLocation,
    promotion: string,
    signal: AbortSignal,
  ): Promise<CommitReceipt | undefined>;
  /** Whether `commit` is contained in the Flux revision `revision` (`main@sha1:…`); undefined when unknown. */
  contains(
    location: FleetLocation,
    revision: string,
    commit: string,
  ): Promise<boolean | undefined>;
  declaredImages(
    location: FleetLocation,
    target: Target,
    signal: AbortSignal,
  ): Promise<readonly DeclaredImage[]>;
  /** Rendered difference (by kustomize) between the branch now and the branch with the images set. */
  diff(
    change: Pick<FleetChange, 'location' | 'targets' | 'images'>,
    signal: AbortSignal,
  ): Promise<{
    readonly objects: readonly ObjectDiff[];
    readonly unchanged: number;
  }>;
}
