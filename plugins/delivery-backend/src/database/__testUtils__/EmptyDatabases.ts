// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from 'node:crypto';
import { resolvePackagePath } from '@backstage/backend-plugin-api';
import createKnex, { type Knex } from 'knex';

/** The engines that the portal's data may lie in, named as Backstage's tests do. */
export type DatabaseId = 'POSTGRES_18' | 'SQLITE_3';

/** A server whose user may create databases; set by whoever runs all tests. */
const serverVariable =
  'BACKSTAGE_TEST_DATABASE_POSTGRES18_CONNECTION_STRING' as const;

/** Brings a database to the newest version. */
export async function migrate(database: Knex): Promise<void> {
  await database.migrate.latest({
    directory: resolvePackagePath(
      '@causeway/plugin-delivery-backend',
      'migrations',
    ),
  });
}

/** One database with the portal's tables. */
interface Prepared {
  readonly database: Knex;
  /** Takes every row out of every table, the youngest table first, which may refer to older ones; counting begins anew. */
  readonly empty: () => Promise<void>;
}

/**
 * The databases of one test file: one of each engine, made once and emptied for whoever wants it next,
 * who must be alone with it. Backstage's `TestDatabases` make a new one for everybody, which takes a
 * hundred times as long, and to load them takes seconds in every file.
 */
export class EmptyDatabases {
  readonly #prepared = new Map<DatabaseId, Promise<Prepared>>();
  readonly #closing: (() => Promise<unknown>)[] = [];

  private constructor(private readonly ids: readonly DatabaseId[]) {}

  /** To be called outside of tests; closes everything after them. PostgreSQL is left out where no server is known. */
  static create(
    ids: readonly DatabaseId[] = ['POSTGRES_18', 'SQLITE_3'],
  ): EmptyDatabases {
    const isThere = (id: DatabaseId) =>
      id === 'SQLITE_3' || process.env[serverVariable] !== undefined;
    const databases = new EmptyDatabases(ids.filter(isThere));
    afterAll(async () => {
      for (const close of databases.#closing.reverse()) await close();
    });
    return databases;
  }

  eachSupportedId(): readonly DatabaseId[] {
    return this.ids;
  }

  /** A database at the newest version, without any row. Nobody may use it any more who took it before. */
  async take(id: DatabaseId): Promise<Knex> {
    const known = this.#prepared.get(id);
    const prepared = known ?? this.#prepare(id);
    this.#prepared.set(id, prepared);
    const { database, empty } = await prepared;
    if (known) await empty();
    return database;
  }

  #prepare(id: DatabaseId): Promise<Prepared> {
    return id === 'SQLITE_3' ? this.#inMemory() : this.#onServer();
  }

  async #inMemory(): Promise<Prepared> {
    const database = createKnex({
      client: 'better-sqlite3',
      connection: ':memory:',
      useNullAsDefault: true,
    });
    this.#closing.push(() => database.destroy());
    await migrate(database);
    const tables: readonly { readonly name: string }[] = await database
      .select('name')
      .from('sqlite_master')
      .where('type', 'table');
    const names = tables
      .map(({ name }) => name)
      .filter(holdsData)
      .reverse();
    return {
      database,
      empty: async () => {
        for (const name of [...names, 'sqlite_sequence'])
          await database(name).delete();
      },
    };
  }

  async #onServer(): Promise<Prepared> {
    const server = process.env[serverVariable];
    if (!server) throw new Error(`No PostgreSQL: set ${serverVariable}`);
    const connect = (address: string) =>
      createKnex({
        client: 'pg',
        connection: address,
        pool: { min: 0, max: 5 },
      });
    const administration = connect(server);
    this.#closing.push(() => administration.destroy());
    const name = `delivery_${randomUUID().replaceAll('-', '')}`;
    await administration.raw('CREATE DATABASE ??', [name]);
    this.#closing.push(() => administration.raw('DROP DATABASE ??', [name]));
    const address = new URL(server);
    address.pathname = name;
    const database = connect(address.href);
    this.#closing.push(() => database.destroy());
    await migrate(database);
    const tables: readonly { readonly relname: string }[] = await database
      .select('relname')
      .from('pg_class')
      .where({
        relkind: 'r',
        relnamespace: database.raw("'public'::regnamespace"),
      })
      .orderBy('oid');
    const names = tables
      .map(({ relname }) => relname)
      .filter(holdsData)
      .reverse();
    const sequences: readonly { readonly sequencename: string }[] =
      await database
        .select('sequencename')
        .from('pg_sequences')
        .where('schemaname', 'public');
    // One round trip; to truncate takes longer where tables have few rows.
    const statements = [
      ...names.map(table => `DELETE FROM "${table}"`),
      ...sequences
        .filter(({ sequencename }) => holdsData(sequencename))
        .map(({ sequencename }) => `ALTER SEQUENCE "${sequencename}" RESTART`),
    ].join(';');
    return {
      database,
      empty: async () => {
        await database.raw(statements);
      },
    };
  }
}

/** Whether a table is the portal's and not one in which the database or Knex keeps its own accounts. */
function holdsData(table: string): boolean {
  return !/^(knex|sqlite)_/.test(table);
}
