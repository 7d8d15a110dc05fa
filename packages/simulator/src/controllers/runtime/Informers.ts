// SPDX-License-Identifier: Apache-2.0
import { Informer, InformerDependencies } from './Informer';
import { KubernetesObject, Resource } from './resources';

/** One informer per kind, shared by all controllers of a cluster. */
export class Informers {
  readonly #informers = new Map<string, Informer<KubernetesObject>>();

  constructor(private readonly dependencies: InformerDependencies) {}

  /** The informer of a kind; made at the first call. */
  of<T extends KubernetesObject>(resource: Resource<T>): Informer<T> {
    const key = `${resource.apiVersion}/${resource.plural}`;
    const known = this.#informers.get(key);
    // The key names the kind, and a kind has one shape.
    if (known) return known as unknown as Informer<T>;
    const informer = new Informer<T>(resource, this.dependencies);
    this.#informers.set(key, informer as unknown as Informer<KubernetesObject>);
    return informer;
  }

  /** Begins to watch every kind asked for and resolves when all caches are filled. */
  async start(): Promise<void> {
    for (const informer of this.#informers.values()) informer.start();
    await Promise.all(
      [...this.#informers.values()].map(({ synced }) => synced),
    );
  }

  /** Ends all watches. */
  async stop(): Promise<void> {
    await Promise.all(
      [...this.#informers.values()].map(informer => informer.stop()),
    );
  }
}
