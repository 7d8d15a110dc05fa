// SPDX-License-Identifier: Apache-2.0
import { ConflictError } from '@backstage/errors';
import type { Knex } from 'knex';
import type { Clock } from '../Clock';
import { LeasedRows } from '../database/LeasedRows';
import { numberOf, optionalTextOf, textOf, type Row } from '../database/rows';

/** Proof of holding a lease; every write of a turn shows it. */
export type Ticket = string;

/** The right to work on one promotion until `expiresAt`, unless extended. */
export interface Lease {
  readonly promotion: string;
  readonly ticket: Ticket;
  /** Visits that failed in a row before this one. */
  readonly failures: number;
  /** Number of the promotion's events that were announced. */
  readonly announced: number;
}

/** Who works on which promotion. */
export class PromotionLeases {
  readonly #database: Knex;
  readonly #rows: LeasedRows;

  constructor(options: {
    readonly database: Knex;
    readonly clock: Clock;
    readonly newTicket: () => string;
    /**
     * Milliseconds. Short, because work of a killed process rests for as long; a process that stalls
     * longer and loses a lease does no harm, because effects and appends are safe against it.
     * @default 5000
     */
    readonly duration?: number;
  }) {
    this.#database = options.database;
    this.#rows = new LeasedRows({
      ...options,
      duration: options.duration ?? 5_000,
      table: 'promotion_leases',
      key: 'promotion_id',
      expires: 'expires_at',
    });
  }

  /** Milliseconds after which a lease that was not extended runs out. */
  get duration(): number {
    return this.#rows.duration;
  }

  /**
   * Makes the promotion due now, in the transaction that changed it.
   * @throws ConflictError when a ticket is shown that is no longer good
   */
  async due(
    promotion: string,
    given: {
      readonly transaction: Knex.Transaction;
      readonly ticket?: Ticket;
    },
  ): Promise<void> {
    const leases = () => given.transaction('promotion_leases');
    const now = this.#rows.now();
    if (given.ticket) {
      const held = await leases()
        .where({ promotion_id: promotion, ticket: given.ticket })
        .where('expires_at', '>', now)
        .update({ due_at: now });
      if (held !== 1) throw lost(promotion);
      return;
    }
    await leases()
      .insert({ promotion_id: promotion, due_at: now })
      .onConflict('promotion_id')
      .merge({ due_at: now });
  }

  /** Takes over promotions that are due, were woken, or whose worker died; at most `limit`. */
  async claim(options: {
    readonly limit: number;
    readonly woken: readonly string[];
  }): Promise<readonly Lease[]> {
    const now = this.#rows.now();
    const free = this.#database('promotion_leases')
      .select('promotion_id')
      .where(rows =>
        rows
          .where(idle =>
            idle
              .whereNull('ticket')
              .where(wanted =>
                wanted
                  .where('due_at', '<=', now)
                  .orWhereIn('promotion_id', [...options.woken]),
              ),
          )
          .orWhere('expires_at', '<=', now),
      )
      .orderBy('due_at')
      .limit(options.limit);
    const rows = await this.#rows.take(free, ['failures', 'announced']);
    return rows.map(row => ({
      promotion: textOf(row, 'promotion_id'),
      ticket: textOf(row, 'ticket'),
      failures: numberOf(row, 'failures'),
      announced: numberOf(row, 'announced'),
    }));
  }

  /** Prolongs a lease; false when it is lost. */
  async extend(lease: Lease): Promise<boolean> {
    return this.#rows.extend(rowOf(lease));
  }

  /** Forgets the wakes that came so far, because their cause is looked at from here on. */
  async begin(lease: Lease): Promise<void> {
    await this.#rows.begin(rowOf(lease));
  }

  async announced(lease: Lease, version: number): Promise<void> {
    await this.#rows.mine(rowOf(lease)).update({ announced: version });
  }

  /** Ends a visit; the next one is at `dueAt`, or earlier when somebody woke it meanwhile. */
  async release(
    lease: Lease,
    next: { readonly dueAt: Date; readonly failures: number },
  ): Promise<void> {
    await this.#rows.release(rowOf(lease), next);
  }

  /** Ends the work on a promotion for good. */
  async finish(lease: Lease): Promise<void> {
    await this.#rows.mine(rowOf(lease)).delete();
  }

  /** Whether nobody works on any of these. */
  async areSettled(promotions: readonly string[]): Promise<boolean> {
    if (promotions.length === 0) return true;
    const busy: Row | undefined = await this.#database('promotion_leases')
      .whereIn('promotion_id', [...promotions])
      .whereNotNull('ticket')
      .where('expires_at', '>', this.#rows.now())
      .first('promotion_id');
    return busy === undefined;
  }

  /** When the next promotion that nobody works on is due, or the next lease runs out. */
  async nextDue(): Promise<Date | undefined> {
    const row: Row | undefined = await this.#database('promotion_leases').first(
      this.#database.raw(
        'MIN(CASE WHEN ticket IS NULL THEN due_at ELSE expires_at END) AS due',
      ),
    );
    const due = row && optionalTextOf(row, 'due');
    return due ? new Date(due) : undefined;
  }
}

function rowOf({ promotion, ticket }: Lease) {
  return { key: promotion, ticket };
}

function lost(promotion: string): ConflictError {
  return new ConflictError(
    `The lease of promotion ${promotion} was lost; another worker goes on`,
  );
}
