// SPDX-License-Identifier: Apache-2.0

/**
 * Waves over devices: the state that the next decision is made from, with what people said meanwhile.
 * What was decided is in the log; the state also holds what was observed, which the log does not.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('waves', table => {
    table.string('promotion_id', 64).primary();
    table.string('service', 300).notNullable();
    table.string('stage', 100).notNullable();
    table.boolean('active').notNullable();
    table.string('started_at', 24).notNullable();
    table.integer('version').notNullable().comment('Changes with every write');
    table.integer('events').notNullable().comment('Of the stream');
    table.text('state').comment('JSON; empty until devices were seen');
    table.text('template').notNullable().comment('JSON: what Git shall say');
    table.text('commands').notNullable().comment('JSON: not yet obeyed');
    table.text('report').comment('JSON, for readers');
    table.string('looked_at', 24);
    table.string('due_at', 24).notNullable();
    table.index(['active', 'due_at'], 'waves_due');
    table.index(['service', 'stage', 'started_at'], 'waves_of');
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.dropTable('waves');
};
