// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';

/** A strong tag of a body, from its content. */
export function etagOf(body: unknown): string {
  const hash = createHash('sha256').update(JSON.stringify(body));
  return `"${hash.digest('base64url').slice(0, 27)}"`;
}

/** Proxies may weaken a tag, and a client may know several contents. */
export function isKnown(
  ifNoneMatch: string | undefined,
  etag: string,
): boolean {
  return (ifNoneMatch ?? '')
    .split(',')
    .some(known => known.trim().replace(/^W\//, '') === etag);
}
