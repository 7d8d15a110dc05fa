// SPDX-License-Identifier: Apache-2.0
import type { Json, JsonObject, KubeObject } from '../objects';

/** Shorter texts cost less than the search for an equal one. */
const SHORTEST_TEXT = 20;

/** A part that was seen, under a number that no other part ever has. */
interface Known {
  readonly id: number;
  readonly value: Json;
}

/**
 * Lets objects share their equal parts: the pods of a DaemonSet have the same
 * containers and tolerations, the nodes of a fleet the same capacity, and the
 * states of one object nearly everything. Stored objects are never changed in
 * place, so nobody can tell.
 *
 * It remembers the parts it saw last, between `limit` and twice as many. Each
 * is found by a description of it that names the parts inside by their
 * numbers, so that descriptions stay short however large the part is.
 */
export class SharedParts {
  #recent = new Map<string, Known>();
  #older = new Map<string, Known>();
  #lastId = 0;

  constructor(private readonly limit: number) {}

  /** An object equal to the given one that shares what it can with others. */
  share(object: KubeObject): KubeObject {
    const copy: KubeObject = { ...object };
    this.#shareFields(copy);
    return copy;
  }

  /**
   * Calls back with the part to use.
   *
   * @returns a description that only equal parts have.
   */
  #part(value: Json, use: (shared: Json) => void): string {
    if (typeof value === 'string') {
      if (value.length < SHORTEST_TEXT) {
        use(value);
        return `"${value.length}:${value}`;
      }
      return this.#known(`"${value}`, value, use);
    }
    if (typeof value !== 'object' || value === null) {
      use(value);
      return String(value);
    }
    if (Array.isArray(value)) {
      const copy: Json[] = [...value];
      return this.#known(this.#shareItems(copy), copy, use);
    }
    const copy: JsonObject = { ...value };
    return this.#known(this.#shareFields(copy), copy, use);
  }

  #shareItems(copy: Json[]): string {
    const parts = ['['];
    for (let index = 0; index < copy.length; index += 1) {
      const part = this.#part(copy[index], shared => {
        copy[index] = shared;
      });
      parts.push(part);
    }
    return parts.join(' ');
  }

  #shareFields(copy: JsonObject): string {
    const parts = ['{'];
    for (const field of Object.keys(copy)) {
      const value = copy[field];
      if (value === undefined) continue;
      const part = this.#part(value, shared => {
        // An assignment would set the prototype instead.
        if (field !== '__proto__') copy[field] = shared;
      });
      // With its length, no name can be mistaken for a part.
      parts.push(String(field.length), field, part);
    }
    return parts.join(' ');
  }

  #known(
    description: string,
    value: Json,
    use: (shared: Json) => void,
  ): string {
    const known =
      this.#recent.get(description) ?? this.#add(description, value);
    use(known.value);
    return `#${known.id}`;
  }

  #add(description: string, value: Json): Known {
    const known = this.#older.get(description) ?? {
      id: (this.#lastId += 1),
      value,
    };
    this.#recent.set(description, known);
    if (this.#recent.size > this.limit) {
      this.#older = this.#recent;
      this.#recent = new Map();
    }
    return known;
  }
}
