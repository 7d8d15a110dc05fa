import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { Outbox } from './outbox.ts';
import { continueTrace } from './trace.ts';

const batchSize = 100;
const patience = 10_000;

/** How a try ended. */
export type Forwarded =
  | { readonly sent: number }
  | { readonly problem: string };

/** Sends the oldest events to the upstream. They are forgotten here when it says 2xx. */
export async function forward(
  outbox: Outbox,
  upstream: URL,
  request: typeof fetch = fetch,
): Promise<Forwarded> {
  const events = outbox.next(batchSize);
  if (events.length === 0) return { sent: 0 };
  try {
    const response = await request(upstream, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        traceparent: continueTrace(undefined).traceparent,
      },
      body: JSON.stringify({ events }),
      signal: AbortSignal.timeout(patience),
    });
    await response.body?.cancel();
    if (!response.ok)
      return { problem: `The upstream answered ${response.status}.` };
  } catch (error) {
    return { problem: `The upstream is away: ${String(error)}` };
  }
  await outbox.confirm(new Set(events.map(({ id }) => id)));
  return { sent: events.length };
}

/** Forwards again and again until the signal; ends after the try that is under way. */
export async function keepForwarding(
  outbox: Outbox,
  upstream: URL,
  {
    interval,
    metrics,
    log,
    signal,
  }: {
    readonly interval: number;
    readonly metrics: Metrics;
    readonly log: Log;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  let reachable = true;
  while (!signal.aborted) {
    const result = await forward(outbox, upstream);
    if ('problem' in result) {
      metrics.forwardFailures.inc();
      // Said once, not at every try of a long night.
      if (reachable) log('warn', result.problem, { waiting: outbox.size });
    } else {
      metrics.forwarded.inc(result.sent);
      if (!reachable)
        log('info', 'The upstream is back', { waiting: outbox.size });
    }
    reachable = 'sent' in result;
    if ('problem' in result || result.sent < batchSize)
      await pause(interval, signal);
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener('abort', done);
  });
}
