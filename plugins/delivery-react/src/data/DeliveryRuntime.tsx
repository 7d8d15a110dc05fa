// SPDX-License-Identifier: Apache-2.0
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useSignal } from '@backstage/plugin-signals-react';
import { useCallback, useEffect, useRef, type ReactNode } from 'react';
import { DeliveryProblem } from '@causeway/plugin-delivery-common';
import { PageClockContext, type PageClock } from '../time/PageClock';
import '../tokens.css';

const usualChannels = ['delivery'] as const;

/**
 * How a plugin reads.
 *
 * @public
 */
export interface RuntimeOptions {
  /** How long changes are gathered before the page reads again, in milliseconds. */
  readonly gatherFor: number;
  /** Channels on which the backend says that something changed. Default: `delivery` alone. */
  readonly channels?: readonly string[];
}

/**
 * What all views of a plugin share: the cache of answers and the clock of the page.
 *
 * @public
 */
export interface DeliveryRuntime extends RuntimeOptions {
  readonly queryClient: QueryClient;
  readonly clock: PageClock;
}

/**
 * Makes the shared runtime over the clock of the page.
 *
 * A refusal (4xx) is final and shown at once; anything else is tried once more before it is shown,
 * because a portal that restarts answers again within a second or two.
 *
 * @public
 */
export function createDeliveryRuntime(
  clock: PageClock,
  options: RuntimeOptions,
): DeliveryRuntime {
  return {
    ...options,
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

/**
 * Gives the views below it the runtime, and reads again when the backend says that something changed.
 *
 * @public
 */
export function DeliveryProvider(props: {
  runtime: DeliveryRuntime;
  children: ReactNode;
}) {
  return (
    <QueryClientProvider client={props.runtime.queryClient}>
      <PageClockContext.Provider value={props.runtime.clock}>
        <ReadAgainOnSignal runtime={props.runtime} />
        {props.children}
      </PageClockContext.Provider>
    </QueryClientProvider>
  );
}

/**
 * A signal carries no data, so everything on the page is read again, whatever the service: reads
 * are cheap (a 304 from memory), and a signal lost between two renders must not leave a view old.
 */
function ReadAgainOnSignal(props: { runtime: DeliveryRuntime }) {
  const { queryClient, gatherFor, channels = usualChannels } = props.runtime;
  const waiting = useRef<ReturnType<typeof setTimeout>>();

  const readAgain = useCallback(() => {
    waiting.current ??= setTimeout(() => {
      waiting.current = undefined;
      queryClient.invalidateQueries();
    }, gatherFor);
  }, [queryClient, gatherFor]);

  useEffect(() => () => clearTimeout(waiting.current), []);
  return (
    <>
      {channels.map(channel => (
        <Channel key={channel} name={channel} onSignal={readAgain} />
      ))}
    </>
  );
}

function Channel(props: { name: string; onSignal: () => void }) {
  const { name, onSignal } = props;
  const { lastSignal } = useSignal(name);
  useEffect(() => {
    if (lastSignal) onSignal();
  }, [lastSignal, onSignal]);
  return null;
}

function isRefusal(error: unknown): boolean {
  return (
    error instanceof DeliveryProblem &&
    error.status >= 400 &&
    error.status < 500
  );
}
