// SPDX-License-Identifier: Apache-2.0

/**
 * Releases that CI reported, and the deliveries that brought them. Instants are ISO 8601 text with
 * milliseconds and `Z`, the same on every engine, so that they sort and hash alike.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('releases', table => {
    table.string('id', 64).primary();
    table.string('service', 300).notNullable().comment('Entity ref');
    table.string('version', 200).notNullable();
    table.string('commit_sha', 64).notNullable();
    table.text('data').notNullable().comment('The release as JSON');
    table.string('reported_at', 24).notNullable();
    table.unique(['service', 'version']);
    table.index(['service', 'reported_at'], 'releases_newest');
  });
  await knex.schema.createTable('release_deliveries', table => {
    table.string('delivery', 200).primary();
    table.string('body_hash', 64).notNullable();
    table
      .string('release_id', 64)
      .notNullable()
      .references('id')
      .inTable('releases');
    table.string('received_at', 24).notNullable();
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.dropTable('release_deliveries');
  await knex.schema.dropTable('releases');
};
