// SPDX-License-Identifier: Apache-2.0

/**
 * Software templates, rendered by the real scaffolder.
 *
 * @packageDocumentation
 */
export { ScaffolderUnderTest } from './ScaffolderUnderTest';
export { readTemplates, withDefaults } from './templates';
