// SPDX-License-Identifier: Apache-2.0
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useSignal } from '@backstage/plugin-signals-react';
import { useEffect, useRef, type ReactNode } from 'react';
import { DeliveryProblem } from '@causeway/plugin-delivery-common';
import { PageClockContext, type PageClock } from '../time/PageClock';
import { everyDeliveryKey } from './keys';

/** How long changes are gathered before the page reads again, in milliseconds. */
const COALESCE = 150;

/** What all views of this plugin share: the cache of answers and the clock of the page. */
export interface DeliveryRuntime {
  readonly queryClient: QueryClient;
  readonly clock: PageClock;
}

/**
 * Makes the shared runtime over the clock of the page.
 *
 * A refusal (4xx) is final and shown at once; anything else is tried once more before it is shown,
 * because a portal that restarts answers again within a second or two.
 */
export function createDeliveryRuntime(clock: PageClock): DeliveryRuntime {
  return {
    clock,
    queryClient: new QueryClient({
      defaultOptions: {
        queries: {
          retry: (failures, error) => failures < 1 && !isRefusal(error),
          retryDelay: 1_000,
        },
      },
    }),
  };
}

/** Gives the views below it the runtime, and reads again when the backend says that something changed. */
export function DeliveryProvider(props: {
  runtime: DeliveryRuntime;
  children: ReactNode;
}) {
  return (
    <QueryClientProvider client={props.runtime.queryClient}>
      <PageClockContext.Provider value={props.runtime.clock}>
        <ReadAgainOnSignal queryClient={props.runtime.queryClient} />
        {props.children}
      </PageClockContext.Provider>
    </QueryClientProvider>
  );
}

/**
 * A signal carries no data, so everything on the page is read again, whatever the service: reads
 * are cheap (a 304 from memory), and a signal lost between two renders must not leave a view old.
 */
function ReadAgainOnSignal(props: { queryClient: QueryClient }) {
  const { lastSignal } = useSignal('delivery');
  const waiting = useRef<ReturnType<typeof setTimeout>>();
  const { queryClient } = props;

  useEffect(() => {
    if (!lastSignal || waiting.current) return;
    waiting.current = setTimeout(() => {
      waiting.current = undefined;
      queryClient.invalidateQueries({ queryKey: everyDeliveryKey });
    }, COALESCE);
  }, [lastSignal, queryClient]);

  useEffect(() => () => clearTimeout(waiting.current), []);
  return null;
}

function isRefusal(error: unknown): boolean {
  return (
    error instanceof DeliveryProblem &&
    error.status >= 400 &&
    error.status < 500
  );
}
