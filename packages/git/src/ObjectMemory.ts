// SPDX-License-Identifier: Apache-2.0
import type { GitObject } from './BatchAnswers';

/** Bytes that an object takes beside its contents, roughly. */
const overhead = 300;

/** The objects that were last used, no more of them than fit into a number of bytes. */
export class ObjectMemory {
  /** Those used last come last. */
  readonly #objects = new Map<string, GitObject>();
  #size = 0;

  constructor(private readonly maximum: number) {}

  /** The object of an id, when it is remembered. */
  get(id: string): GitObject | undefined {
    const found = this.#objects.get(id);
    if (!found) return undefined;
    this.#objects.delete(id);
    this.#objects.set(id, found);
    return found;
  }

  /** Remembers an object, and forgets others for it. One that takes more than a quarter is not worth it. */
  add(object: GitObject): void {
    const size = sizeOf(object);
    if (size > this.maximum / 4 || this.#objects.has(object.id)) return;
    this.#objects.set(object.id, object);
    this.#size += size;
    for (const [id, oldest] of this.#objects) {
      if (this.#size <= this.maximum) return;
      this.#objects.delete(id);
      this.#size -= sizeOf(oldest);
    }
  }

  /** Forgets all. */
  clear(): void {
    this.#objects.clear();
    this.#size = 0;
  }
}

function sizeOf({ content }: GitObject): number {
  return content.length + overhead;
}
