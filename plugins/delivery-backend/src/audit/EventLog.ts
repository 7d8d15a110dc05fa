// SPDX-License-Identifier: Apache-2.0
import type { Knex } from 'knex';

/** An event to append. `data` must survive JSON unchanged. */
export interface NewEvent {
  readonly type: string;
  /** UTC instant. */
  readonly at: string;
  /** Entity ref of who did it. */
  readonly actor: string;
  readonly data: object;
}

/** An event as the log holds it. */
export interface RecordedEvent extends NewEvent {
  /** For example `promotion/6f1c…`. */
  readonly stream: string;
  /** 1 for the first event of the stream. */
  readonly version: number;
  /** Hash of the event before, hex; zeros for the first. */
  readonly previousHash: string;
  /** SHA-256 over this event and the previous event's hash, hex. */
  readonly hash: string;
}

/** What verifying the whole log found. */
export interface Verification {
  readonly intact: boolean;
  readonly events: number;
  readonly streams: number;
  readonly problems: readonly LogProblem[];
}

export interface LogProblem {
  readonly stream: string;
  readonly version: number;
  readonly problem: string;
}

/** An append-only log of streams, each a chain of hashes. */
export interface EventLog {
  /**
   * Appends to a stream within the caller's transaction, so that projections change with it.
   * @param append.expectedVersion - version of the last event the caller has seen; 0 for a new stream
   * @throws ConflictError when the stream has another version; the transaction must be rolled back.
   */
  append(append: {
    readonly stream: string;
    readonly expectedVersion: number;
    readonly events: readonly NewEvent[];
    readonly transaction: Knex.Transaction;
  }): Promise<readonly RecordedEvent[]>;
  /** Events of one stream, oldest first; empty when there is none. */
  load(stream: string): Promise<readonly RecordedEvent[]>;
  /** Recomputes every chain and compares it with the heads and the seals. */
  verify(): Promise<Verification>;
  /** Writes down the heads of all streams that grew, so that a later change of their past is noticed. */
  seal(): Promise<void>;
  /** Every event, oldest first, without holding more than a page in memory. */
  export(): AsyncIterable<RecordedEvent>;
}
