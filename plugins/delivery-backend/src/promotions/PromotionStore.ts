// SPDX-License-Identifier: Apache-2.0
import { ConflictError, NotFoundError } from '@backstage/errors';
import {
  evolve,
  fold,
  isActive,
  type Phase,
  type Promotion,
  type PromotionEvent,
  type Unmet,
} from '@causeway/plugin-delivery-common';
import type { Knex } from 'knex';
import type { EventLog } from '../audit/EventLog';
import type { Clock } from '../Clock';
import { jsonOf, numberOf, textOf, type Row } from '../database/rows';
import type { PromotionLeases, Ticket } from './PromotionLeases';
import type { StoredPromotion } from './Promotions';
import { parsePromotionEvent, streamOf, toNewEvent } from './promotionEvents';

/** Something was stored; told after the transaction. */
export interface PromotionChange {
  readonly promotion: Promotion;
  /** Empty when only what it waits for changed. */
  readonly events: readonly PromotionEvent[];
}

/** Growth of one promotion's stream. */
export interface Growth {
  readonly promotion: string;
  /** 0 for a new promotion. */
  readonly expectedVersion: number;
  readonly events: readonly PromotionEvent[];
}

/**
 * Promotions as events, with the rows that are read from them. Events, row and the work that
 * becomes due are written in one transaction, or none of them is.
 */
export class PromotionStore {
  readonly #database: Knex;
  readonly #log: EventLog;
  readonly #leases: PromotionLeases;
  readonly #clock: Clock;
  readonly #listeners = new Set<(change: PromotionChange) => void>();

  constructor(options: {
    readonly database: Knex;
    readonly log: EventLog;
    readonly leases: PromotionLeases;
    readonly clock: Clock;
  }) {
    this.#database = options.database;
    this.#log = options.log;
    this.#leases = options.leases;
    this.#clock = options.clock;
  }

  /**
   * Stores the growth of one or several promotions together, in the given order.
   * @param ticket - of the worker's turn; a turn that lost its lease writes nothing
   * @throws ConflictError when one has moved on, another one is active in its stage, or the lease is lost
   */
  async append(
    growths: readonly Growth[],
    ticket?: Ticket,
  ): Promise<readonly StoredPromotion[]> {
    const changes: PromotionChange[] = [];
    const stored = await this.#inTransaction(async transaction => {
      changes.length = 0;
      const all: StoredPromotion[] = [];
      for (const growth of growths) {
        const grown = await this.#grow(growth, transaction, ticket);
        all.push(grown);
        changes.push({ promotion: grown.promotion, events: growth.events });
      }
      return all;
    });
    for (const change of changes) this.#tell(change);
    return stored;
  }

  /** What the promotion waits for, for readers; not part of the log. */
  async explain(id: string, unmet: readonly Unmet[]): Promise<void> {
    const text = JSON.stringify(unmet);
    const changed = await this.#database('promotions')
      .where({ id })
      .whereNot({ unmet: text })
      .update({ unmet: text, held: unmet.some(({ problem }) => problem) });
    const stored = changed > 0 ? await this.get(id) : undefined;
    if (stored) this.#tell({ promotion: stored.promotion, events: [] });
  }

  /** From the log itself, not from the row. @throws NotFoundError */
  async load(id: string): Promise<{
    readonly promotion: Promotion;
    readonly version: number;
    readonly events: readonly PromotionEvent[];
  }> {
    const events = await this.events(id);
    const promotion = fold(events);
    if (!promotion) throw new NotFoundError(`There is no promotion ${id}`);
    return { promotion, version: events.length, events };
  }

  async events(id: string): Promise<readonly PromotionEvent[]> {
    return (await this.#log.load(streamOf(id))).map(parsePromotionEvent);
  }

  async get(id: string): Promise<StoredPromotion | undefined> {
    const row: Row | undefined = await this.#database('promotions')
      .where({ id })
      .first('*');
    return row && fromRow(row);
  }

  /** Newest request first. `before`: only those after this one in that order. */
  async list(filter: {
    readonly service?: string;
    readonly stage?: string;
    readonly kind?: Promotion['kind'];
    readonly phases?: readonly Phase[];
    readonly release?: string;
    readonly before?: { readonly requestedAt: string; readonly id: string };
    readonly limit: number;
  }): Promise<readonly StoredPromotion[]> {
    const { service, stage, kind, phases, release, before } = filter;
    const query = this.#database('promotions')
      .orderBy([
        { column: 'requested_at', order: 'desc' },
        { column: 'id', order: 'desc' },
      ])
      .limit(filter.limit);
    if (service) query.where({ service });
    if (stage) query.where({ stage });
    if (kind) query.where({ kind });
    if (phases) query.whereIn('phase', [...phases]);
    if (release) query.where({ release_id: release });
    if (before) {
      query.where(older =>
        older
          .where('requested_at', '<', before.requestedAt)
          .orWhere(same =>
            same
              .where('requested_at', before.requestedAt)
              .where('id', '<', before.id),
          ),
      );
    }
    const rows: Row[] = await query.select('*');
    return rows.map(fromRow);
  }

  /** Promotions of a service that move now. */
  async active(service?: string): Promise<readonly StoredPromotion[]> {
    const query = this.#database('promotions').where({ active: true });
    if (service) query.where({ service });
    const rows: Row[] = await query.select('*');
    return rows.map(fromRow);
  }

  subscribe(listener: (change: PromotionChange) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  #tell(change: PromotionChange): void {
    for (const listener of this.#listeners) listener(change);
  }

  async #inTransaction<T>(
    work: (transaction: Knex.Transaction) => Promise<T>,
  ): Promise<T> {
    try {
      return await this.#database.transaction(work);
    } catch (error) {
      throw isUniqueViolation(error)
        ? new ConflictError('Another promotion is active in this stage', error)
        : error;
    }
  }

  async #grow(
    growth: Growth,
    transaction: Knex.Transaction,
    ticket: Ticket | undefined,
  ): Promise<StoredPromotion> {
    const { promotion: id, expectedVersion, events } = growth;
    await this.#log.append({
      stream: streamOf(id),
      expectedVersion,
      events: events.map(toNewEvent),
      transaction,
    });
    const before: Row | undefined = await transaction('promotions')
      .where({ id })
      .first('*');
    const promotion = events.reduce<Promotion | undefined>(
      evolve,
      before && fromRow(before).promotion,
    );
    if (!promotion) throw new NotFoundError(`There is no promotion ${id}`);
    const row = toRow(promotion, expectedVersion + events.length);
    const updated = { ...row, updated_at: this.#clock().toISOString() };
    if (before) await transaction('promotions').where({ id }).update(updated);
    else await transaction('promotions').insert(updated);
    await this.#leases.due(id, { transaction, ticket });
    return fromRow(updated);
  }
}

function toRow(promotion: Promotion, version: number) {
  return {
    id: promotion.id,
    service: promotion.service,
    stage: promotion.stage,
    kind: promotion.kind,
    phase: promotion.phase,
    active: isActive(promotion),
    held: false,
    release_id: promotion.release.id,
    rollback: promotion.rollback ?? null,
    requested_at: promotion.requestedAt,
    version,
    state: JSON.stringify(promotion),
    unmet: '[]',
  };
}

function fromRow(row: Row): StoredPromotion {
  return {
    promotion: parsePromotion(row),
    version: numberOf(row, 'version'),
    updatedAt: textOf(row, 'updated_at'),
    unmet: parseUnmet(row),
  };
}

/** The columns hold only what `toRow` and `explain` wrote; a damaged row says which it is. */
function parsePromotion(row: Row): Promotion {
  const state = jsonOf(row, 'state');
  if (isPromotion(state, textOf(row, 'phase'))) return state;
  throw new Error(`The row of promotion ${textOf(row, 'id')} is damaged`);
}

function isPromotion(state: object, phase: string): state is Promotion {
  return 'phase' in state && state.phase === phase && 'declaration' in state;
}

function parseUnmet(row: Row): readonly Unmet[] {
  const unmet = jsonOf(row, 'unmet');
  return Array.isArray(unmet) ? unmet : [];
}

/** PostgreSQL's SQLSTATE and SQLite's name for the same thing. */
function isUniqueViolation(error: unknown): boolean {
  return (
    typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    (error.code === '23505' || error.code === 'SQLITE_CONSTRAINT_UNIQUE')
  );
}
