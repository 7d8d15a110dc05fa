// SPDX-License-Identifier: Apache-2.0
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ClusterDetails } from '@backstage/plugin-kubernetes-node';

/** What a scripted cluster does with every request. */
export type Behaviour =
  | 'answer'
  | 'hang'
  | 'fail'
  | 'forbid'
  | 'refuseCredential';

interface StoredObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

/** A request as it came in. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

/**
 * A small API server whose behaviour a test dictates: the lists and watches of whatever
 * collections are put in, and every way to misbehave. It knows no rules of Kubernetes beyond that.
 */
export class ScriptedCluster {
  readonly seen: Seen[] = [];
  behaviour: Behaviour = 'answer';
  /** Watches from an older version than this are answered with 410. */
  oldestVersion = 0;
  token = 'a-long-and-random-token-of-a-test';
  pageSize = Infinity;
  readonly #collections = new Map<string, Map<string, StoredObject>>();
  readonly #waiting: (() => void)[] = [];
  readonly #log: { version: number; path: string; event: object }[] = [];
  readonly #watches = new Set<{ path: string; answer: http.ServerResponse }>();
  readonly #server: http.Server;
  #version = 100;

  private constructor(private port: number) {
    this.#server = http.createServer((request, answer) => {
      void this.#receive(request, answer);
    });
  }

  static async start(collections: readonly string[]): Promise<ScriptedCluster> {
    const cluster = new ScriptedCluster(0);
    for (const path of collections) cluster.#collections.set(path, new Map());
    await cluster.listen();
    return cluster;
  }

  async listen(): Promise<void> {
    await new Promise<void>(resolve => {
      this.#server.listen(this.port, '127.0.0.1', resolve);
    });
    this.port = (this.#server.address() as AddressInfo).port;
  }

  /** Closes the port and every connection. */
  async close(): Promise<void> {
    this.#watches.clear();
    await new Promise<void>(resolve => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  details(name: string, more: Partial<ClusterDetails> = {}): ClusterDetails {
    return {
      name,
      url: `http://127.0.0.1:${this.port}`,
      authMetadata: { 'kubernetes.io/auth-provider': 'serviceAccount' },
      ...more,
    };
  }

  serve(path: string): void {
    this.#collections.set(path, new Map());
  }

  /** Stores an object and tells the watches. */
  put(path: string, object: StoredObject, tell = true): void {
    const collection = this.#collections.get(path);
    const key = `${object.metadata.namespace}/${object.metadata.name}`;
    const type = collection?.has(key) ? 'MODIFIED' : 'ADDED';
    const stored = this.#stamped(object);
    collection?.set(key, stored);
    if (tell) this.#tell(path, { type, object: stored });
  }

  remove(path: string, namespace: string, name: string, tell = true): void {
    const collection = this.#collections.get(path);
    const object = collection?.get(`${namespace}/${name}`);
    collection?.delete(`${namespace}/${name}`);
    if (object && tell) {
      this.#tell(path, { type: 'DELETED', object: this.#stamped(object) });
    }
  }

  bookmark(path: string): void {
    this.#version += 1;
    const metadata = { resourceVersion: String(this.#version) };
    this.#tell(path, { type: 'BOOKMARK', object: { metadata } });
  }

  /** Writes one line to the open watches of a collection; text is sent as it is. */
  send(path: string, event: object | string): void {
    const line = typeof event === 'string' ? event : JSON.stringify(event);
    for (const watch of this.#watches) {
      if (watch.path === path) watch.answer.write(`${line}\n`);
    }
  }

  /** Ends open watches in order, or cuts their connection. */
  endWatches(how: 'end' | 'cut'): void {
    for (const { answer } of this.#watches) {
      if (how === 'end') answer.end();
      else answer.destroy();
    }
    this.#watches.clear();
  }

  /** Misbehaves from now on, open watches included: a hung one says nothing, any other ends. */
  misbehave(behaviour: Behaviour): void {
    this.behaviour = behaviour;
    if (behaviour !== 'hang') this.endWatches('cut');
  }

  behave(): void {
    this.behaviour = 'answer';
    this.endWatches('cut');
  }

  /** Resolves when a request has made it true. */
  async until(isTrue: () => boolean): Promise<void> {
    while (!isTrue()) {
      await new Promise<void>(resolve => {
        this.#waiting.push(resolve);
      });
    }
  }

  watchesOf(path: string): readonly Seen[] {
    return this.seen.filter(
      seen => seen.path === path && seen.query.get('watch') === 'true',
    );
  }

  listsOf(path: string): readonly Seen[] {
    return this.seen.filter(
      seen =>
        seen.path === path && seen.method === 'GET' && !seen.query.has('watch'),
    );
  }

  #tell(path: string, event: object): void {
    this.#log.push({ version: this.#version, path, event });
    this.send(path, event);
  }

  #stamped(object: StoredObject): StoredObject {
    this.#version += 1;
    const resourceVersion = String(this.#version);
    return { ...object, metadata: { ...object.metadata, resourceVersion } };
  }

  async #receive(
    request: http.IncomingMessage,
    answer: http.ServerResponse,
  ): Promise<void> {
    const { pathname: path, searchParams: query } = new URL(
      request.url ?? '/',
      'http://cluster',
    );
    let body = '';
    for await (const chunk of request) body += chunk;
    const { method = 'GET', headers } = request;
    this.seen.push({ method, path, query, headers, body });
    this.#waiting.splice(0).forEach(resolve => resolve());
    const accepted = headers.authorization === `Bearer ${this.token}`;
    const refused = this.behaviour === 'refuseCredential' || !accepted;
    if (this.behaviour === 'hang') return;
    if (this.behaviour === 'fail') this.#refuse(answer, 500, 'no leader');
    else if (this.behaviour === 'forbid') {
      this.#refuse(answer, 403, 'deployments.apps is forbidden');
    } else if (refused) this.#refuse(answer, 401, 'Unauthorized');
    else if (method === 'PATCH') this.#json(answer, 200, {});
    else this.#read(path, query, answer);
  }

  #read(path: string, query: URLSearchParams, answer: http.ServerResponse) {
    const collection = this.#collections.get(path);
    if (path === '/version') return this.#json(answer, 200, { major: '1' });
    if (!collection) return this.#readOne(path, answer);
    if (query.get('watch') !== 'true')
      return this.#list(collection, query, answer);
    if (Number(query.get('resourceVersion')) < this.oldestVersion) {
      return this.#refuse(answer, 410, 'too old resource version');
    }
    answer.writeHead(200, { 'Content-Type': 'application/json' });
    answer.flushHeaders();
    this.#watches.add({ path, answer });
    const since = Number(query.get('resourceVersion'));
    for (const told of this.#log) {
      if (told.path !== path || told.version <= since) continue;
      answer.write(`${JSON.stringify(told.event)}\n`);
    }
    return undefined;
  }

  #readOne(path: string, answer: http.ServerResponse): void {
    const [, group, namespace, plural, name] =
      /^(.*)\/namespaces\/([^/]+)\/([^/]+)\/([^/]+)$/.exec(path) ?? [];
    const object = this.#collections
      .get(`${group}/${plural}`)
      ?.get(`${namespace}/${name}`);
    if (object) this.#json(answer, 200, object);
    else this.#refuse(answer, 404, 'the server could not find it');
  }

  #list(
    collection: ReadonlyMap<string, StoredObject>,
    query: URLSearchParams,
    answer: http.ServerResponse,
  ): void {
    const from = Number(query.get('continue') ?? 0);
    const until = from + Math.min(Number(query.get('limit')), this.pageSize);
    const items = [...collection.values()];
    this.#json(answer, 200, {
      metadata: {
        resourceVersion: String(this.#version),
        ...(until < items.length && { continue: String(until) }),
      },
      items: items.slice(from, until),
    });
  }

  #refuse(answer: http.ServerResponse, code: number, message: string): void {
    this.#json(answer, code, { kind: 'Status', code, message });
  }

  #json(answer: http.ServerResponse, status: number, body: object): void {
    answer.writeHead(status, { 'Content-Type': 'application/json' });
    answer.end(JSON.stringify(body));
  }
}
