// SPDX-License-Identifier: Apache-2.0
import type { KubeConfig } from '@kubernetes/client-node';
import {
  Agent as HttpAgent,
  ClientRequest,
  IncomingMessage,
  request as httpRequest,
} from 'node:http';
import { Agent, request as httpsRequest, RequestOptions } from 'node:https';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { refusalOf } from './KubernetesError';

/** The part of client-node's KubeConfig that says where a cluster is and who we are. */
export type ClusterAddress = Pick<
  KubeConfig,
  'getCurrentCluster' | 'applyToHTTPSOptions'
> & {
  /** Makes a connection to a server in this process, on which HTTP is spoken without encryption. */
  readonly connect?: () => Duplex;
  /** Milliseconds that the server has for an answer; those in which a request waits for its turn do not count. */
  readonly answersWithin?: number;
};

/** One request. */
export interface Call {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly contentType?: string;
}

/** Milliseconds, where the address says nothing else. */
const usualAnswer = 15_000;

/**
 * Connections to an API server, kept and shared: credentials and addresses come from client-node's
 * kubeconfig. Its own request classes open a new TLS connection for every call, which a few hundred
 * pods would feel.
 */
export class ApiConnection {
  readonly #server: URL;
  readonly #agent: HttpAgent;
  readonly #watchAgent: HttpAgent;
  readonly #answersWithin: number;
  /** Whether nothing is encrypted. */
  readonly #isPlain: boolean;

  private constructor(
    server: string,
    private readonly settings: RequestOptions,
    { connect, answersWithin = usualAnswer }: ClusterAddress,
  ) {
    this.#answersWithin = answersWithin;
    this.#server = new URL(server);
    this.#isPlain = connect !== undefined || this.#server.protocol === 'http:';
    const { ca, cert, key, rejectUnauthorized, servername } = settings;
    const tls = {
      ca,
      cert,
      key,
      rejectUnauthorized,
      servername,
      keepAlive: true,
    };
    const agent = (limits: { readonly maxSockets?: number }) => {
      if (!this.#isPlain) return new Agent({ ...tls, ...limits });
      const plain = new HttpAgent({ keepAlive: true, ...limits });
      return connect
        ? Object.assign(plain, { createConnection: connect })
        : plain;
    };
    this.#agent = agent({ maxSockets: 8 });
    this.#watchAgent = agent({});
  }

  /** The connection for the current context of a kubeconfig. */
  static async connect(config: ClusterAddress): Promise<ApiConnection> {
    const cluster = config.getCurrentCluster();
    if (!cluster) throw new Error('The kubeconfig names no current cluster');
    const settings: RequestOptions = {};
    await config.applyToHTTPSOptions(settings);
    return new ApiConnection(cluster.server, settings, config);
  }

  /** Closes the connections that are open. */
  close(): void {
    this.#agent.destroy();
    this.#watchAgent.destroy();
  }

  /** The answer to a request, as JSON; throws a `KubernetesError` when it is refused. */
  async call<T>(call: Call): Promise<T> {
    const response = await this.#send(call, {
      agent: this.#agent,
      answersWithin: this.#answersWithin,
    });
    if ((response.statusCode ?? 500) >= 300) throw await refusalOf(response);
    return JSON.parse(await text(response));
  }

  /** The answer to a request while it comes, until the server ends it or `signal` aborts. */
  async stream(call: Call, signal: AbortSignal): Promise<IncomingMessage> {
    const response = await this.#send(call, {
      agent: this.#watchAgent,
      signal,
    });
    if (response.statusCode !== 200) throw await refusalOf(response);
    return response;
  }

  #send(
    call: Call,
    {
      agent,
      signal,
      answersWithin,
    }: {
      readonly agent: HttpAgent;
      readonly signal?: AbortSignal;
      readonly answersWithin?: number;
    },
  ): Promise<IncomingMessage> {
    const {
      method,
      path,
      query = {},
      body,
      contentType = 'application/json',
    } = call;
    const search = new URLSearchParams(query).toString();
    const payload =
      body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const options: RequestOptions = {
      method,
      host: this.#server.hostname,
      port: this.#server.port,
      path:
        this.#server.pathname.replace(/\/$/, '') +
        path +
        (search ? `?${search}` : ''),
      headers: {
        ...this.settings.headers,
        Accept: 'application/json',
        ...(payload
          ? { 'Content-Type': contentType, 'Content-Length': payload.length }
          : {}),
      },
      signal,
      agent,
    };
    return new Promise((resolve, reject) => {
      const request = this.#isPlain
        ? httpRequest(options, resolve)
        : httpsRequest(options, resolve);
      request.on('error', reject);
      if (answersWithin !== undefined) limitAnswer(request, answersWithin);
      request.end(payload);
    });
  }
}

/** Ends a request whose answer is not complete in time, counted from when it has a connection. */
function limitAnswer(request: ClientRequest, milliseconds: number): void {
  let timer: NodeJS.Timeout | undefined;
  request.once('socket', () => {
    const silence = new Error(
      `${request.host} did not answer within ${milliseconds / 1_000} s`,
    );
    timer = setTimeout(() => request.destroy(silence), milliseconds);
  });
  request.once('close', () => clearTimeout(timer));
}
