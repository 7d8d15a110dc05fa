// SPDX-License-Identifier: Apache-2.0
import type {
  CanaryHook,
  GateAnswer,
  Instant,
} from '@causeway/plugin-delivery-common';
import type { Knex } from 'knex';
import { textOf, type Row } from '../database/rows';

/** Names a canary in the portal. */
export interface CanaryAddress {
  readonly cluster: string;
  readonly namespace: string;
  readonly name: string;
}

/** What an engine asked last under a name, and what it was answered. */
export interface AnsweredQuestion {
  readonly hook: string;
  readonly at: Instant;
  readonly open: boolean;
  readonly code: string;
  readonly sentence: string;
}

/** Something that an engine told of a canary. */
export interface Notice {
  readonly at: Instant;
  readonly type: string;
  readonly message: string;
}

const noticesKept = 500;
const longestMessage = 2_000;

/**
 * What engines asked and told. Only for readers: that somebody waits is known to nobody but who was
 * asked. No decision looks here.
 */
export class EngineWords {
  readonly #database: Knex;

  constructor(database: Knex) {
    this.#database = database;
  }

  async asked(
    canary: CanaryAddress,
    hook: CanaryHook,
    answer: GateAnswer,
    at: Instant,
  ): Promise<void> {
    await this.#database('canary_questions')
      .insert({ ...addressOf(canary), hook, at, ...answer })
      .onConflict(['cluster', 'namespace', 'name', 'hook'])
      .merge();
  }

  /** The question about going on that was asked last; `rollback` is asked at every look and says little. */
  async lastQuestion(
    canary: CanaryAddress,
  ): Promise<AnsweredQuestion | undefined> {
    const row: Row | undefined = await this.#database('canary_questions')
      .where(addressOf(canary))
      .whereNot({ hook: 'rollback' })
      .orderBy('at', 'desc')
      .first('*');
    return (
      row && {
        hook: textOf(row, 'hook'),
        at: textOf(row, 'at'),
        // SQLite has no boolean of its own.
        open: row.open === true || row.open === 1,
        code: textOf(row, 'code'),
        sentence: textOf(row, 'sentence'),
      }
    );
  }

  /** Keeps the newest ones of each canary. */
  async told(canary: CanaryAddress, notice: Notice): Promise<void> {
    const address = addressOf(canary);
    await this.#database('canary_notices').insert({
      ...address,
      at: notice.at,
      type: notice.type.slice(0, 20),
      message: notice.message.slice(0, longestMessage),
    });
    const oldest: Row | undefined = await this.#database('canary_notices')
      .where(address)
      .orderBy('id', 'desc')
      .offset(noticesKept)
      .first('id');
    if (oldest) {
      await this.#database('canary_notices')
        .where(address)
        .where('id', '<=', Number(oldest.id))
        .delete();
    }
  }

  /** Newest first. */
  async notices(
    canary: CanaryAddress,
    limit: number,
  ): Promise<readonly Notice[]> {
    const rows: Row[] = await this.#database('canary_notices')
      .where(addressOf(canary))
      .orderBy('id', 'desc')
      .limit(limit)
      .select('*');
    return rows.map(row => ({
      at: textOf(row, 'at'),
      type: textOf(row, 'type'),
      message: textOf(row, 'message'),
    }));
  }
}

/** Only the columns of the key, whatever else the object carries. */
function addressOf({ cluster, namespace, name }: CanaryAddress) {
  return { cluster, namespace, name };
}
