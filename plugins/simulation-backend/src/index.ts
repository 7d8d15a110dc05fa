// SPDX-License-Identifier: Apache-2.0

/**
 * Lets people of the portal watch and trouble the simulated world.
 *
 * @packageDocumentation
 */
export { simulationPlugin as default } from './plugin';
