import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Log } from '../log.ts';
import { continueTrace } from '../trace.ts';
import { json, problem, type Answer, type Handler } from './answers.ts';
import type { HttpMetrics } from './metrics.ts';

/** What a server answers, and what it does around that. */
export interface ServerOptions {
  /** By `METHOD /path`. */
  readonly routes: ReadonlyMap<string, Handler>;
  /** What `/healthz` says besides that the service works. */
  readonly state: () => Readonly<Record<string, unknown>>;
  readonly metrics: HttpMetrics;
  readonly log: Log;
  readonly port: number;
  /** Milliseconds that requests get to end when the server stops. */
  readonly shutdownGrace: number;
}

/** A server that listens. */
export interface RunningServer {
  readonly port: number;
  /** Takes no new work, lets requests end, and resolves when all have. */
  stop(): Promise<void>;
}

/** What every answer says to browsers and caches on the way. */
const safeHeaders = {
  'content-security-policy':
    "default-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const;

/** Starts the server. `/livez`, `/healthz` and `/metrics` are there for every service. */
export async function startServer(
  options: ServerOptions,
): Promise<RunningServer> {
  let stopping = false;
  const { registry } = options.metrics;
  const routes = new Map<string, Handler>([
    ['GET /livez', () => json(200, { status: 'alive' })],
    [
      'GET /healthz',
      () =>
        stopping
          ? problem(503, 'The service is shutting down.')
          : json(200, { status: 'ready', ...options.state() }),
    ],
    [
      'GET /metrics',
      async () => ({
        status: 200,
        type: registry.contentType,
        body: await registry.metrics(),
      }),
    ],
    ...options.routes,
  ]);
  const server = createServer((request, response) => {
    void handle(options, routes, request, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    stop() {
      stopping = true;
      return close(server, options.shutdownGrace);
    },
  };
}

async function close(server: Server, grace: number): Promise<void> {
  const closed = new Promise(resolve => server.close(resolve));
  server.closeIdleConnections();
  const late = setTimeout(() => server.closeAllConnections(), grace);
  await closed;
  clearTimeout(late);
}

async function handle(
  { metrics, log }: ServerOptions,
  routes: ReadonlyMap<string, Handler>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const began = process.hrtime.bigint();
  const method = request.method ?? 'GET';
  const [path = '/'] = (request.url ?? '/').split('?');
  const { route, handler } = routeOf(routes, method, path);
  const parent = request.headers.traceparent;
  const trace = continueTrace(typeof parent === 'string' ? parent : undefined);
  const answer = await answerOf(() => handler(request), log, trace.traceId);
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  response.writeHead(answer.status, {
    ...safeHeaders,
    'cache-control': answer.cacheControl ?? 'no-store',
    'content-type': answer.type,
    traceparent: trace.traceparent,
  });
  response.end(answer.body);
  metrics.requests.inc({ method, route, status: String(answer.status) });
  metrics.duration.observe({ method, route }, seconds);
  log('info', 'answered', {
    method,
    route,
    status: answer.status,
    milliseconds: Math.round(seconds * 1000),
    trace_id: trace.traceId,
  });
}

/** Paths nobody knows share one name, so that metrics stay few. */
function routeOf(
  routes: ReadonlyMap<string, Handler>,
  method: string,
  path: string,
): { readonly route: string; readonly handler: Handler } {
  const handler = routes.get(`${method} ${path}`);
  if (handler) return { route: path, handler };
  const knowsPath = [...routes.keys()].some(key => key.endsWith(` ${path}`));
  return knowsPath
    ? {
        route: path,
        handler: () => problem(405, `${path} does not take ${method}.`),
      }
    : {
        route: 'unknown',
        handler: () => problem(404, 'There is nothing here.'),
      };
}

async function answerOf(
  work: () => Answer | Promise<Answer>,
  log: Log,
  traceId: string,
): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    log('error', String(error), { trace_id: traceId });
    return problem(500, 'Something went wrong here.');
  }
}
