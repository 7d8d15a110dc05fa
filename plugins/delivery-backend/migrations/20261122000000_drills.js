// SPDX-License-Identifier: Apache-2.0

/**
 * Drills: the state that the next decision is made from, and the sites that those under way hold. What
 * was decided is in the log; the state also holds what was observed, which the log does not.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('drills', table => {
    table.string('id', 64).primary();
    table.string('service', 300).notNullable();
    table.string('stage', 100).notNullable();
    table.string('release_id', 64).notNullable();
    table.boolean('active').notNullable();
    table.string('requested_at', 24).notNullable();
    table.integer('version').notNullable().comment('Changes with every write');
    table.integer('events').notNullable().comment('Of the stream');
    table.text('state').notNullable().comment('JSON');
    table.string('due_at', 24).notNullable();
    table.index(['active', 'due_at'], 'drills_due');
    table.index(['requested_at', 'id'], 'drills_newest');
    table.index(['service', 'stage', 'release_id'], 'drills_of');
  });
  // At a site one drill at a time, whoever asks at the same moment.
  await knex.schema.createTable('drill_sites', table => {
    table.string('site', 600).primary();
    table.string('drill_id', 64).notNullable();
    table.index(['drill_id'], 'drill_sites_of');
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.dropTable('drill_sites');
  await knex.schema.dropTable('drills');
};
