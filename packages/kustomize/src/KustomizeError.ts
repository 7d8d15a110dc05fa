// SPDX-License-Identifier: Apache-2.0

/**
 * Why there is no output:
 *
 * - `remoteBase`: a kustomization refers to something outside the given files by URL
 * - `invalidInput`: the caller gave a path or a file name that cannot be used
 * - `buildFailed`: kustomize refused the files; the message says which and why
 * - `timeout`: the build took longer than it may
 * - `tooLarge`: the files, or what kustomize made of them, exceed a limit
 * - `disposed`: the builder was closed before the build was done
 *
 * @public
 */
export type KustomizeErrorCode =
  | 'remoteBase'
  | 'invalidInput'
  | 'buildFailed'
  | 'timeout'
  | 'tooLarge'
  | 'disposed';

/**
 * The only error of a build, apart from the reason of the caller's own abort
 * signal. Its message is one a person can act on; file names in it are relative
 * to the root of the given files.
 *
 * @public
 */
export class KustomizeError extends Error {
  /** Which kind of failure, for a caller to act on. */
  readonly code: KustomizeErrorCode;

  constructor(code: KustomizeErrorCode, message: string) {
    super(message);
    this.name = 'KustomizeError';
    this.code = code;
  }
}
