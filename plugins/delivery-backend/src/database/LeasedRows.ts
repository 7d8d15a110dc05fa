// SPDX-License-Identifier: Apache-2.0
import type { Knex } from 'knex';
import type { Clock } from '../Clock';
import { isPostgres } from './isPostgres';
import type { Row } from './rows';

/** Later than every due time. */
const NEVER = '9999-12-31T23:59:59.999Z';

/** Which row is leased, and the proof of holding it. */
export interface RowLease {
  readonly key: string;
  readonly ticket: string;
}

/**
 * Rows of a table that one worker at a time may work on, with the columns `ticket`, `due_at` and `failures`.
 * Any number of replicas may take rows at the same time: that is one statement that writes a fresh ticket,
 * and on PostgreSQL it skips rows that another one is taking. A lease of a dead process runs out, and then
 * somebody else goes on. What makes a row due while somebody works on it is not lost: taking and beginning
 * clear the due time, and ending the visit only ever brings it forward.
 */
export class LeasedRows {
  constructor(
    private readonly options: {
      readonly database: Knex;
      readonly clock: Clock;
      readonly newTicket: () => string;
      /** Milliseconds after which a lease that was not extended runs out. */
      readonly duration: number;
      readonly table: string;
      /** Column that names a row. */
      readonly key: string;
      /** Column with the end of the lease. */
      readonly expires: string;
    },
  ) {}

  get duration(): number {
    return this.options.duration;
  }

  /**
   * Takes over those rows that a query finds free, by its key column.
   * @returns the key, the ticket, and these columns of each
   */
  async take(
    free: Knex.QueryBuilder,
    columns: readonly string[],
  ): Promise<readonly Row[]> {
    const { database, newTicket, table, key, expires } = this.options;
    if (isPostgres(database)) free.forUpdate().skipLocked();
    return database(table)
      .whereIn(key, free)
      .update({
        ticket: newTicket(),
        [expires]: this.#end(),
        due_at: NEVER,
      })
      .returning([key, 'ticket', ...columns]);
  }

  /** Prolongs a lease; false when it is lost. */
  async extend(lease: RowLease): Promise<boolean> {
    const { expires } = this.options;
    const held = await this.mine(lease)
      .where(expires, '>', this.now())
      .update({ [expires]: this.#end() });
    return held === 1;
  }

  /** Forgets what has made the row due so far, because its cause is looked at from here on. */
  async begin(lease: RowLease): Promise<void> {
    await this.mine(lease).update({ due_at: NEVER });
  }

  /** Ends a visit. The next one is at `dueAt`, or earlier when the row was made due meanwhile. */
  async release(
    lease: RowLease,
    next: { readonly dueAt: Date; readonly failures: number },
  ): Promise<void> {
    const dueAt = next.dueAt.toISOString();
    await this.mine(lease).update({
      ticket: null,
      [this.options.expires]: null,
      failures: next.failures,
      due_at: this.options.database.raw(
        'CASE WHEN due_at < ? THEN due_at ELSE ? END',
        [dueAt, dueAt],
      ),
    });
  }

  /** The row, as long as the lease holds it. */
  mine({ key, ticket }: RowLease): Knex.QueryBuilder {
    const { database, table } = this.options;
    return database(table).where({ [this.options.key]: key, ticket });
  }

  now(): string {
    return this.options.clock().toISOString();
  }

  #end(): string {
    const { clock, duration } = this.options;
    return new Date(clock().getTime() + duration).toISOString();
  }
}
