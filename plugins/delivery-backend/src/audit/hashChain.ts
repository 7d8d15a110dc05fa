// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { canonicalJson } from '@causeway/plugin-delivery-common';
import type { RecordedEvent } from './EventLog';

/** Stands before the first event of a stream and before the first seal. */
export const NO_HASH = '0'.repeat(64);

/** The hash of an event: over all that it says, where it stands, and what came before. */
export function hashOf(event: Omit<RecordedEvent, 'hash'>): string {
  const { stream, version, type, at, actor, data, previousHash } = event;
  return sha256(
    canonicalJson({ stream, version, type, at, actor, data, previousHash }),
  );
}

/** The hash of a seal over the heads that it writes down. */
export function hashOfSeal(seal: {
  readonly at: string;
  readonly heads: string;
  readonly previousHash: string;
}): string {
  const { at, heads, previousHash } = seal;
  return sha256(canonicalJson({ at, heads, previousHash }));
}

/** SHA-256 of a text, hex. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
