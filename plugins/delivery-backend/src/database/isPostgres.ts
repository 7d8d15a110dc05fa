// SPDX-License-Identifier: Apache-2.0
import type { Knex } from 'knex';

/** Whether it is PostgreSQL, which has locks of rows and tables and several writers; the other one is SQLite. */
export function isPostgres(knex: Knex): boolean {
  return knex.client.config.client === 'pg';
}
