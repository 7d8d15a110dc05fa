// SPDX-License-Identifier: Apache-2.0
import type { KubeObject } from '../objects';

/**
 * One state of one object. Its JSON is made at most once per state and
 * version of the API, and shared by all answers and watches that need it.
 */
export class Entry {
  #body: Buffer | undefined;
  readonly #encoded = new Map<string, Buffer>();

  constructor(
    /** `namespace/name`, or the name alone where there is no namespace. */
    readonly key: string,
    readonly revision: number,
    readonly object: KubeObject,
  ) {}

  /** JSON without `kind` and `apiVersion`, as items of built-in lists are. */
  body(): Buffer {
    this.#body ??= Buffer.from(JSON.stringify(this.object));
    return this.#body;
  }

  /** What `make` returns, made once per name. */
  encoded(name: string, make: () => Buffer): Buffer {
    const known = this.#encoded.get(name);
    if (known) return known;
    const made = make();
    this.#encoded.set(name, made);
    return made;
  }

  /** The same state under another revision. */
  at(revision: number): Entry {
    return new Entry(this.key, revision, {
      ...this.object,
      metadata: {
        ...this.object.metadata,
        resourceVersion: String(revision),
      },
    });
  }
}
