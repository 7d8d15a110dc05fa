// SPDX-License-Identifier: Apache-2.0

/** A Flux revision taken apart: `main@sha1:<40 hex>` is pointer `main`, algorithm `sha1`. */
export interface Revision {
  /** Branch, tag or `refs/…`; may contain `/` and `@`. Missing in a bare `sha1:…`. */
  readonly pointer?: string;
  readonly algorithm: 'sha1' | 'sha256';
  /** Lower-case hex: 40 digits for sha1, 64 for sha256. For a Git source it is the commit. */
  readonly checksum: string;
}

const digits = { sha1: 40, sha256: 64 } as const;

/**
 * Reads the revision that Flux writes into `lastAppliedRevision`, `artifact.revision` and the like.
 * The form is `[<pointer>@]<algorithm>:<checksum>`, split at the last `@` because branch names may
 * contain one (Flux RFC 0005). The form before Flux 2, `<pointer>/<sha1>`, is read too.
 * Anything else is undefined, never a guess.
 */
export function parseRevision(text: string): Revision | undefined {
  const at = text.lastIndexOf('@');
  const pointer = at < 0 ? undefined : text.slice(0, at);
  const checksum = /^(sha1|sha256):([0-9a-f]+)$/i.exec(text.slice(at + 1));
  if (checksum && pointer !== '') {
    const algorithm = checksum[1].toLowerCase() === 'sha1' ? 'sha1' : 'sha256';
    if (checksum[2].length !== digits[algorithm]) return undefined;
    return {
      ...(pointer !== undefined && { pointer }),
      algorithm,
      checksum: checksum[2].toLowerCase(),
    };
  }
  const old = /^(?:(.+)\/)?([0-9a-f]{40})$/i.exec(text);
  return old
    ? {
        ...(old[1] !== undefined && { pointer: old[1] }),
        algorithm: 'sha1',
        checksum: old[2].toLowerCase(),
      }
    : undefined;
}

/** Writes a revision in the form that Flux writes today. */
export function formatRevision(revision: Revision): string {
  const checksum = `${revision.algorithm}:${revision.checksum}`;
  return revision.pointer === undefined
    ? checksum
    : `${revision.pointer}@${checksum}`;
}
