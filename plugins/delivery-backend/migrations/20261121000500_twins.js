// SPDX-License-Identifier: Apache-2.0

/**
 * What was desired of twins here, and how devices followed. Desired values themselves are in the
 * clusters; this can be lost without harm to them.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('fleet_twins', table => {
    table
      .string('id', 64)
      .primary()
      .comment('Of the content: seen by two replicas, kept once');
    table.string('cluster', 200).notNullable();
    table.string('node', 253).notNullable();
    table.string('namespace', 253).notNullable();
    table.string('device', 253).notNullable();
    table.string('property', 253).notNullable();
    table.string('kind', 10).notNullable().comment('desired or reported');
    table.string('at', 24).notNullable();
    table.text('value').notNullable();
    table.text('before');
    table.string('actor', 300);
    table.text('reason');
    table.index(['cluster', 'node', 'at'], 'fleet_twins_of');
    table.index(['at'], 'fleet_twins_at');
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.dropTable('fleet_twins');
};
