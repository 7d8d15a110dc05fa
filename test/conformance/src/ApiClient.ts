// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:https';
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { createInterface } from 'node:readline';
import type { ClusterUnderTest } from './ClusterUnderTest';

/** JSON of an answer, as loose as the wire is. */
export interface Document {
  readonly [field: string]: unknown;
  readonly kind?: string;
  readonly apiVersion?: string;
  readonly metadata: Metadata;
  readonly items?: readonly Document[];
  readonly spec?: unknown;
  readonly status?: unknown;
  readonly data?: unknown;
}

export interface Metadata {
  readonly [field: string]: unknown;
  readonly name: string;
  readonly namespace?: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation?: number;
  readonly continue?: string;
  readonly remainingItemCount?: number;
  readonly deletionTimestamp?: string;
}

export interface Answer {
  readonly code: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  /** The body as JSON; throws when it is none. */
  readonly body: Document;
}

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: Document;
}

/** An open watch. */
export interface Watch {
  /** The next event; rejects when the stream ended before. */
  next(): Promise<WatchEvent>;
  /** All events until the server ends the stream. */
  rest(): Promise<WatchEvent[]>;
  close(): void;
}

export type PatchKind = 'json' | 'merge' | 'strategic' | 'apply';

const PATCH_TYPES: Readonly<Record<PatchKind, string>> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
};

/**
 * Speaks HTTP to a cluster and nothing else, so that the suite sees exactly
 * what goes over the wire.
 */
export class ApiClient {
  readonly #agent: Agent;
  readonly #headers: OutgoingHttpHeaders;

  constructor(
    readonly cluster: ClusterUnderTest,
    headers: OutgoingHttpHeaders = {},
  ) {
    const ca = Buffer.from(cluster.caData, 'base64');
    this.#agent = new Agent({ ca, keepAlive: true });
    this.#headers = { authorization: `Bearer ${cluster.token}`, ...headers };
  }

  /** The same cluster, asked as somebody else. */
  as(user: string, ...groups: string[]): ApiClient {
    return new ApiClient(this.cluster, {
      'impersonate-user': user,
      ...(groups.length > 0 && { 'impersonate-group': groups }),
    });
  }

  get(path: string, headers?: OutgoingHttpHeaders): Promise<Answer> {
    return this.send('GET', path, undefined, headers);
  }

  post(path: string, body: unknown): Promise<Answer> {
    return this.send('POST', path, body);
  }

  put(path: string, body: unknown): Promise<Answer> {
    return this.send('PUT', path, body);
  }

  patch(path: string, kind: PatchKind, body: unknown): Promise<Answer> {
    return this.send('PATCH', path, body, {
      'content-type': PATCH_TYPES[kind],
    });
  }

  delete(path: string, options?: unknown): Promise<Answer> {
    return this.send('DELETE', path, options);
  }

  /** Creates a namespace of its own for a test. */
  async newNamespace(): Promise<string> {
    const name = `test-${randomUUID().slice(0, 8)}`;
    const { code, text } = await this.post('/api/v1/namespaces', {
      metadata: { name },
    });
    if (code !== 201) throw new Error(`no namespace for the test: ${text}`);
    return name;
  }

  async send(
    method: string,
    path: string,
    body?: unknown,
    headers: OutgoingHttpHeaders = {},
  ): Promise<Answer> {
    const payload =
      body === undefined || typeof body === 'string'
        ? body
        : JSON.stringify(body);
    const response = await this.#open(method, path, payload, {
      ...(payload !== undefined && {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(payload),
      }),
      ...headers,
    });
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString('utf8');
    return {
      code: response.statusCode ?? 0,
      headers: response.headers,
      text,
      get body() {
        return JSON.parse(text);
      },
    };
  }

  /** Opens a watch; `path` carries the query. */
  async watch(path: string, headers?: OutgoingHttpHeaders): Promise<Watch> {
    const separator = path.includes('?') ? '&' : '?';
    const response = await this.#open(
      'GET',
      `${path}${separator}watch=true`,
      undefined,
      headers,
    );
    const lines = createInterface({ input: response })[Symbol.asyncIterator]();
    const next = async (): Promise<WatchEvent | undefined> => {
      const { value, done } = await lines.next();
      return done ? undefined : JSON.parse(value);
    };
    return {
      async next() {
        const event = await next();
        if (!event) throw new Error('the watch ended early');
        return event;
      },
      async rest() {
        const events: WatchEvent[] = [];
        for (let event = await next(); event; event = await next()) {
          events.push(event);
        }
        return events;
      },
      close: () => response.destroy(),
    };
  }

  /** Ends all connections. */
  close(): void {
    this.#agent.destroy();
  }

  #open(
    method: string,
    path: string,
    payload: string | undefined,
    headers: OutgoingHttpHeaders = {},
  ): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const outgoing = request(
        new URL(path, this.cluster.url),
        {
          method,
          agent: this.#agent,
          headers: { ...this.#headers, ...headers },
        },
        resolve,
      );
      outgoing.on('error', reject);
      outgoing.end(payload);
    });
  }
}
