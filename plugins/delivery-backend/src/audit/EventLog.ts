// SPDX-License-Identifier: Apache-2.0
import type { JsonObject } from '@backstage/types';
import type { Knex } from 'knex';

/** An event to append. `data` must survive JSON unchanged. */
export interface NewEvent {
  readonly type: string;
  /** UTC instant. */
  readonly at: string;
  /** Entity ref of who did it. */
  readonly actor: string;
  readonly data: JsonObject;
}

/** An event as the log holds it. */
export interface RecordedEvent extends NewEvent {
  /** For example `promotion/6f1c…`. */
  readonly stream: string;
  /** 1 for the first event of the stream. */
  readonly version: number;
  /** SHA-256 over this event and the previous event's hash, hex. */
  readonly hash: string;
}

/** What verifying the whole log found. */
export interface Verification {
  readonly intact: boolean;
  readonly events: number;
  readonly streams: number;
  readonly problems: readonly {
    readonly stream: string;
    readonly version: number;
    readonly problem: string;
  }[];
}

/** An append-only log of streams, each a chain of hashes. */
export interface EventLog {
  /**
   * Appends to a stream and runs `together` in the same transaction, for projections.
   * @param append.expectedVersion - version of the last event the caller has seen; 0 for a new stream
   * @throws ConflictError when the stream has another version; nothing was written.
   */
  append(append: {
    readonly stream: string;
    readonly expectedVersion: number;
    readonly events: readonly NewEvent[];
    readonly transaction: Knex.Transaction;
  }): Promise<readonly RecordedEvent[]>;
  /** Events of one stream, oldest first; empty when there is none. */
  load(stream: string): Promise<readonly RecordedEvent[]>;
  /** Recomputes every chain and compares it with the seals. */
  verify(): Promise<Verification>;
  /** Writes down the heads of all streams, so that cutting off a stream's end is noticed. */
  seal(): Promise<void>;
  /** Every event, oldest first, without holding more than a page in memory. */
  export(): AsyncIterable<RecordedEvent>;
}
