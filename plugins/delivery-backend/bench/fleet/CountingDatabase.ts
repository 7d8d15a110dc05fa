// SPDX-License-Identifier: Apache-2.0
import knex, { type Knex } from 'knex';

/** A PostgreSQL that takes everything at once, keeps nothing and counts what it was given. */
export class CountingDatabase {
  statements = 0;
  /** Values that were to be inserted, by table. */
  readonly inserted = new Map<string, number>();
  readonly knex: Knex = knex({ client: 'pg' });

  constructor() {
    // Statements are made as for a server, and go nowhere.
    Object.assign(this.knex.client, {
      acquireConnection: async () => ({}),
      releaseConnection: async () => undefined,
      _query: async (_: object, query: Query) => {
        this.statements += 1;
        const [, table] = /^insert into "(\w+)"/.exec(query.sql) ?? [];
        if (table !== undefined) {
          const before = this.inserted.get(table) ?? 0;
          this.inserted.set(table, before + (query.bindings?.length ?? 0));
        }
        return Object.assign(query, { response: { rows: [], rowCount: 0 } });
      },
    });
  }
}

interface Query {
  readonly sql: string;
  readonly bindings?: readonly unknown[];
}
