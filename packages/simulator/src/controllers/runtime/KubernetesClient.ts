// SPDX-License-Identifier: Apache-2.0
import type { KubeConfig } from '@kubernetes/client-node';
import {
  Agent as HttpAgent,
  ClientRequest,
  IncomingMessage,
  request as httpRequest,
} from 'node:http';
import { Agent, request as httpsRequest, RequestOptions } from 'node:https';
import { createInterface } from 'node:readline';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import {
  collectionPath,
  KubernetesObject,
  ObjectName,
  pathOf,
  Resource,
  rootPath,
} from './resources';

/** A refusal of the API server. */
export class KubernetesError extends Error {
  constructor(
    readonly status: number,
    readonly reason: string,
    message: string,
  ) {
    super(message);
    this.name = 'KubernetesError';
  }
}

/** Whether an error is the API server's, with this status. */
export function isStatus(
  error: unknown,
  status: number,
): error is KubernetesError {
  return error instanceof KubernetesError && error.status === status;
}

/** How a patch is to be read. */
export type PatchKind = 'merge' | 'strategic' | 'json';

const patchTypes = {
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  json: 'application/json-patch+json',
} satisfies Record<PatchKind, string>;

/** Settings of one patch. */
export interface PatchOptions {
  readonly kind?: PatchKind;
  readonly subresource?: 'status' | 'scale';
  /** Further parameters of the request, for example `dryRun`. */
  readonly query?: Readonly<Record<string, string>>;
}

/** Settings of one delete. */
export interface DeleteSettings {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  /** Refuses unless the object is still this one. */
  readonly uid?: string;
}

/** One page of a list. */
export interface List<T> {
  readonly items: readonly T[];
  readonly resourceVersion: string;
}

/** A line of a watch. */
export interface WatchEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: T;
}

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

interface Call {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly contentType?: string;
}

/** Milliseconds, where the address says nothing else. */
const usualAnswer = 15_000;

/**
 * The Kubernetes API for the controllers: credentials and addresses come from
 * client-node's kubeconfig, connections are kept and shared. Its own request
 * classes open a new TLS connection for every call, which a few hundred pods
 * would feel.
 *
 * A returned write is stored by the server; a thrown {@link KubernetesError}
 * wrote nothing; any other error proves neither.
 */
export class KubernetesClient {
  readonly #server: URL;
  readonly #agent: HttpAgent;
  readonly #watchAgent: HttpAgent;
  readonly #answersWithin: number;
  /** Whether nothing is encrypted. */
  readonly #isPlain: boolean;
  readonly #discovered = new Map<string, Promise<readonly Resource[]>>();

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

  /** A client for the current context of a kubeconfig. */
  static async connect(config: ClusterAddress): Promise<KubernetesClient> {
    const cluster = config.getCurrentCluster();
    if (!cluster) throw new Error('The kubeconfig names no current cluster');
    const settings: RequestOptions = {};
    await config.applyToHTTPSOptions(settings);
    return new KubernetesClient(cluster.server, settings, config);
  }

  /** Closes the connections that are open. */
  close(): void {
    this.#agent.destroy();
    this.#watchAgent.destroy();
  }

  /** An object; undefined when there is none. */
  async get<T extends KubernetesObject>(
    resource: Resource<T>,
    name: ObjectName,
  ): Promise<T | undefined> {
    try {
      return await this.#call<T>({
        method: 'GET',
        path: pathOf(resource, name),
      });
    } catch (error) {
      if (isStatus(error, 404)) return undefined;
      throw error;
    }
  }

  /** All objects of a kind. */
  async list<T extends KubernetesObject>(
    resource: Resource<T>,
    query: Readonly<Record<string, string>> = {},
  ): Promise<List<T>> {
    const path = collectionPath(resource, undefined);
    const list = await this.#call<{
      items: T[];
      metadata: { resourceVersion: string };
    }>({ method: 'GET', path, query });
    return {
      items: list.items,
      resourceVersion: list.metadata.resourceVersion,
    };
  }

  /** Stores a new object. */
  create<T extends KubernetesObject>(
    resource: Resource<T>,
    namespace: string | undefined,
    object: object,
    query: Readonly<Record<string, string>> = {},
  ): Promise<T> {
    const { apiVersion, kind } = resource;
    const path = collectionPath(resource, namespace);
    return this.#call<T>({
      method: 'POST',
      path,
      query,
      body: { apiVersion, kind, ...object },
    });
  }

  /** Posts to a subresource, as `pods/NAME/binding` wants it. */
  async post(
    resource: Resource,
    name: ObjectName,
    subresource: string,
    body: object,
  ): Promise<void> {
    await this.#call({
      method: 'POST',
      path: `${pathOf(resource, name)}/${subresource}`,
      body,
    });
  }

  /** Changes an object and returns what is stored now. */
  patch<T extends KubernetesObject>(
    resource: Resource<T>,
    name: ObjectName,
    patch: object,
    options: PatchOptions = {},
  ): Promise<T> {
    return this.#call<T>({
      method: 'PATCH',
      path:
        pathOf(resource, name) +
        (options.subresource ? `/${options.subresource}` : ''),
      query: options.query,
      body: patch,
      contentType: patchTypes[options.kind ?? 'merge'],
    });
  }

  /** Replaces the status of an object with a merge patch. */
  patchStatus<T extends KubernetesObject>(
    resource: Resource<T>,
    name: ObjectName,
    status: object,
  ): Promise<T> {
    return this.patch(resource, name, { status }, { subresource: 'status' });
  }

  /** Begins the deletion of an object; nothing happens when it is gone. */
  async delete(
    resource: Resource,
    name: ObjectName,
    settings: DeleteSettings = {},
  ): Promise<void> {
    const { uid, ...options } = settings;
    const body = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      ...options,
      ...(uid ? { preconditions: { uid } } : {}),
    };
    try {
      await this.#call({
        method: 'DELETE',
        path: pathOf(resource, name),
        body,
      });
    } catch (error) {
      // Gone, or gone and made anew under the same name: either way not this object's problem.
      if (!isStatus(error, 404) && !(uid && isStatus(error, 409))) throw error;
    }
  }

  /** How a kind is served; undefined when the server does not know it (yet). */
  async resource(
    apiVersion: string,
    kind: string,
  ): Promise<Resource | undefined> {
    const known = await this.#kindsOf(apiVersion);
    const found = known.find(resource => resource.kind === kind);
    // Custom kinds appear while we run, so what is missing is asked for again next time.
    if (!found) this.#discovered.delete(apiVersion);
    return found;
  }

  /**
   * Follows changes after `resourceVersion` until the server ends the stream or
   * `signal` aborts. An unreadable line ends it with an error: skipping one
   * would lose a change for ever.
   */
  async watch<T extends KubernetesObject>(
    resource: Resource<T>,
    resourceVersion: string,
    onEvent: (event: WatchEvent<T>) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const query = { watch: '1', allowWatchBookmarks: 'true', resourceVersion };
    const response = await this.#send(
      { method: 'GET', path: collectionPath(resource, undefined), query },
      { agent: this.#watchAgent, signal },
    );
    if (response.statusCode !== 200) throw await refusalOf(response);
    for await (const line of createInterface({ input: response })) {
      if (line !== '') onEvent(JSON.parse(line));
    }
  }

  #kindsOf(apiVersion: string): Promise<readonly Resource[]> {
    const known = this.#discovered.get(apiVersion);
    if (known) return known;
    const asked = this.#discover(apiVersion);
    this.#discovered.set(apiVersion, asked);
    asked.catch(() => this.#discovered.delete(apiVersion));
    return asked;
  }

  async #discover(apiVersion: string): Promise<readonly Resource[]> {
    try {
      const answer = await this.#call<{
        resources: { name: string; kind: string; namespaced: boolean }[];
      }>({
        method: 'GET',
        path: rootPath(apiVersion),
      });
      return answer.resources
        .filter(({ name }) => !name.includes('/'))
        .map(({ name, kind, namespaced }) => ({
          apiVersion,
          kind,
          plural: name,
          namespaced,
        }));
    } catch (error) {
      if (isStatus(error, 404)) return [];
      throw error;
    }
  }

  async #call<T>(call: Call): Promise<T> {
    const response = await this.#send(call, {
      agent: this.#agent,
      answersWithin: this.#answersWithin,
    });
    if ((response.statusCode ?? 500) >= 300) throw await refusalOf(response);
    return JSON.parse(await text(response));
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

async function refusalOf(response: IncomingMessage): Promise<KubernetesError> {
  const body = await text(response);
  const code = response.statusCode ?? 500;
  try {
    const status = JSON.parse(body);
    return new KubernetesError(
      code,
      String(status.reason ?? ''),
      String(status.message ?? body),
    );
  } catch {
    return new KubernetesError(
      code,
      '',
      body.slice(0, 300) || `The server answered ${code}`,
    );
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
