import { Gauge } from 'prom-client';
import { assetRoutes } from './assets.ts';
import { readCommonSettings } from './environment.ts';
import { documentOf, json, problem, type Handler } from './http/answers.ts';
import { createHttpMetrics } from './http/metrics.ts';
import { startServer, type RunningServer } from './http/server.ts';
import type { ServiceOptions } from './ServiceOptions.ts';
import { page } from './page.ts';
import { readSyncRequest } from './sync/messages.ts';
import { SharedStore } from './sync/SharedStore.ts';

const bodyLimit = 2 * 1024 * 1024;

/** Starts the service and resolves when it listens. */
export async function startService({
  name,
  environment,
  log,
}: ServiceOptions): Promise<RunningServer> {
  const settings = readCommonSettings(environment);
  const store = await SharedStore.open(settings.dataDirectory);
  const metrics = createHttpMetrics();
  new Gauge({
    name: 'records_in_conflict',
    help: 'Records about which a person has to decide.',
    registers: [metrics.registry],
    collect() {
      this.set(store.conflicts);
    },
  });
  const routes = new Map<string, Handler>([
    [
      'GET /',
      () => ({
        status: 200,
        type: 'text/html; charset=utf-8',
        body: page(name),
      }),
    ],
    ['POST /api/sync', syncWith(store)],
    ...assetRoutes(),
  ]);
  return startServer({
    ...settings,
    routes,
    state: () => ({ records: store.records, conflicts: store.conflicts }),
    metrics,
    log,
  });
}

function syncWith(store: SharedStore): Handler {
  return async request => {
    const document = await documentOf(request, bodyLimit);
    if ('refused' in document) return document.refused;
    const read = readSyncRequest(document.value);
    return read
      ? json(200, await store.sync(read))
      : problem(400, 'This is no request to synchronise.');
  };
}
