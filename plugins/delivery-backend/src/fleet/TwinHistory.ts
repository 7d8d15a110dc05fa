// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import type { LoggerService } from '@backstage/backend-plugin-api';
import type { TwinChange } from '@causeway/plugin-delivery-common';
import type { Knex } from 'knex';
import { optionalTextOf, textOf, type Row } from '../database/rows';

/** Changes that wait to be written at most; what comes beyond is dropped and counted in the log. */
const mostWaiting = 10_000;
/** Rows of one statement. */
const batchSize = 200;
/** Between two looks for what is too old. */
const tidyInterval = 3_600_000;

/** What was desired of twins here and how devices followed, kept in the database. */
export class TwinHistory {
  #waiting: TwinChange[] = [];
  #writing: Promise<void> = Promise.resolve();
  #dropped = 0;
  #revision = 0;
  #tidiedAt = 0;

  constructor(
    private readonly parts: {
      readonly database: Knex;
      readonly clock: () => Date;
      readonly logger: LoggerService;
      /** Milliseconds after which a change is forgotten. */
      readonly retention: number;
    },
  ) {}

  /** Grows with every write. */
  get revision(): number {
    return this.#revision;
  }

  /** The newest changes of the twins of a node. */
  async of(
    cluster: string,
    node: string,
    limit = 100,
  ): Promise<readonly TwinChange[]> {
    const rows: Row[] = await this.parts
      .database('fleet_twins')
      .where({ cluster, node })
      .orderBy('at', 'desc')
      .limit(limit)
      .select('*');
    return rows.map(parseChange);
  }

  /** Writes what somebody has set; resolves when it is kept, or could not be, which the log tells. */
  async add(changes: readonly TwinChange[]): Promise<void> {
    this.#take(changes);
    await this.#flush();
  }

  /** Takes note of what devices report; returns at once. */
  note(changes: readonly TwinChange[]): void {
    if (changes.length === 0) return;
    this.#take(changes);
    void this.#flush();
  }

  /** Resolves when nothing is written any more. */
  async stop(): Promise<void> {
    await this.#flush();
  }

  #take(changes: readonly TwinChange[]): void {
    this.#waiting.push(...changes);
    const over = this.#waiting.length - mostWaiting;
    if (over <= 0) return;
    this.#waiting.splice(0, over);
    this.#dropped += over;
  }

  #flush(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  async #write(): Promise<void> {
    const { database, logger } = this.parts;
    try {
      while (this.#waiting.length > 0) {
        const batch = this.#waiting.slice(0, batchSize);
        await database('fleet_twins')
          .insert(batch.map(toRow))
          .onConflict('id')
          .ignore();
        this.#waiting.splice(0, batch.length);
        this.#revision += 1;
      }
      await this.#tidy();
    } catch (error) {
      logger.warn(`The history of twins could not be written: ${error}`);
    }
    if (this.#dropped === 0) return;
    logger.warn(
      `${
        this.#dropped
      } changes of twins were dropped, because more came than could be written.`,
    );
    this.#dropped = 0;
  }

  async #tidy(): Promise<void> {
    const { database, clock, retention } = this.parts;
    const now = clock().getTime();
    if (now - this.#tidiedAt < tidyInterval) return;
    this.#tidiedAt = now;
    const before = new Date(now - retention).toISOString();
    await database('fleet_twins').where('at', '<', before).delete();
  }
}

function toRow(change: TwinChange) {
  const row = {
    cluster: change.cluster,
    node: change.node,
    namespace: change.namespace,
    device: change.device,
    property: clean(change.property),
    kind: change.kind,
    at: new Date(change.at).toISOString(),
    value: clean(change.value),
    before: change.before === undefined ? null : clean(change.before),
    actor: change.actor ?? null,
    reason: change.reason === undefined ? null : clean(change.reason),
  };
  const id = createHash('sha256').update(JSON.stringify(row)).digest('hex');
  return { id, ...row };
}

/** PostgreSQL takes no zero characters in texts. */
function clean(text: string): string {
  return text.replaceAll('\0', '');
}

function parseChange(row: Row): TwinChange {
  return {
    cluster: textOf(row, 'cluster'),
    node: textOf(row, 'node'),
    namespace: textOf(row, 'namespace'),
    device: textOf(row, 'device'),
    property: textOf(row, 'property'),
    kind: textOf(row, 'kind') === 'desired' ? 'desired' : 'reported',
    at: Date.parse(textOf(row, 'at')),
    value: textOf(row, 'value'),
    before: optionalTextOf(row, 'before'),
    actor: optionalTextOf(row, 'actor'),
    reason: optionalTextOf(row, 'reason'),
  };
}
