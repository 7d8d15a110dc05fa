// SPDX-License-Identifier: Apache-2.0
import { ConflictError, NotFoundError } from '@backstage/errors';
import {
  evolveAction,
  foldAction,
  isEnded,
  type ActionEvent,
  type ActionPhase,
  type ActionRefusal,
  type DeviceAction,
} from '@causeway/plugin-delivery-common';
import type { Knex } from 'knex';
import type { EventLog } from '../audit/EventLog';
import type { Clock } from '../Clock';
import {
  jsonOf,
  numberOf,
  optionalTextOf,
  textOf,
  type Row,
} from '../database/rows';
import { parseActionEvent, streamOf, toNewEvent } from './actionEvents';

/** An action with what is stored beside it. */
export interface StoredAction {
  readonly action: DeviceAction;
  readonly version: number;
  /** Why it does not go on now. */
  readonly waiting?: ActionRefusal;
}

/** Which actions to list. Values of one key are alternatives, keys add up. */
export interface ActionFilter {
  readonly device?: { readonly cluster: string; readonly name: string };
  readonly cluster?: readonly string[];
  readonly site?: readonly string[];
  readonly kind?: readonly string[];
  readonly phase?: readonly ActionPhase[];
  readonly batch?: string;
  readonly id?: string;
}

/** Where a page ended. */
export interface ActionPlace {
  readonly requestedAt: string;
  readonly id: string;
}

/** Growth of one action's stream. */
export interface ActionGrowth {
  readonly id: string;
  /** 0 for a new action. */
  readonly expectedVersion: number;
  readonly events: readonly ActionEvent[];
  /** Of the worker's turn: a turn that lost its lease writes nothing. */
  readonly ticket?: string;
  /** Places that must be free, and are held from then on until the action is no longer running. */
  readonly places?: readonly (readonly string[])[];
  readonly output?: string;
}

/** All places of a kind are taken. */
export class NoPlaceFree extends Error {}

/**
 * Actions as events, with the rows that are read from them, the places that running ones hold and
 * the work that becomes due: all in one transaction, or nothing of it. Places are unique in the
 * database, so two replicas never run two actions on a device, nor more than allowed at a site.
 */
export class ActionStore {
  readonly #database: Knex;
  readonly #log: EventLog;
  readonly #clock: Clock;
  readonly #listeners = new Set<(actions: readonly DeviceAction[]) => void>();

  constructor(options: {
    readonly database: Knex;
    readonly log: EventLog;
    readonly clock: Clock;
  }) {
    this.#database = options.database;
    this.#log = options.log;
    this.#clock = options.clock;
  }

  /**
   * Stores the growth of one or many actions together.
   * @throws ConflictError when one has moved on, the same is asked for already, or the lease is lost
   * @throws NoPlaceFree when a place that is needed is not free
   */
  async append(
    growths: readonly ActionGrowth[],
  ): Promise<readonly StoredAction[]> {
    const stored = await this.#inTransaction(async transaction => {
      const grown: StoredAction[] = [];
      for (const growth of growths) {
        grown.push(await this.#grow(growth, transaction));
      }
      return grown;
    });
    const actions = stored.map(({ action }) => action);
    for (const listener of this.#listeners) listener(actions);
    return stored;
  }

  /** Why an action does not go on, for readers; not part of the log. */
  async explain(id: string, waiting: ActionRefusal | undefined): Promise<void> {
    const text = waiting ? JSON.stringify(waiting) : null;
    const changed = await this.#database('device_actions')
      .where({ id })
      .where(row =>
        text === null
          ? row.whereNotNull('waiting')
          : row.whereNull('waiting').orWhereNot({ waiting: text }),
      )
      .update({ waiting: text });
    if (changed === 0) return;
    const stored = await this.get(id);
    if (!stored) return;
    for (const listener of this.#listeners) listener([stored.action]);
  }

  /** From the log itself, not from the row. @throws NotFoundError */
  async load(id: string): Promise<{
    readonly action: DeviceAction;
    readonly version: number;
    readonly events: readonly ActionEvent[];
  }> {
    const events = (await this.#log.load(streamOf(id))).map(parseActionEvent);
    const action = foldAction(events);
    if (!action) throw new NotFoundError(`There is no action ${id}`);
    return { action, version: events.length, events };
  }

  async get(id: string): Promise<StoredAction | undefined> {
    const row: Row | undefined = await this.#database('device_actions')
      .where({ id })
      .first('*');
    return row && fromRow(row);
  }

  async output(id: string): Promise<string | undefined> {
    const row: Row | undefined = await this.#database('device_action_outputs')
      .where({ action_id: id })
      .first('output');
    return row && optionalTextOf(row, 'output');
  }

  /** Newest request first. `before`: only those after that place in this order. */
  async list(
    filter: ActionFilter,
    page: { readonly before?: ActionPlace; readonly limit: number },
  ): Promise<readonly StoredAction[]> {
    const { device, cluster, site, kind, phase, batch, id } = filter;
    const { before } = page;
    const query = this.#database('device_actions')
      .orderBy([
        { column: 'requested_at', order: 'desc' },
        { column: 'id', order: 'desc' },
      ])
      .limit(page.limit);
    if (device) query.where({ cluster: device.cluster, name: device.name });
    if (cluster) query.whereIn('cluster', [...cluster]);
    if (site) query.whereIn('site', [...site]);
    if (kind) query.whereIn('kind', [...kind]);
    if (phase) query.whereIn('phase', [...phase]);
    if (batch) query.where({ batch });
    if (id) query.where({ id });
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

  /** The actions that are not over, of one device or of all. */
  async open(device?: {
    readonly cluster: string;
    readonly name: string;
  }): Promise<readonly DeviceAction[]> {
    const query = this.#database('device_actions').where({ open: true });
    if (device) query.where({ cluster: device.cluster, name: device.name });
    const rows: Row[] = await query.select('*');
    return rows.map(row => fromRow(row).action);
  }

  /** Calls back with the actions of every transaction; the returned function ends it. */
  subscribe(listener: (actions: readonly DeviceAction[]) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  async #inTransaction<T>(
    work: (transaction: Knex.Transaction) => Promise<T>,
  ): Promise<T> {
    try {
      return await this.#database.transaction(work);
    } catch (error) {
      throw isUniqueViolation(error)
        ? new ConflictError('The same is asked for already', error)
        : error;
    }
  }

  async #grow(
    growth: ActionGrowth,
    transaction: Knex.Transaction,
  ): Promise<StoredAction> {
    const { id, expectedVersion, events, ticket } = growth;
    const now = this.#clock().toISOString();
    await this.#log.append({
      stream: streamOf(id),
      expectedVersion,
      events: events.map(toNewEvent),
      transaction,
    });
    const rows = () => transaction('device_actions').where({ id });
    const before: Row | undefined = await rows().first('*');
    const action = events.reduce<DeviceAction | undefined>(
      evolveAction,
      before && fromRow(before).action,
    );
    if (!action) throw new NotFoundError(`There is no action ${id}`);
    const row = toRow(action, expectedVersion + events.length);
    // Whoever works on it says itself when it looks again; a person's word is looked at now.
    const due = ticket ? {} : { due_at: now };
    if (!before) await transaction('device_actions').insert({ ...row, ...due });
    else {
      const mine = ticket
        ? rows().where({ ticket }).where('ticket_expires_at', '>', now)
        : rows();
      if ((await mine.update({ ...row, ...due })) !== 1) throw lost(id);
    }
    await takePlaces(growth, action, transaction);
    if (before && action.phase !== 'running') {
      // The device is free, or a place in its queue: whoever waits there looks again at once.
      await transaction('device_actions')
        .where({ ...placeOf(action), open: true })
        .whereNot({ id })
        .whereNull('ticket')
        .update({ due_at: now });
    }
    if (growth.output !== undefined) {
      await transaction('device_action_outputs')
        .insert({ action_id: id, output: growth.output })
        .onConflict('action_id')
        .merge();
    }
    return { action, version: row.version };
  }
}

function placeOf({ device: { cluster, name } }: DeviceAction) {
  return { cluster, name };
}

/** Takes one free place of each choice, or gives back all when the action does not run any more. */
async function takePlaces(
  { id, places = [] }: ActionGrowth,
  action: DeviceAction,
  transaction: Knex.Transaction,
): Promise<void> {
  if (action.phase !== 'running') {
    await transaction('device_action_places').where({ action_id: id }).delete();
    return;
  }
  for (const choice of places) {
    if (!(await takeOne(id, choice, transaction))) throw new NoPlaceFree();
  }
}

async function takeOne(
  id: string,
  choice: readonly string[],
  transaction: Knex.Transaction,
): Promise<boolean> {
  for (const place of choice) {
    const taken: unknown[] = await transaction('device_action_places')
      .insert({ place, action_id: id })
      .onConflict('place')
      .ignore()
      .returning('place');
    if (taken.length > 0) return true;
  }
  return false;
}

function toRow(action: DeviceAction, version: number) {
  return {
    id: action.id,
    kind: action.kind,
    cluster: action.device.cluster,
    name: action.device.name,
    site: action.device.site ?? null,
    batch: action.batch,
    phase: action.phase,
    open: !isEnded(action),
    requested_by: action.requestedBy,
    requested_at: action.requestedAt,
    version,
    state: JSON.stringify(action),
    waiting: null,
  };
}

function fromRow(row: Row): StoredAction {
  const waiting = optionalTextOf(row, 'waiting');
  return {
    action: parseAction(row),
    version: numberOf(row, 'version'),
    ...(waiting !== undefined && { waiting: parseWaiting(row) }),
  };
}

/** The columns hold only what `toRow` and `explain` wrote; a damaged row says which it is. */
function parseAction(row: Row): DeviceAction {
  const state = jsonOf(row, 'state');
  if (isAction(state, textOf(row, 'phase'))) return state;
  throw new Error(`The row of action ${textOf(row, 'id')} is damaged`);
}

function isAction(state: object, phase: string): state is DeviceAction {
  return 'phase' in state && state.phase === phase && 'device' in state;
}

function parseWaiting(row: Row): ActionRefusal {
  const waiting = jsonOf(row, 'waiting');
  return {
    code: 'code' in waiting ? String(waiting.code) : 'unknown',
    message: 'message' in waiting ? String(waiting.message) : '',
  };
}

function lost(id: string): ConflictError {
  return new ConflictError(
    `The lease of action ${id} was lost; another worker goes on`,
  );
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
