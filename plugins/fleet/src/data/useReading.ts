// SPDX-License-Identifier: Apache-2.0
import type {
  ConditionalAnswer,
  ConditionalOptions,
} from '@causeway/plugin-delivery-common';
import {
  readingOf,
  useViewer,
  type Reading,
} from '@causeway/plugin-delivery-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';

/** What was read, and the name under which the backend knows it again. */
interface Known<View> {
  readonly view: View;
  readonly etag?: string;
}

/**
 * Reads something of the fleet and keeps it. What did not change is not sent again.
 *
 * @param question - tells one reading from another
 */
export function useReading<View>(
  question: readonly unknown[],
  ask: (options: ConditionalOptions) => Promise<ConditionalAnswer<View>>,
  how: {
    /** Signals drive refreshes; this is the fallback while the page is visible, in milliseconds. */
    readonly every: number;
    /**
     * `keepLast` has the last answer on the page while another question is asked: right for lists that are
     * filtered, wrong for the page of one thing, which must never show another.
     */
    readonly whileAsking?: 'keepLast' | 'startAnew';
    /** Whether the question can be asked yet. */
    readonly enabled?: boolean;
  },
): Reading<View> {
  const { every, whileAsking, enabled = true } = how;
  const viewer = useViewer();
  return readingOf(
    useQuery({
      // Answers differ by who asks, so one person never sees what was read for another.
      queryKey: ['fleet', viewer, ...question],
      queryFn: async ({ signal, queryKey, client: cache }) => {
        const known = cache.getQueryData<Known<View>>(queryKey);
        const answer = await ask({ signal, etag: known?.etag });
        if (answer.status === 'changed') return answer;
        if (!known) throw new Error('Nothing in the answer');
        return known;
      },
      select: ({ view }: Known<View>) => view,
      placeholderData:
        whileAsking === 'keepLast' ? keepPreviousData : undefined,
      enabled: enabled && viewer !== undefined,
      refetchInterval: every,
    }),
  );
}

/** The answer of a read that is sent whole each time. */
export async function whole<View>(
  view: Promise<View>,
): Promise<ConditionalAnswer<View>> {
  return { status: 'changed', view: await view };
}
