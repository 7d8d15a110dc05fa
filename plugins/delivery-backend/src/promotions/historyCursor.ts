// SPDX-License-Identifier: Apache-2.0
import { InputError } from '@backstage/errors';
import type { StoredPromotion } from './Promotions';

/** Where the next page of a history begins: after this promotion. Opaque to callers. */
export function cursorAfter({ promotion }: StoredPromotion): string {
  return Buffer.from(
    JSON.stringify([promotion.requestedAt, promotion.id]),
  ).toString('base64url');
}

/** @throws InputError for a cursor that no page gave out */
export function parseCursor(cursor: string): {
  readonly requestedAt: string;
  readonly id: string;
} {
  try {
    const parsed: unknown = JSON.parse(
      Buffer.from(cursor, 'base64url').toString('utf8'),
    );
    const [requestedAt, id] = Array.isArray(parsed) ? parsed : [];
    if (typeof requestedAt === 'string' && typeof id === 'string') {
      return { requestedAt, id };
    }
  } catch {
    // Fall through to the one sentence for every kind of bad cursor.
  }
  throw new InputError('The cursor is not one that a page of history gave out');
}
