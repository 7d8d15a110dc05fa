// SPDX-License-Identifier: Apache-2.0
import { remoteTip } from '@causeway/git';
import { basicAuthorization, usesProxy, type GitCredentials } from './program';

/** Milliseconds to wait for an answer before git is asked instead. */
const longestLook = 5_000;

/** So often git is asked at once after a remote has given no answer. */
const pausedLooks = 20;

/** What is asked of a remote. */
export interface RemoteLook {
  readonly url: string;
  readonly branch: string;
  readonly credentials: GitCredentials | undefined;
  /** Milliseconds. */
  readonly timeout: number;
}

/**
 * Sees by one request whether a branch of one remote has moved, so that git need not be started to
 * fetch nothing. Whatever is not a plain answer counts as moved; then git finds out. A remote that
 * gives none, say an old one, is left to git for a while.
 */
export class RemoteLooks {
  #pauses = 0;

  /** Whether the branch is seen at this commit now. */
  async isStill(commit: string, look: RemoteLook): Promise<boolean> {
    if (usesProxy()) return false;
    if (this.#pauses > 0) {
      this.#pauses -= 1;
      return false;
    }
    const { url, branch, credentials, timeout } = look;
    const tip = await remoteTip({
      url,
      reference: `refs/heads/${branch}`,
      authorization: credentials && basicAuthorization(credentials),
      signal: AbortSignal.timeout(Math.min(timeout, longestLook)),
    });
    if (tip === undefined) this.#pauses = pausedLooks;
    return tip === commit;
  }
}
