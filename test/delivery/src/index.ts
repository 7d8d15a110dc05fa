// SPDX-License-Identifier: Apache-2.0

/**
 * Portals and surroundings for tests that run the whole product.
 *
 * @packageDocumentation
 */
export { NodeProcess, repository } from './surroundings/NodeProcess';
export { startSimulatedSurroundings } from './surroundings/startSimulatedSurroundings';
export type { SimulatedSurroundings } from './surroundings/startSimulatedSurroundings';
export type { Surroundings } from './surroundings/Surroundings';
export { TestPortal } from './surroundings/TestPortal';
export { until } from './surroundings/until';
export { GitWorkingCopy } from './story/GitWorkingCopy';
export { tellTogether, type Story, type Tell } from './story/tellTogether';
