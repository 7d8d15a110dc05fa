// SPDX-License-Identifier: Apache-2.0
import { ConflictError } from '@backstage/errors';
import type {
  Instant,
  Promotion,
  WaveReport,
  WaveState,
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
import type { WaveOverlays } from './overlaySteps';
import {
  toWaveEvent,
  waveStreamOf,
  type Said,
  type WaveEvent,
  type WaveTemplate,
} from './waveEvents';

/** A wave as stored: all that its next decision is made from. */
export interface StoredWave {
  readonly promotion: string;
  readonly service: string;
  readonly stage: string;
  readonly active: boolean;
  readonly startedAt: Instant;
  /** Changes with every write. */
  readonly version: number;
  readonly events: number;
  /** Undefined until its devices were seen. */
  readonly state?: WaveState;
  readonly template: WaveTemplate;
  /** Of devices that have an overlay each; undefined until Git was read. */
  readonly overlays?: WaveOverlays;
  /** Not yet obeyed. */
  readonly said: readonly Said[];
  readonly report?: WaveReport;
  /** When its devices were looked at the last time. */
  readonly lookedAt?: Instant;
  readonly dueAt: Instant;
}

/** What a write changes. */
export type WaveChange = Partial<
  Pick<
    StoredWave,
    | 'active'
    | 'state'
    | 'template'
    | 'overlays'
    | 'said'
    | 'report'
    | 'lookedAt'
    | 'dueAt'
  >
>;

/** So long a look at a wave may take before somebody else takes it up, in milliseconds. */
const PATIENCE = 30_000;

/**
 * Waves, each with the stream of what was decided about it. State and events are written in one
 * transaction, and only by whoever has seen the newest version: of two replicas that decide at the
 * same moment one writes, and the other looks again.
 */
export class WaveStore {
  readonly #database: Knex;
  readonly #log: EventLog;
  readonly #clock: Clock;

  constructor(options: {
    readonly database: Knex;
    readonly log: EventLog;
    readonly clock: Clock;
  }) {
    this.#database = options.database;
    this.#log = options.log;
    this.#clock = options.clock;
  }

  /** The wave of a promotion begins, once. */
  async begin(promotion: Promotion, sha: string | undefined): Promise<void> {
    const now = this.#clock().toISOString();
    const template: WaveTemplate = { wants: 'release', step: 0, sha };
    const { id, service, stage } = promotion;
    await this.#database.transaction(async transaction => {
      const made = await transaction('waves')
        .insert({
          promotion_id: id,
          service,
          stage,
          active: true,
          started_at: now,
          version: 1,
          events: 1,
          state: null,
          template: JSON.stringify(template),
          commands: '[]',
          report: null,
          looked_at: null,
          due_at: now,
        })
        .onConflict('promotion_id')
        .ignore()
        .returning('promotion_id');
      if (made.length === 0) return;
      await this.#log.append({
        stream: waveStreamOf(id),
        expectedVersion: 0,
        events: [toWaveEvent({ type: 'waveBegun', promotion: id }, now)],
        transaction,
      });
    });
  }

  async get(promotion: string): Promise<StoredWave | undefined> {
    const row: Row | undefined = await this.#database('waves')
      .where({ promotion_id: promotion })
      .first('*');
    return row && fromRow(row);
  }

  /** What a promotion has to know of its wave, without the devices. */
  async reportOf(promotion: string): Promise<WaveReport | undefined> {
    const row: Row | undefined = await this.#database('waves')
      .where({ promotion_id: promotion })
      .first('report');
    const text = row && optionalTextOf(row, 'report');
    return text === undefined ? undefined : JSON.parse(text);
  }

  /** Waves that still do something, newest first. */
  async active(): Promise<readonly StoredWave[]> {
    const rows: Row[] = await this.#database('waves')
      .where({ active: true })
      .orderBy('started_at', 'desc')
      .select('*');
    return rows.map(fromRow);
  }

  /** Whether an earlier wave of the stage still does something. */
  async hasPredecessor(wave: StoredWave): Promise<boolean> {
    const { service, stage, startedAt } = wave;
    const earlier: Row | undefined = await this.#database('waves')
      .where({ service, stage, active: true })
      .where('started_at', '<', startedAt)
      .first('promotion_id');
    return earlier !== undefined;
  }

  /** Takes up the waves that are due; each is given to one caller until its patience is over. */
  async claim(): Promise<readonly StoredWave[]> {
    const now = this.#clock();
    const due: Row[] = await this.#database('waves')
      .where({ active: true })
      .where('due_at', '<=', now.toISOString())
      .select('promotion_id', 'due_at');
    const claimed: StoredWave[] = [];
    for (const row of due) {
      const until = new Date(now.getTime() + PATIENCE).toISOString();
      const where = {
        promotion_id: textOf(row, 'promotion_id'),
        due_at: textOf(row, 'due_at'),
      };
      const mine = await this.#database('waves')
        .where(where)
        .update({ due_at: until });
      const wave = mine === 1 ? await this.get(where.promotion_id) : undefined;
      if (wave) claimed.push(wave);
    }
    return claimed;
  }

  /** Makes all active waves due. */
  async wake(): Promise<void> {
    const now = this.#clock().toISOString();
    await this.#database('waves')
      .where({ active: true })
      .where('due_at', '>', now)
      .update({ due_at: now });
  }

  /**
   * Writes what became of a wave, with what is to be remembered of it for ever.
   * @throws ConflictError when it was written by somebody else meanwhile
   */
  async save(
    before: StoredWave,
    change: WaveChange,
    events: readonly WaveEvent[] = [],
    actor?: string,
  ): Promise<StoredWave> {
    const at = this.#clock().toISOString();
    const after: StoredWave = {
      ...before,
      ...change,
      version: before.version + 1,
      events: before.events + events.length,
    };
    await this.#database.transaction(async transaction => {
      const written = await transaction('waves')
        .where({ promotion_id: before.promotion, version: before.version })
        .update(toRow(after));
      if (written !== 1) {
        throw new ConflictError(
          `The wave of promotion ${before.promotion} was changed by somebody else`,
        );
      }
      if (events.length === 0) return;
      await this.#log.append({
        stream: waveStreamOf(before.promotion),
        expectedVersion: before.events,
        events: events.map(event => toWaveEvent(event, at, actor)),
        transaction,
      });
    });
    return after;
  }

  /** A person's word, obeyed at the next look. @throws ConflictError like `save` */
  async say(wave: StoredWave, said: Omit<Said, 'at'>): Promise<StoredWave> {
    const { command, actor, reason } = said;
    const at = this.#clock().toISOString();
    return this.save(
      wave,
      { said: [...wave.said, { ...said, at }], dueAt: at },
      [{ type: 'waveSteered', command, ...(reason && { reason }) }],
      actor,
    );
  }

  /** What was decided and said, oldest first. */
  async history(promotion: string) {
    return this.#log.load(waveStreamOf(promotion));
  }
}

function toRow(wave: StoredWave) {
  return {
    active: wave.active,
    version: wave.version,
    events: wave.events,
    state: wave.state ? JSON.stringify(wave.state) : null,
    template: JSON.stringify(wave.template),
    overlays: wave.overlays ? JSON.stringify(wave.overlays) : null,
    commands: JSON.stringify(wave.said),
    report: wave.report ? JSON.stringify(wave.report) : null,
    looked_at: wave.lookedAt ?? null,
    due_at: wave.dueAt,
  };
}

/** The columns hold only what `toRow` wrote. */
function fromRow(row: Row): StoredWave {
  const optional = (column: string) =>
    optionalTextOf(row, column) === undefined ? undefined : jsonOf(row, column);
  return {
    promotion: textOf(row, 'promotion_id'),
    service: textOf(row, 'service'),
    stage: textOf(row, 'stage'),
    active: Boolean(row.active),
    startedAt: textOf(row, 'started_at'),
    version: numberOf(row, 'version'),
    events: numberOf(row, 'events'),
    state: optional('state') as WaveState | undefined,
    template: jsonOf(row, 'template') as WaveTemplate,
    overlays: optional('overlays') as WaveOverlays | undefined,
    said: jsonOf(row, 'commands') as readonly Said[],
    report: optional('report') as WaveReport | undefined,
    lookedAt: optionalTextOf(row, 'looked_at'),
    dueAt: textOf(row, 'due_at'),
  };
}
