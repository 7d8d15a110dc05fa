// SPDX-License-Identifier: Apache-2.0

/**
 * Files that CI has left with releases, in their native formats.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('release_evidence', table => {
    table
      .string('release_id', 64)
      .notNullable()
      .references('id')
      .inTable('releases');
    table.string('kind', 20).notNullable();
    table.string('name', 120).notNullable();
    table.integer('bytes').notNullable();
    table.string('sha256', 64).notNullable();
    table.string('repository', 500).notNullable().comment('Whose CI sent it');
    table.string('received_at', 24).notNullable();
    table.binary('content').notNullable();
    table.primary(['release_id', 'kind', 'name']);
    table.index(['received_at'], 'release_evidence_at');
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.dropTable('release_evidence');
};
