import { Counter, Gauge } from 'prom-client';
import { createHttpMetrics, type HttpMetrics } from './http/metrics.ts';

/** What the service measures of itself. */
export interface Metrics extends HttpMetrics {
  readonly waiting: Gauge;
  readonly forwarded: Counter;
  readonly forwardFailures: Counter;
}

/** @param waiting how many events wait; asked when somebody reads */
export function createMetrics(waiting: () => number): Metrics {
  const http = createHttpMetrics();
  const registers = [http.registry];
  return {
    ...http,
    waiting: new Gauge({
      name: 'outbox_waiting_events',
      help: 'Events that the upstream does not have yet.',
      registers,
      collect() {
        this.set(waiting());
      },
    }),
    forwarded: new Counter({
      name: 'outbox_forwarded_events_total',
      help: 'Events that the upstream has.',
      registers,
    }),
    forwardFailures: new Counter({
      name: 'outbox_forward_failures_total',
      help: 'Tries that did not reach the upstream.',
      registers,
    }),
  };
}
