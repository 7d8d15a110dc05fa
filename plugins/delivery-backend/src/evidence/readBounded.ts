// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';

/** Bytes with their checksum, or the word that there are too many of them. */
export type BoundedReading =
  | { readonly content: Buffer; readonly sha256: string }
  | { readonly content?: undefined };

/** Reads a stream piece by piece, and no further than the limit. */
export async function readBounded(
  stream: Readable,
  limit: number,
): Promise<BoundedReading> {
  const hash = createHash('sha256');
  const pieces: Buffer[] = [];
  let length = 0;
  // The request outlives a limit that is passed: it has yet to be answered.
  for await (const piece of stream.iterator({ destroyOnReturn: false })) {
    const bytes: Buffer = Buffer.isBuffer(piece) ? piece : Buffer.from(piece);
    length += bytes.length;
    if (length > limit) return {};
    hash.update(bytes);
    pieces.push(bytes);
  }
  return { content: Buffer.concat(pieces), sha256: hash.digest('hex') };
}
