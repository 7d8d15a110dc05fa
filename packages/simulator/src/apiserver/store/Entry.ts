// SPDX-License-Identifier: Apache-2.0
import type { KubeObject } from '../objects';

/**
 * One state of one object. There may be very many, so an entry holds nothing
 * but the object; its JSON is made when it is needed. Only while a change is
 * told to all watches is its JSON kept, so that it is made once for all.
 */
export class Entry {
  #encoded: Map<string, Buffer> | undefined = undefined;

  constructor(
    /** `namespace/name`, or the name alone where there is no namespace. */
    readonly key: string,
    readonly revision: number,
    readonly object: KubeObject,
  ) {}

  /** Keeps what `encoded` makes, until the function that is returned is called. */
  keepEncodings(): () => void {
    this.#encoded = new Map();
    return () => {
      this.#encoded = undefined;
    };
  }

  /** What `make` returns; made once per name while encodings are kept. */
  encoded(name: string, make: () => Buffer): Buffer {
    const known = this.#encoded?.get(name);
    if (known) return known;
    const made = make();
    this.#encoded?.set(name, made);
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
