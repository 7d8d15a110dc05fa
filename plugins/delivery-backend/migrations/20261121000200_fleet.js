// SPDX-License-Identifier: Apache-2.0

/**
 * The last known states of devices, so that a restart does not begin their stories anew, and what
 * changed when. Both can be lost without harm to anything else.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('fleet_devices', table => {
    table.string('cluster', 200).notNullable();
    table.string('name', 253).notNullable();
    table.text('axes').notNullable().comment('JSON');
    table.string('last_seen', 24);
    table.string('first_seen', 24).notNullable();
    table.string('updated_at', 24).notNullable();
    table.primary(['cluster', 'name']);
    table.index(['updated_at'], 'fleet_devices_updated');
  });
  await knex.schema.createTable('fleet_history', table => {
    table.string('cluster', 200).notNullable();
    table
      .string('name', 253)
      .notNullable()
      .comment('Empty: happened to all devices of the cluster');
    table.string('axis', 20).notNullable();
    table
      .bigInteger('minute')
      .notNullable()
      .comment('Since the epoch: replicas that see the same write it once');
    table.string('to_state', 20).notNullable();
    table.string('from_state', 20);
    table.string('at', 24).notNullable();
    table.string('code', 60);
    table.text('message');
    table.primary(['cluster', 'name', 'axis', 'minute', 'to_state']);
    table.index(['cluster', 'name', 'at'], 'fleet_history_of');
    table.index(['at'], 'fleet_history_at');
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.dropTable('fleet_history');
  await knex.schema.dropTable('fleet_devices');
};
