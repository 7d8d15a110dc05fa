// SPDX-License-Identifier: Apache-2.0

/**
 * Promotions as folded from the log, for lists and history; the work that is due on them; and what
 * was seen of releases in stages. Only the last is not contained in the log.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('promotions', table => {
    table.string('id', 64).primary();
    table.string('service', 300).notNullable().comment('Entity ref');
    table.string('stage', 200).notNullable();
    table.string('kind', 20).notNullable();
    table.string('phase', 20).notNullable();
    table.boolean('active').notNullable();
    table.boolean('held').notNullable().comment('A named problem holds it');
    table.string('release_id', 64).notNullable();
    table.string('rollback', 64);
    table.string('requested_at', 24).notNullable();
    table.string('updated_at', 24).notNullable();
    table.integer('version').notNullable().comment('Of the stream');
    table.text('state').notNullable().comment('JSON');
    table.text('unmet').notNullable().comment('JSON');
    table.index(['service', 'requested_at', 'id'], 'promotions_history');
    table.index(['service', 'stage', 'requested_at'], 'promotions_of_stage');
    table.index(['phase', 'requested_at'], 'promotions_in_phase');
  });
  // One promotion at a time moves in a stage of a service, whoever asks at the same moment.
  await knex.raw(
    'CREATE UNIQUE INDEX promotions_one_active ON promotions (service, stage) WHERE active',
  );
  await knex.schema.createTable('promotion_leases', table => {
    table.string('promotion_id', 64).primary();
    table.string('due_at', 24).notNullable();
    table.string('ticket', 64).comment('Of who works on it now');
    table.string('expires_at', 24);
    table.integer('failures').notNullable().defaultTo(0);
    table.integer('announced').notNullable().defaultTo(0).comment('Version');
    table.index(['due_at'], 'promotion_leases_due');
  });
  await knex.schema.createTable('stage_observations', table => {
    table.string('service', 300).notNullable();
    table.string('stage', 200).notNullable();
    table.string('release_id', 64).notNullable();
    table.string('health', 20).notNullable();
    table.string('since', 24).notNullable();
    table.bigInteger('soaked').notNullable().comment('Milliseconds');
    table.string('first_seen_at', 24).notNullable();
    table.string('last_seen_at', 24).notNullable();
    table.string('arrived_at', 24);
    table.primary(['service', 'stage', 'release_id']);
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.dropTable('stage_observations');
  await knex.schema.dropTable('promotion_leases');
  await knex.schema.dropTable('promotions');
};
