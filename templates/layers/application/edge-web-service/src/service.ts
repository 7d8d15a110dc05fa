import { keepForwarding } from './forward.ts';
import { startServer, type RunningServer } from './http/server.ts';
import type { ServiceOptions } from './ServiceOptions.ts';
import { createMetrics } from './metrics.ts';
import { Outbox } from './outbox.ts';
import { routesOf } from './routes.ts';
import { readSettings } from './settings.ts';

/** Starts the service and resolves when it listens. */
export async function startService({
  name,
  environment,
  log,
  now,
}: ServiceOptions): Promise<RunningServer> {
  const settings = readSettings(environment);
  const { offlineMode, upstream, forwardInterval: interval } = settings;
  const outbox = await Outbox.open(
    settings.dataDirectory,
    settings.outboxLimit,
  );
  const metrics = createMetrics(() => outbox.size);
  const server = await startServer({
    ...settings,
    routes: routesOf({ name, outbox, offlineMode, now }),
    state: () => ({ waiting: outbox.size, offlineMode }),
    metrics,
    log,
  });
  const stopping = new AbortController();
  const forwarding = upstream
    ? keepForwarding(outbox, upstream, {
        interval,
        metrics,
        log,
        signal: stopping.signal,
      })
    : Promise.resolve();
  return {
    port: server.port,
    async stop() {
      stopping.abort();
      await Promise.all([server.stop(), forwarding]);
    },
  };
}
