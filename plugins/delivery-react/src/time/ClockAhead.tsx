// SPDX-License-Identifier: Apache-2.0
import { useMemo, type ReactNode } from 'react';
import { PageClockContext, usePageClock } from './PageClock';

/**
 * Gives the views below it a clock that is so many milliseconds ahead of the page's: that of the
 * server whose times they show.
 *
 * @public
 */
export function ClockAhead(props: { by: number; children: ReactNode }) {
  const { by, children } = props;
  const page = usePageClock();
  const clock = useMemo(
    () => ({ now: () => page.now() + by, subscribe: page.subscribe }),
    [page, by],
  );
  return (
    <PageClockContext.Provider value={clock}>
      {children}
    </PageClockContext.Provider>
  );
}
