// SPDX-License-Identifier: Apache-2.0
import { createInterface } from 'node:readline';
import { ApiConnection, type ClusterAddress } from './ApiConnection';
import { isStatus } from './KubernetesError';
import {
  collectionPath,
  KubernetesObject,
  ObjectName,
  pathOf,
  Resource,
  rootPath,
} from './resources';

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

/**
 * The Kubernetes API for the controllers.
 *
 * A returned write is stored by the server; a thrown `KubernetesError` wrote
 * nothing; any other error proves neither.
 */
export class KubernetesClient {
  readonly #discovered = new Map<string, Promise<readonly Resource[]>>();

  private constructor(private readonly connection: ApiConnection) {}

  /** A client for the current context of a kubeconfig. */
  static async connect(config: ClusterAddress): Promise<KubernetesClient> {
    return new KubernetesClient(await ApiConnection.connect(config));
  }

  /** Closes the connections that are open. */
  close(): void {
    this.connection.close();
  }

  /** An object; undefined when there is none. */
  async get<T extends KubernetesObject>(
    resource: Resource<T>,
    name: ObjectName,
  ): Promise<T | undefined> {
    try {
      return await this.connection.call<T>({
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
    const list = await this.connection.call<{
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
    return this.connection.call<T>({
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
    await this.connection.call({
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
    return this.connection.call<T>({
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
      await this.connection.call({
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
    const path = collectionPath(resource, undefined);
    const call = { method: 'GET', path, query };
    const response = await this.connection.stream(call, signal);
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
      const answer = await this.connection.call<{
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
}
