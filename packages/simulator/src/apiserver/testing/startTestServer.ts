// SPDX-License-Identifier: Apache-2.0
import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { createInterface } from 'node:readline';
import { generate } from 'selfsigned';
import { startApiServer } from '../startApiServer';
import type { ApiServer, ApiServerOptions } from '../startApiServer';

const TOKEN = 'token-of-the-tests';

/** A server on a free port, with a client that sees what goes over the wire. */
export interface TestServer {
  readonly server: ApiServer;
  call(
    method: string,
    path: string,
    body?: object,
    contentType?: string,
  ): Promise<TestAnswer>;
  open(path: string): Promise<TestWatch>;
  stop(): Promise<void>;
}

export interface TestAnswer {
  readonly code: number;
  readonly text: string;
}

export interface TestWatch {
  /** The next line as JSON; `undefined` at the end of the stream. */
  next(): Promise<{ type: string; object: TestObject } | undefined>;
  close(): void;
}

export interface TestObject {
  readonly code?: number;
  readonly metadata: {
    readonly name: string;
    readonly resourceVersion: string;
  };
}

let certificate: Promise<{ key: string; cert: string }> | undefined;

/** How a test reaches its server: on its port, or within the process. */
export type Way = 'port' | 'process';

/** Starts a server for one test; `stop` ends it and its connections. */
export async function startTestServer(
  options: Partial<ApiServerOptions> = {},
  way: Way = 'port',
): Promise<TestServer> {
  certificate ??= makeCertificate();
  const tls = await certificate;
  const server = await startApiServer({
    name: 'test',
    port: 0,
    tls,
    tokens: [{ token: TOKEN, user: 'admin', groups: ['system:masters'] }],
    clock: () => new Date(),
    ...options,
  });
  const agent =
    way === 'port'
      ? new Agent({ ca: tls.cert })
      : Object.assign(new HttpAgent({ keepAlive: true }), {
          createConnection: () => server.connect(),
        });
  const send = (
    method: string,
    path: string,
    body?: object,
    contentType = 'application/json',
  ) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const payload = body && Buffer.from(JSON.stringify(body));
      const headers = {
        authorization: `Bearer ${TOKEN}`,
        ...(payload && {
          'content-type': contentType,
          'content-length': payload.length,
        }),
      };
      const url = new URL(path, server.url);
      const outgoing =
        way === 'port'
          ? request(url, { method, agent, headers }, resolve)
          : httpRequest(
              { path: url.pathname + url.search, method, agent, headers },
              resolve,
            );
      outgoing.on('error', reject);
      outgoing.end(payload);
    });
  return {
    server,
    async call(...parameters) {
      const response = await send(...parameters);
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk);
      return {
        code: response.statusCode ?? 0,
        text: Buffer.concat(chunks).toString(),
      };
    },
    async open(path) {
      const response = await send('GET', path);
      const lines = createInterface({ input: response });
      const iterator = lines[Symbol.asyncIterator]();
      return {
        async next() {
          // A cut connection is an end like any other here.
          const line = await iterator.next().catch(() => undefined);
          return line?.done === false ? JSON.parse(line.value) : undefined;
        },
        close: () => response.destroy(),
      };
    },
    async stop() {
      agent.destroy();
      await server.stop();
    },
  };
}

async function makeCertificate(): Promise<{ key: string; cert: string }> {
  const { private: key, cert } = await generate(
    [{ name: 'commonName', value: '127.0.0.1' }],
    {
      extensions: [
        { name: 'basicConstraints', cA: true },
        { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
      ],
    },
  );
  return { key, cert };
}
