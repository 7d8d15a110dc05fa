// SPDX-License-Identifier: Apache-2.0

/**
 * The Simulation page: the simulated world and its scenarios.
 *
 * @packageDocumentation
 */
export { simulationPlugin as default } from './plugin';
export { simulationApiRef } from './api/simulationApi';
export type { SimulationApi } from './api/simulationApi';
export { simulationTranslationRef } from './translation';
