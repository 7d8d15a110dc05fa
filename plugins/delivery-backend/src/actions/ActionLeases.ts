// SPDX-License-Identifier: Apache-2.0
import type { Knex } from 'knex';
import type { Clock } from '../Clock';
import { LeasedRows } from '../database/LeasedRows';
import { numberOf, optionalTextOf, textOf, type Row } from '../database/rows';

/** The right to work on one action until it runs out, unless extended. */
export interface ActionLease {
  readonly id: string;
  readonly ticket: string;
  /** Visits that failed in a row before this one. */
  readonly failures: number;
}

/** Who works on which action. */
export class ActionLeases {
  readonly #database: Knex;
  readonly #rows: LeasedRows;

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
    this.#rows = new LeasedRows({
      ...options,
      duration: options.duration ?? 10_000,
      table: 'device_actions',
      key: 'id',
      expires: 'ticket_expires_at',
    });
  }

  get duration(): number {
    return this.#rows.duration;
  }

  /** Takes over actions that are due or whose worker died; at most `limit`, oldest request first. */
  async claim(limit: number): Promise<readonly ActionLease[]> {
    const now = this.#rows.now();
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
    const rows = await this.#rows.take(free, ['failures']);
    return rows.map(row => ({
      id: textOf(row, 'id'),
      ticket: textOf(row, 'ticket'),
      failures: numberOf(row, 'failures'),
    }));
  }

  /** Prolongs a lease; false when it is lost. */
  async extend(lease: ActionLease): Promise<boolean> {
    return this.#rows.extend(rowOf(lease));
  }

  /** From here on a change by a person makes the action due again, whatever the release says. */
  async begin(lease: ActionLease): Promise<void> {
    await this.#rows.begin(rowOf(lease));
  }

  /** Ends a visit. The next one is at `dueAt`, or earlier when somebody changed the action meanwhile. */
  async release(
    lease: ActionLease,
    next: { readonly dueAt: Date; readonly failures: number },
  ): Promise<void> {
    await this.#rows.release(rowOf(lease), next);
  }

  /** Makes open actions of a device due now. */
  async wake(device: {
    readonly cluster: string;
    readonly name: string;
  }): Promise<void> {
    const { cluster, name } = device;
    await this.#database('device_actions')
      .where({ cluster, name, open: true })
      .update({ due_at: this.#rows.now() });
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
}

function rowOf({ id, ticket }: ActionLease) {
  return { key: id, ticket };
}
