// SPDX-License-Identifier: Apache-2.0
import { createServer } from 'node:https';
import type { Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { userOfToken } from './access/authentication';
import type { TokenGrant } from './access/authentication';
import { Authorizer } from './access/authorization';
import { FaultSwitchboard } from './faults';
import type { Faults } from './faults';
import type { Api, PodAnswers, PodLogs } from './http/Api';
import { handle } from './http/handle';
import { DEFINITIONS } from './kinds/customResources';
import { ResourceTable } from './kinds/ResourceTable';
import { GarbageCollector } from './lifecycle/GarbageCollector';
import { serverUser } from './lifecycle/serverWrites';
import { Sweeper } from './lifecycle/Sweeper';
import { localConnection, refusedConnection } from './localConnection';
import { Store } from './store/Store';
import type { Clock } from './timestamp';
import { ObjectWriter } from './writes/ObjectWriter';
import { restore } from './writes/restore';
import type { RestoredObject } from './writes/restore';

/**
 * What a simulated API server is started with.
 *
 * @public
 */
export interface ApiServerOptions {
  /** Name of the cluster, for the log. */
  readonly name: string;
  /** Port on 127.0.0.1; 0 takes a free one. */
  readonly port: number;
  /** PEM of the serving certificate and its key. */
  readonly tls: { readonly key: string; readonly cert: string };
  readonly tokens: readonly TokenGrant[];
  readonly clock: Clock;
  /** What pods print; nothing when left out. */
  readonly podLogs?: PodLogs;
  /** What programs of pods answer; whether the pod is ready when left out. */
  readonly podAnswers?: PodAnswers;
  /** Changes kept per kind for watches to resume; 10,000 when left out. */
  readonly historyLimit?: number;
  /** Milliseconds between bookmarks of a watch; 60,000 when left out. */
  readonly bookmarkInterval?: number;
  /** Told of failures nobody foresaw; written to stderr when left out. */
  readonly report?: (message: string, cause: unknown) => void;
}

/**
 * A simulated cluster's API server. It is used over HTTPS only.
 *
 * @public
 */
export interface ApiServer {
  readonly name: string;
  /** `https://127.0.0.1:PORT` */
  readonly url: string;
  readonly faults: Faults;
  /**
   * A connection from within this process, for HTTP without encryption: what
   * is asked there is answered, and meets faults, as on the port.
   */
  connect(): Duplex;
  /**
   * Stores many objects at once, without HTTP, as if they came from a backup.
   * They keep status, uid and time of creation.
   *
   * @returns how many there were.
   */
  restore(objects: Iterable<RestoredObject>): number;
  /** Forgets all history, as etcd's compaction does: older watches get 410. */
  compact(): void;
  /** Ends all connections and closes the port. May be called more than once. */
  stop(): Promise<void>;
}

const NAMESPACES_AT_START = [
  'default',
  'kube-node-lease',
  'kube-public',
  'kube-system',
];

/**
 * Starts a simulated Kubernetes API server with nothing in it but the
 * namespaces every cluster has.
 *
 * State is kept in memory and is gone after `stop`. Revisions start from the
 * clock, in microseconds: those of a later process are higher than those of
 * an earlier one, so that a client that comes back with an old one is told
 * 410 and lists again.
 *
 * @public
 */
export async function startApiServer(
  options: ApiServerOptions,
): Promise<ApiServer> {
  const { clock, tokens, report = reportToStderr(options.name) } = options;
  const store = new Store({
    firstRevision: clock().getTime() * 1000,
    historyLimit: options.historyLimit ?? 10_000,
  });
  const table = new ResourceTable();
  const writer = new ObjectWriter(store, clock);
  const stopLifecycle = startLifecycle(store, table, writer);
  createNamespaces(table, writer);

  const server = createServer({ ...options.tls, ALPNProtocols: ['http/1.1'] });
  // As long as Go's servers keep idle connections, so that clients may reuse them.
  server.keepAliveTimeout = 180_000;
  const sockets = trackSockets(server);
  let isStopped = false;
  let { port } = options;
  const listen = async () => {
    port = await listenOn(server, port);
  };
  await listen();
  const faults = new FaultSwitchboard({
    server,
    sockets,
    listen,
    forgetHistory: () => store.compact(),
  });
  const api: Api = {
    store,
    table,
    writer,
    authorizer: new Authorizer(store),
    faults,
    clock,
    tokens,
    userOfToken: token => userOfToken(tokens, token),
    podLogs: options.podLogs ?? (() => ''),
    ...(options.podAnswers && { podAnswers: options.podAnswers }),
    bookmarkInterval: options.bookmarkInterval ?? 60_000,
  };
  server.on('request', (request, response) => {
    handle(api, request, response, report).catch(error =>
      report('answering failed', error),
    );
  });

  return {
    name: options.name,
    url: `https://127.0.0.1:${port}`,
    faults,
    connect() {
      if (isStopped || !faults.isListening) return refusedConnection();
      const connection = localConnection();
      follow(sockets, connection.server);
      // Where the server of HTTPS takes connections over once they are decrypted.
      server.emit('secureConnection', connection.server);
      return connection.client;
    },
    restore: objects => restore(objects, table, writer),
    compact: () => store.compact(),
    async stop() {
      isStopped = true;
      stopLifecycle();
      faults.release();
      const closed = new Promise(resolve => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function startLifecycle(
  store: Store,
  table: ResourceTable,
  writer: ObjectWriter,
): () => void {
  const collector = new GarbageCollector(store, table, writer);
  const sweeper = new Sweeper(store, table, writer);
  const unfollow = store.followAll(change => {
    if (change.collection === DEFINITIONS) {
      if (change.type === 'DELETED') table.undefine(change.key);
      else table.define(change.entry.object);
    }
    collector.observe(change);
    sweeper.observe(change);
  });
  return () => {
    unfollow();
    collector.stop();
    sweeper.stop();
  };
}

function createNamespaces(table: ResourceTable, writer: ObjectWriter): void {
  const type = table.find('v1', 'namespaces');
  if (!type) throw new Error('namespaces are not in the table of kinds');
  for (const name of NAMESPACES_AT_START) {
    writer.create(
      type,
      undefined,
      { metadata: { name } },
      { user: serverUser },
    );
  }
}

function trackSockets(server: Server): Set<Duplex> {
  const sockets = new Set<Duplex>();
  server.on('connection', (socket: Socket) => follow(sockets, socket));
  return sockets;
}

function follow(sockets: Set<Duplex>, socket: Duplex): void {
  sockets.add(socket);
  socket.once('close', () => sockets.delete(socket));
}

function listenOn(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      const { port: taken }: AddressInfo = addressOf(server);
      resolve(taken);
    });
  });
}

function addressOf(server: Server): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === 'string') {
    throw new Error('the server has no port');
  }
  return address;
}

function reportToStderr(name: string) {
  return (message: string, cause: unknown) => {
    const text = cause instanceof Error ? cause.stack : String(cause);
    process.stderr.write(`API server ${name}: ${message}: ${text}\n`);
  };
}
