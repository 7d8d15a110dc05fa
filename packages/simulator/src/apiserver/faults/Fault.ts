// SPDX-License-Identifier: Apache-2.0

/**
 * Narrows a fault to some requests; without it all are meant. A request is
 * covered when every field that is given covers it.
 *
 * In `paths`, `resources` and `namespaces`, `*` stands for any text without a
 * slash and `**` for any text. A path without `*` covers all that begins with
 * it; `/api/v1/nodes` covers `/api/v1/nodes/a`. Queries are not part of paths.
 *
 * @public
 */
export interface FaultScope {
  /** `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`. */
  readonly verbs?: readonly string[];
  /** Plural names: `pods`. */
  readonly resources?: readonly string[];
  readonly namespaces?: readonly string[];
  /** `/apis/apps/v1`, or a pattern like `/api/v1/namespaces/shop-*`. */
  readonly paths?: readonly string[];
  /** Share of the covered requests that is met, above 0 and up to 1, which is the default. */
  readonly share?: number;
  /** Decides which requests make up the share: the same seed meets the same ones. 1 when left out. */
  readonly seed?: number;
}

/**
 * What is wrong with the server:
 * - `slow`: every answer starts later;
 * - `hang`: connections are accepted, nothing is answered, open watches fall
 *   silent; requests still waiting when the fault ends are answered then;
 * - `error`: every request is answered with this code, 500 if none is named;
 * - `forbidden`: every request is answered with 403; open watches end, so
 *   that their clients come back and learn it;
 * - `malformed`: every request is answered with 200 and JSON that breaks off,
 *   and nothing is done; of watches, open ones too, every line breaks off;
 * - `gone`: history is lost: open watches end with 410, older resource
 *   versions and continued lists are answered with 410 while it lasts;
 * - `cut`: open connections are cut, once, and new ones are served; with
 *   `afterEvents` it lasts, and every watch is cut within the line after so
 *   many;
 * - `refuse`: the port is closed and open connections are cut.
 *
 * @public
 */
export type Fault =
  | ({ readonly kind: 'slow'; readonly milliseconds: number } & FaultScope)
  | ({ readonly kind: 'hang' } & FaultScope)
  | ({ readonly kind: 'error'; readonly code?: number } & FaultScope)
  | ({ readonly kind: 'forbidden' } & FaultScope)
  | ({ readonly kind: 'malformed' } & FaultScope)
  | ({ readonly kind: 'gone' } & FaultScope)
  | ({ readonly kind: 'cut'; readonly afterEvents?: number } & FaultScope)
  | { readonly kind: 'refuse' };

/**
 * A fault that holds, and the name by which it is taken away.
 *
 * @public
 */
export interface ActiveFault {
  readonly id: string;
  readonly fault: Fault;
}

/**
 * The faults of one server. Several may hold at once: a request that is met by
 * more than one first waits for all that delay it, and is then answered by the
 * oldest that refuses it.
 *
 * @public
 */
export interface Faults {
  /** All that hold now, oldest first. */
  readonly active: readonly ActiveFault[];
  /** The newest that holds. */
  readonly current: Fault | undefined;
  /** Replaces all that hold; resolves when it has taken effect. */
  set(fault: Fault): Promise<void>;
  /**
   * Adds a fault to those that hold; resolves when it has taken effect. A `cut`
   * that happens once gets an id like all, but is over then.
   */
  add(fault: Fault): Promise<ActiveFault>;
  /**
   * Ends one fault.
   *
   * @returns false when none has this id.
   */
  remove(id: string): Promise<boolean>;
  /** Ends all faults that hold; the port is open again after it. */
  clear(): Promise<void>;
  /** Lets all that waits go on, but leaves a closed port closed: before stopping. */
  release(): void;
}
