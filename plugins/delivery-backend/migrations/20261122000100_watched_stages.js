// SPDX-License-Identifier: Apache-2.0

/**
 * Since when a release is watched in a stage. Unknown for what was seen before: that begins at the next
 * look.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.alterTable('stage_observations', table => {
    table.string('watched_since', 24);
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.alterTable('stage_observations', table => {
    table.dropColumn('watched_since');
  });
};
