// SPDX-License-Identifier: Apache-2.0
import type { Knex } from 'knex';
import type { Clock } from '../Clock';
import { isPostgres } from '../database/isPostgres';
import { numberOf, optionalTextOf, textOf, type Row } from '../database/rows';

/** Later than every due time. */
const NEVER = '9999-12-31T23:59:59.999Z';

/** The right to work on one action until it runs out, unless extended. */
export interface ActionLease {
  readonly id: string;
  readonly ticket: string;
  /** Visits that failed in a row before this one. */
  readonly failures: number;
}

/**
 * Who works on which action. Any number of replicas may claim at the same time: a claim is one
 * statement that writes a fresh ticket, and on PostgreSQL it skips rows that another one is claiming.
 * A lease of a dead process runs out, and then somebody else goes on.
 */
export class ActionLeases {
  readonly #database: Knex;
  readonly #clock: Clock;
  readonly #newTicket: () => string;
  readonly #duration: number;

  /**
   * @param options.duration - milliseconds; work of a killed process rests for as long. Default 10,000
   */
  constructor(options: {
    readonly database: Knex;
    readonly clock: Clock;
    readonly newTicket: () => string;
    readonly duration?: number;
  }) {
    this.#database = options.database;
    this.#clock = options.clock;
    this.#newTicket = options.newTicket;
    this.#duration = options.duration ?? 10_000;
  }

  get duration(): number {
    return this.#duration;
  }

  /** Takes over actions that are due or whose worker died; at most `limit`, oldest request first. */
  async claim(limit: number): Promise<readonly ActionLease[]> {
    const now = this.#now();
    const ticket = this.#newTicket();
    const free = this.#database('device_actions')
      .select('id')
      .where({ open: true })
      .where(rows =>
        rows
          .where(idle => idle.whereNull('ticket').where('due_at', '<=', now))
          .orWhere('ticket_expires_at', '<=', now),
      )
      .orderBy(['requested_at', 'id'])
      .limit(limit);
    if (isPostgres(this.#database)) {
      free.forUpdate().skipLocked();
    }
    const rows: Row[] = await this.#database('device_actions')
      .whereIn('id', free)
      .update({ ticket, ticket_expires_at: this.#end() })
      .returning(['id', 'failures']);
    return rows.map(row => ({
      id: textOf(row, 'id'),
      ticket,
      failures: numberOf(row, 'failures'),
    }));
  }

  /** Prolongs a lease; false when it is lost. */
  async extend(lease: ActionLease): Promise<boolean> {
    const held = await this.#mine(lease)
      .where('ticket_expires_at', '>', this.#now())
      .update({ ticket_expires_at: this.#end() });
    return held === 1;
  }

  /** From here on a change by a person makes the action due again, whatever the release says. */
  async begin(lease: ActionLease): Promise<void> {
    await this.#mine(lease).update({ due_at: NEVER });
  }

  /** Ends a visit. The next one is at `dueAt`, or earlier when somebody changed the action meanwhile. */
  async release(
    lease: ActionLease,
    next: { readonly dueAt: Date; readonly failures: number },
  ): Promise<void> {
    const dueAt = next.dueAt.toISOString();
    await this.#mine(lease).update({
      ticket: null,
      ticket_expires_at: null,
      failures: next.failures,
      due_at: this.#database.raw(
        'CASE WHEN due_at < ? THEN due_at ELSE ? END',
        [dueAt, dueAt],
      ),
    });
  }

  /** Makes open actions of a device due now. */
  async wake(device: {
    readonly cluster: string;
    readonly name: string;
  }): Promise<void> {
    const { cluster, name } = device;
    await this.#database('device_actions')
      .where({ cluster, name, open: true })
      .update({ due_at: this.#now() });
  }

  /** When the next action is due. */
  async nextDue(): Promise<Date | undefined> {
    const row: Row | undefined = await this.#database('device_actions')
      .where({ open: true })
      .whereNull('ticket')
      .min({ due: 'due_at' })
      .first();
    const due = row && optionalTextOf(row, 'due');
    return due ? new Date(due) : undefined;
  }

  #mine({ id, ticket }: ActionLease): Knex.QueryBuilder {
    return this.#database('device_actions').where({ id, ticket });
  }

  #now(): string {
    return this.#clock().toISOString();
  }

  #end(): string {
    return new Date(this.#clock().getTime() + this.#duration).toISOString();
  }
}
