// SPDX-License-Identifier: Apache-2.0

/** Why a cluster did not give us what we asked for. */
export interface TransportFailure {
  /**
   * - `unreachable`: no connection could be made.
   * - `forbidden`: it refused who we are or what we asked.
   * - `missing`: it has no such object, or serves no such kind.
   * - `expired`: our resource version is too old; only a new list helps.
   * - `conflict`: somebody else changed the object meanwhile.
   * - `busy`: it does not allow it now; later it may.
   * - `malformed`: it sent something that can not be read, so something may have been lost.
   * - `failing`: it broke off, answered an error, or nothing in time.
   */
  readonly kind:
    | 'unreachable'
    | 'forbidden'
    | 'missing'
    | 'expired'
    | 'conflict'
    | 'busy'
    | 'malformed'
    | 'failing';
  /** A sentence a person can act on; holds no address and no credential. */
  readonly problem: string;
}

/** The answer of a cluster. A failure is data, never thrown. */
export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: TransportFailure };

/** A page of a list. Objects are as the server sent them. */
export interface ListPage {
  readonly items: readonly unknown[];
  readonly resourceVersion: string;
  /** Token of the next page; undefined on the last. */
  readonly next?: string;
}

/** What comes out of an open watch. The stream ends without a word when the server ends it in order. */
export type WatchSign =
  | {
      readonly type: 'added' | 'modified' | 'deleted';
      readonly object: unknown;
    }
  | { readonly type: 'bookmark'; readonly resourceVersion: string }
  | { readonly type: 'failed'; readonly failure: TransportFailure };

/** How one cluster is spoken to: the only part of the cache that knows HTTP. */
export interface ClusterTransport {
  /** Lists `path` from the server's current state, at most `limit` objects a page. */
  list(
    path: string,
    page: { readonly limit: number; readonly next?: string },
    signal: AbortSignal,
  ): Promise<Answer<ListPage>>;
  /** Opens a watch on `path` after `resourceVersion`, with bookmarks. */
  watch(
    path: string,
    resourceVersion: string,
    signal: AbortSignal,
  ): Promise<Answer<AsyncIterable<WatchSign>>>;
  /** The cheapest question that shows that the API server answers us. */
  probe(signal: AbortSignal): Promise<Answer<undefined>>;
  /** Reads one object. */
  get(path: string, signal: AbortSignal): Promise<Answer<unknown>>;
  /** Merges into one object (JSON merge patch), in the name of `user` when given. */
  patch(
    path: string,
    body: object,
    options: { readonly user?: string },
    signal: AbortSignal,
  ): Promise<Answer<undefined>>;
  /** Ends every connection. */
  close(): void;
}

/** What changes a cluster beyond patches. Nothing here is repeated by itself. */
export interface ClusterWrites {
  /** Creates an object, or posts to a subresource. */
  create(
    path: string,
    body: object,
    options: { readonly user?: string },
    signal: AbortSignal,
  ): Promise<Answer<undefined>>;
  remove(
    path: string,
    options: { readonly user?: string },
    signal: AbortSignal,
  ): Promise<Answer<undefined>>;
  /**
   * The status with which what is behind a proxy of the API server answers, at most so many
   * milliseconds later. That the API server could not ask is a failure and no status.
   */
  status(
    path: string,
    options: { readonly within: number; readonly user?: string },
    signal: AbortSignal,
  ): Promise<Answer<number>>;
  /** Reads text, cut after `maximum` bytes. */
  text(
    path: string,
    maximum: number,
    options: { readonly user?: string },
    signal: AbortSignal,
  ): Promise<Answer<string>>;
}

/** A refusal as an answer. */
export function failed(
  kind: TransportFailure['kind'],
  problem: string,
): { readonly ok: false; readonly failure: TransportFailure } {
  return { ok: false, failure: { kind, problem } };
}
