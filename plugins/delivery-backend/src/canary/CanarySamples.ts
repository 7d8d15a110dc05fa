// SPDX-License-Identifier: Apache-2.0
import type {
  CanaryMinute,
  CanaryPlan,
} from '@causeway/plugin-delivery-common';
import type { Knex } from 'knex';
import { jsonOf, textOf, type Row } from '../database/rows';

/** What was measured of one canary. */
export interface Comparison {
  /** When minute 1 began. */
  readonly begin: string;
  readonly boundsMs: readonly number[];
  readonly plan: CanaryPlan;
  /** In order of time. */
  readonly minutes: readonly CanaryMinute[];
}

/** Late scrapes may still change the last minutes. */
const mayChange = 3;
const rowsAtOnce = 200;

/** The samples of canaries, kept for as long as their promotions. */
export class CanarySamples {
  readonly #database: Knex;

  constructor(database: Knex) {
    this.#database = database;
  }

  /** Adds what is new. Several replicas may write the same: they read the same metrics. */
  async write(
    promotion: string,
    target: string,
    { begin, boundsMs, plan, minutes }: Comparison,
  ): Promise<void> {
    const key = { promotion_id: promotion, target };
    const last: Row | undefined = await this.#database('canary_minutes')
      .where(key)
      .max('minute as minute')
      .first();
    const from =
      typeof last?.minute === 'number' ? last.minute - mayChange : -Infinity;
    const rows = minutes
      .filter(({ minute }) => minute > from)
      .map(each => ({
        ...key,
        minute: each.minute,
        data: JSON.stringify(each),
      }));
    await this.#database.transaction(async transaction => {
      await transaction('canary_comparisons')
        .insert({
          ...key,
          begin,
          bounds: JSON.stringify(boundsMs),
          plan: JSON.stringify(plan),
        })
        .onConflict(['promotion_id', 'target'])
        .merge();
      for (let index = 0; index < rows.length; index += rowsAtOnce) {
        await transaction('canary_minutes')
          .insert(rows.slice(index, index + rowsAtOnce))
          .onConflict(['promotion_id', 'target', 'minute'])
          .merge();
      }
    });
  }

  /** What was kept; undefined when nothing was measured. */
  async read(
    promotion: string,
    target: string,
  ): Promise<Comparison | undefined> {
    const key = { promotion_id: promotion, target };
    const row: Row | undefined = await this.#database('canary_comparisons')
      .where(key)
      .first('*');
    if (!row) return undefined;
    const rows: Row[] = await this.#database('canary_minutes')
      .where(key)
      .orderBy('minute')
      .select('data');
    return {
      begin: textOf(row, 'begin'),
      boundsMs: numbersOf(row, 'bounds'),
      plan: planOf(row),
      // The column holds only what `write` put there.
      minutes: rows.map(each => jsonOf(each, 'data') as CanaryMinute),
    };
  }
}

function numbersOf(row: Row, column: string): readonly number[] {
  const value = jsonOf(row, column);
  if (Array.isArray(value)) return value.map(Number);
  throw new Error(`The column ${column} does not hold a list`);
}

function planOf(row: Row): CanaryPlan {
  const plan = jsonOf(row, 'plan');
  if ('stepStarts' in plan && 'weights' in plan && 'soakMinutes' in plan)
    return plan as CanaryPlan;
  throw new Error('The column plan does not hold a plan');
}
