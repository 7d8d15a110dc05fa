// SPDX-License-Identifier: Apache-2.0
import { ConflictError } from '@backstage/errors';
import {
  PORTAL_ACTOR,
  resultOf,
  siteKey,
  type Drill,
  type DrillEvent,
  type DrillResult,
} from '@causeway/plugin-delivery-common';
import type { Knex } from 'knex';
import type { EventLog, NewEvent, RecordedEvent } from '../audit/EventLog';
import type { Clock } from '../Clock';
import { jsonOf, numberOf, textOf, type Row } from '../database/rows';

/** A drill as stored. */
export interface StoredDrill {
  readonly drill: Drill;
  /** Changes with every write. */
  readonly version: number;
  readonly events: number;
}

/** So long a visit to a drill may take before somebody else takes it up, in milliseconds. */
const PATIENCE = 60_000;

/**
 * Drills, each with the stream of what was decided about it. State and events are written in one
 * transaction, and only by whoever has seen the newest version: of two replicas that decide at the
 * same moment one writes, and the other looks again. A drill holds its sites until it is over.
 */
export class DrillStore {
  readonly #database: Knex;
  readonly #log: EventLog;
  readonly #clock: Clock;
  readonly #listeners = new Set<(drill: Drill) => void>();

  constructor(options: {
    readonly database: Knex;
    readonly log: EventLog;
    readonly clock: Clock;
  }) {
    this.#database = options.database;
    this.#log = options.log;
    this.#clock = options.clock;
  }

  /** @throws ConflictError when another drill is under way at one of its sites */
  async create(drill: Drill): Promise<StoredDrill> {
    const { order } = drill;
    const stored: StoredDrill = { drill, version: 1, events: 1 };
    await this.#database.transaction(async transaction => {
      for (const site of new Set(order.devices.map(siteKey))) {
        const held: unknown[] = await transaction('drill_sites')
          .insert({ site, drill_id: order.id })
          .onConflict('site')
          .ignore()
          .returning('site');
        if (held.length === 0) {
          throw new ConflictError(
            `A drill is under way at ${site}. Wait for its end, or abort it.`,
          );
        }
      }
      await transaction('drills').insert({
        id: order.id,
        service: order.service,
        stage: order.stage,
        release_id: order.release.id,
        requested_at: order.requestedAt,
        due_at: order.requestedAt,
        ...toRow(stored),
      });
      await this.#log.append({
        stream: streamOf(order.id),
        expectedVersion: 0,
        events: [
          toNewEvent(
            { type: 'drillRequested', order },
            order.requestedAt,
            order.requestedBy,
          ),
        ],
        transaction,
      });
    });
    this.#tell(drill);
    return stored;
  }

  async get(id: string): Promise<StoredDrill | undefined> {
    const row: Row | undefined = await this.#database('drills')
      .where({ id })
      .first('*');
    return row && fromRow(row);
  }

  /** Newest first, at most `limit`. */
  async list(
    filter: { readonly service?: string; readonly stage?: string },
    limit: number,
  ): Promise<readonly StoredDrill[]> {
    const query = this.#database('drills')
      .orderBy([
        { column: 'requested_at', order: 'desc' },
        { column: 'id', order: 'desc' },
      ])
      .limit(limit);
    if (filter.service !== undefined) query.where({ service: filter.service });
    if (filter.stage !== undefined) query.where({ stage: filter.stage });
    const rows: Row[] = await query.select('*');
    return rows.map(fromRow);
  }

  /** What became of the drills of a release in a stage. */
  async results(
    service: string,
    stage: string,
    release: string,
  ): Promise<readonly DrillResult[]> {
    const rows: Row[] = await this.#database('drills')
      .where({ service, stage, release_id: release, active: false })
      .select('*');
    return rows.flatMap(row => resultOf(fromRow(row).drill) ?? []);
  }

  /** The sites at which drills are under way, by {@link siteKey}. */
  async busySites(): Promise<ReadonlySet<string>> {
    const rows: Row[] = await this.#database('drill_sites').select('site');
    return new Set(rows.map(row => textOf(row, 'site')));
  }

  /** Takes up the drills that are due; each is given to one caller until its patience is over. */
  async claim(): Promise<readonly StoredDrill[]> {
    const now = this.#clock();
    const due: Row[] = await this.#database('drills')
      .where({ active: true })
      .where('due_at', '<=', now.toISOString())
      .select('id', 'due_at');
    const until = new Date(now.getTime() + PATIENCE).toISOString();
    const claimed: StoredDrill[] = [];
    for (const row of due) {
      const id = textOf(row, 'id');
      const mine = await this.#database('drills')
        .where({ id, due_at: textOf(row, 'due_at') })
        .update({ due_at: until });
      const stored = mine === 1 ? await this.get(id) : undefined;
      if (stored) claimed.push(stored);
    }
    return claimed;
  }

  /** Looks at a drill again at that moment, whatever was said before. */
  async due(id: string, at: Date): Promise<void> {
    await this.#database('drills')
      .where({ id, active: true })
      .update({ due_at: at.toISOString() });
  }

  /**
   * Writes what became of a drill, with what is to be remembered of it for ever.
   * @throws ConflictError when it was written by somebody else meanwhile
   */
  async save(
    before: StoredDrill,
    drill: Drill,
    events: readonly DrillEvent[],
    actor: string = PORTAL_ACTOR,
  ): Promise<StoredDrill> {
    const { id } = drill.order;
    const at = this.#clock().toISOString();
    const after: StoredDrill = {
      drill,
      version: before.version + 1,
      events: before.events + events.length,
    };
    await this.#database.transaction(async transaction => {
      const written = await transaction('drills')
        .where({ id, version: before.version })
        .update(toRow(after));
      if (written !== 1) {
        throw new ConflictError(`Drill ${id} was changed by somebody else`);
      }
      if (drill.phase === 'over') {
        await transaction('drill_sites').where({ drill_id: id }).delete();
      }
      if (events.length === 0) return;
      await this.#log.append({
        stream: streamOf(id),
        expectedVersion: before.events,
        events: events.map(event => toNewEvent(event, at, actor)),
        transaction,
      });
    });
    if (events.length > 0) this.#tell(drill);
    return after;
  }

  /** All that happened to a drill, oldest first. */
  async history(id: string): Promise<readonly RecordedEvent[]> {
    return this.#log.load(streamOf(id));
  }

  /** Calls back when something has happened to a drill; the returned function ends it. */
  subscribe(listener: (drill: Drill) => void): () => void {
    const own = (drill: Drill) => listener(drill);
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
    };
  }

  #tell(drill: Drill): void {
    for (const listener of this.#listeners) listener(drill);
  }
}

function streamOf(id: string): string {
  return `drill/${id}`;
}

function toNewEvent(
  { type, ...data }: DrillEvent,
  at: string,
  actor: string,
): NewEvent {
  return { type, at, actor, data };
}

function toRow({ drill, version, events }: StoredDrill) {
  return {
    active: drill.phase !== 'over',
    version,
    events,
    state: JSON.stringify(drill),
  };
}

function fromRow(row: Row): StoredDrill {
  const state = jsonOf(row, 'state');
  if (!isDrill(state)) {
    throw new Error(`The row of drill ${textOf(row, 'id')} is damaged`);
  }
  return {
    drill: state,
    version: numberOf(row, 'version'),
    events: numberOf(row, 'events'),
  };
}

/** The column holds only what `toRow` wrote. */
function isDrill(state: object): state is Drill {
  return 'order' in state && 'phase' in state && 'findings' in state;
}
