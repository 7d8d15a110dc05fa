// SPDX-License-Identifier: Apache-2.0

/**
 * Actions on devices as folded from the log, with the work that is due on them; the places that
 * running ones hold; and the texts that belong to receipts. Only the last is not contained in the log.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('device_actions', table => {
    table.string('id', 64).primary();
    table.string('kind', 40).notNullable();
    table.string('cluster', 200).notNullable();
    table.string('name', 253).notNullable().comment('Of the node');
    table.string('site', 253);
    table.string('batch', 64).notNullable();
    table.string('phase', 20).notNullable();
    table.boolean('open').notNullable().comment('Not over yet');
    table.string('requested_by', 300).notNullable();
    table.string('requested_at', 24).notNullable();
    table.integer('version').notNullable().comment('Of the stream');
    table.text('state').notNullable().comment('JSON');
    table.text('waiting').comment('JSON: why it does not go on');
    table.string('due_at', 24).notNullable();
    table.string('ticket', 64).comment('Of who works on it now');
    table.string('ticket_expires_at', 24);
    table.integer('failures').notNullable().defaultTo(0);
    table.index(['requested_at', 'id'], 'device_actions_newest');
    table.index(['cluster', 'name', 'requested_at'], 'device_actions_of');
    table.index(['open', 'due_at'], 'device_actions_due');
    table.index(['batch'], 'device_actions_batch');
  });
  // Whoever asks at the same moment: one open action of a kind on a device.
  await knex.raw(
    'CREATE UNIQUE INDEX device_actions_one_open ON device_actions (cluster, name, kind) WHERE open',
  );
  await knex.schema.createTable('device_action_places', table => {
    table
      .string('place', 600)
      .primary()
      .comment('A device, or one of the places of a site');
    table.string('action_id', 64).notNullable();
    table.index(['action_id'], 'device_action_places_of');
  });
  await knex.schema.createTable('device_action_outputs', table => {
    table.string('action_id', 64).primary();
    table.text('output').notNullable();
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.dropTable('device_action_outputs');
  await knex.schema.dropTable('device_action_places');
  await knex.schema.dropTable('device_actions');
};
