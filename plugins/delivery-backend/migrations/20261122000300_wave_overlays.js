// SPDX-License-Identifier: Apache-2.0

/**
 * What the overlays of a wave's devices said before, and the step that is to be written to them. Empty
 * for waves over DaemonSets.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.alterTable('waves', table => {
    table.text('overlays').comment('JSON: overlays of devices, by device');
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.alterTable('waves', table => {
    table.dropColumn('overlays');
  });
};
