// SPDX-License-Identifier: Apache-2.0
import { ConflictError } from '@backstage/errors';
import { canonicalJson } from '@causeway/plugin-delivery-common';
import type { Knex } from 'knex';
import type { Clock } from '../Clock';
import { isPostgres } from '../database/isPostgres';
import { jsonOf, numberOf, textOf, type Row } from '../database/rows';
import type {
  EventLog,
  NewEvent,
  RecordedEvent,
  Verification,
} from './EventLog';
import { hashOf, hashOfSeal, NO_HASH } from './hashChain';
import { verifyLog } from './verifyLog';

const PAGE = 1_000;

/**
 * The event log in the database.
 *
 * Two writers of one stream: the conditional update of its head lets one win, the other gets a
 * ConflictError and nothing of its transaction stays. An event is visible only together with the
 * projections written beside it. Nothing updates or deletes an event; that someone else did is
 * found by `verify` through the chain, the heads and the seals.
 */
export class DatabaseEventLog implements EventLog {
  readonly #database: Knex;
  readonly #clock: Clock;

  constructor(options: { readonly database: Knex; readonly clock: Clock }) {
    this.#database = options.database;
    this.#clock = options.clock;
  }

  async append(append: {
    readonly stream: string;
    readonly expectedVersion: number;
    readonly events: readonly NewEvent[];
    readonly transaction: Knex.Transaction;
  }): Promise<readonly RecordedEvent[]> {
    const { stream, expectedVersion, transaction } = append;
    if (append.events.length === 0) return [];
    if (expectedVersion === 0) {
      await transaction('stream_heads')
        .insert({ stream, version: 0, hash: NO_HASH })
        .onConflict('stream')
        .ignore();
    }
    const head: Row | undefined = await transaction('stream_heads')
      .where({ stream, version: expectedVersion })
      .first('hash');
    if (!head) throw movedOn(stream);
    const recorded = chain(stream, expectedVersion, {
      previousHash: textOf(head, 'hash'),
      events: append.events,
    });
    const last = recorded[recorded.length - 1];
    const won = await transaction('stream_heads')
      .where({ stream, version: expectedVersion })
      .update({ version: last.version, hash: last.hash });
    if (won !== 1) throw movedOn(stream);
    await transaction('events').insert(recorded.map(toRow));
    return recorded;
  }

  async load(stream: string): Promise<readonly RecordedEvent[]> {
    const rows: Row[] = await this.#database('events')
      .where({ stream })
      .orderBy('version')
      .select('*');
    return rows.map(fromRow);
  }

  /** Reads one moment of the log, so that what is appended meanwhile does not look like a fault. */
  async verify(): Promise<Verification> {
    // A transaction of SQLite always sees one moment, and knows no other way.
    return this.#database.transaction(
      transaction =>
        verifyLog({
          events: inStreamOrder(transaction),
          heads: headsIn(transaction),
          seals: sealsIn(transaction),
        }),
      isPostgres(this.#database)
        ? { isolationLevel: 'repeatable read', readOnly: true }
        : {},
    );
  }

  async seal(): Promise<void> {
    await this.#database.transaction(async transaction => {
      // Each seal follows the one before, so replicas seal one after the other. SQLite has one writer anyhow.
      if (isPostgres(transaction)) {
        await transaction.raw('LOCK TABLE seals IN SHARE ROW EXCLUSIVE MODE');
      }
      const grown: Row[] = await transaction('stream_heads')
        .whereRaw('version > sealed_version')
        .orderBy('stream')
        .select('stream', 'version', 'hash');
      if (grown.length === 0) return;
      const last: Row | undefined = await transaction('seals')
        .orderBy('number', 'desc')
        .first('hash');
      const seal = {
        at: this.#clock().toISOString(),
        heads: JSON.stringify(
          grown.map(row => [
            textOf(row, 'stream'),
            numberOf(row, 'version'),
            textOf(row, 'hash'),
          ]),
        ),
        previousHash: last ? textOf(last, 'hash') : NO_HASH,
      };
      await transaction('seals').insert({
        at: seal.at,
        heads: seal.heads,
        previous_hash: seal.previousHash,
        hash: hashOfSeal(seal),
      });
      for (const row of grown) {
        await transaction('stream_heads')
          .where({ stream: textOf(row, 'stream') })
          .update({ sealed_version: numberOf(row, 'version') });
      }
    });
  }

  /**
   * Pages by position. Positions are given out before commit, so an event that is committed while
   * this runs may be left out; every event that was there when it began is not.
   */
  async *export(): AsyncIterable<RecordedEvent> {
    let position = 0;
    for (;;) {
      const rows: Row[] = await this.#database('events')
        .where('position', '>', position)
        .orderBy('position')
        .limit(PAGE)
        .select('*');
      yield* rows.map(fromRow);
      if (rows.length < PAGE) return;
      position = numberOf(rows[rows.length - 1], 'position');
    }
  }
}

async function* inStreamOrder(knex: Knex): AsyncIterable<RecordedEvent> {
  let after = { stream: '', version: 0 };
  for (;;) {
    const { stream, version } = after;
    const rows: Row[] = await knex('events')
      .where(query =>
        query
          .where('stream', '>', stream)
          .orWhere(same =>
            same.where({ stream }).where('version', '>', version),
          ),
      )
      .orderBy(['stream', 'version'])
      .limit(PAGE)
      .select('*');
    const page = rows.map(fromRow);
    yield* page;
    if (page.length < PAGE) return;
    after = page[page.length - 1];
  }
}

async function* headsIn(knex: Knex) {
  const rows: Row[] = await knex('stream_heads').select('*');
  for (const row of rows) {
    yield {
      stream: textOf(row, 'stream'),
      version: numberOf(row, 'version'),
      hash: textOf(row, 'hash'),
    };
  }
}

async function* sealsIn(knex: Knex) {
  const rows: Row[] = await knex('seals').orderBy('number');
  for (const row of rows) {
    yield {
      number: numberOf(row, 'number'),
      at: textOf(row, 'at'),
      heads: textOf(row, 'heads'),
      previousHash: textOf(row, 'previous_hash'),
      hash: textOf(row, 'hash'),
    };
  }
}

function movedOn(stream: string): ConflictError {
  return new ConflictError(
    `The stream ${stream} has moved on; load it again and decide anew`,
  );
}

function chain(
  stream: string,
  version: number,
  growth: {
    readonly previousHash: string;
    readonly events: readonly NewEvent[];
  },
): readonly RecordedEvent[] {
  let { previousHash } = growth;
  return growth.events.map((event, index) => {
    const placed = {
      ...event,
      stream,
      version: version + index + 1,
      previousHash,
    };
    const hash = hashOf(placed);
    previousHash = hash;
    return { ...placed, hash };
  });
}

function toRow(event: RecordedEvent) {
  return {
    stream: event.stream,
    version: event.version,
    type: event.type,
    at: event.at,
    actor: event.actor,
    data: canonicalJson(event.data),
    previous_hash: event.previousHash,
    hash: event.hash,
  };
}

function fromRow(row: Row): RecordedEvent {
  return {
    stream: textOf(row, 'stream'),
    version: numberOf(row, 'version'),
    type: textOf(row, 'type'),
    at: textOf(row, 'at'),
    actor: textOf(row, 'actor'),
    data: jsonOf(row, 'data'),
    previousHash: textOf(row, 'previous_hash'),
    hash: textOf(row, 'hash'),
  };
}
