// SPDX-License-Identifier: Apache-2.0

/**
 * What was measured of canaries, so that a decision can be shown again with what it rested on, and
 * what engines asked and told last. Decisions themselves are in the event log.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('canary_comparisons', table => {
    table.string('promotion_id', 64).notNullable();
    table.string('target', 600).notNullable();
    table.string('begin', 24).notNullable().comment('Of minute 1');
    table.text('bounds').notNullable().comment('Milliseconds, JSON');
    table.text('plan').notNullable().comment('JSON');
    table.primary(['promotion_id', 'target']);
  });
  await knex.schema.createTable('canary_minutes', table => {
    table.string('promotion_id', 64).notNullable();
    table.string('target', 600).notNullable();
    table.integer('minute').notNullable();
    table.text('data').notNullable().comment('JSON');
    table.primary(['promotion_id', 'target', 'minute']);
  });
  await knex.schema.createTable('canary_questions', table => {
    table.string('cluster', 200).notNullable();
    table.string('namespace', 253).notNullable();
    table.string('name', 253).notNullable();
    table.string('hook', 40).notNullable();
    table.string('at', 24).notNullable();
    table.boolean('open').notNullable();
    table.string('code', 40).notNullable();
    table.text('sentence').notNullable();
    table.primary(['cluster', 'namespace', 'name', 'hook']);
  });
  await knex.schema.createTable('canary_notices', table => {
    table.increments('id');
    table.string('cluster', 200).notNullable();
    table.string('namespace', 253).notNullable();
    table.string('name', 253).notNullable();
    table.string('at', 24).notNullable();
    table.string('type', 20).notNullable();
    table.text('message').notNullable();
    table.index(['cluster', 'namespace', 'name', 'id'], 'canary_notices_of');
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.dropTable('canary_notices');
  await knex.schema.dropTable('canary_questions');
  await knex.schema.dropTable('canary_minutes');
  await knex.schema.dropTable('canary_comparisons');
};
