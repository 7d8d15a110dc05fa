// SPDX-License-Identifier: Apache-2.0

/**
 * The append-only event log. `events` holds chains of hashes, one per stream. `stream_heads` decides
 * which of two concurrent writers wins and shows when a stream's end was cut off; `seals` write the
 * heads down from time to time, chained as well.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('events', table => {
    table.bigIncrements('position').comment('Order of insertion; has gaps');
    table.string('stream', 200).notNullable();
    table.integer('version').notNullable();
    table.string('type', 100).notNullable();
    table.string('at', 24).notNullable();
    table.string('actor', 300).notNullable().comment('Entity ref');
    table.text('data').notNullable().comment('Canonical JSON');
    table.string('previous_hash', 64).notNullable();
    table.string('hash', 64).notNullable();
    table.unique(['stream', 'version']);
  });
  await knex.schema.createTable('stream_heads', table => {
    table.string('stream', 200).primary();
    table.integer('version').notNullable();
    table.string('hash', 64).notNullable();
    table.integer('sealed_version').notNullable().defaultTo(0);
  });
  await knex.schema.createTable('seals', table => {
    table.increments('number');
    table.string('at', 24).notNullable();
    table
      .text('heads')
      .notNullable()
      .comment('JSON: [stream, version, hash] of every stream that grew since');
    table.string('previous_hash', 64).notNullable();
    table.string('hash', 64).notNullable();
  });
  await knex.schema.createTable('idempotency_keys', table => {
    table.string('actor', 300).notNullable();
    table.string('key', 200).notNullable();
    table.string('fingerprint', 64).notNullable().comment('Of the request');
    table.text('answer').comment('JSON; null while the first one works');
    table.string('claimed_at', 24).notNullable();
    table.primary(['actor', 'key']);
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.dropTable('idempotency_keys');
  await knex.schema.dropTable('seals');
  await knex.schema.dropTable('stream_heads');
  await knex.schema.dropTable('events');
};
