// SPDX-License-Identifier: Apache-2.0

/**
 * Sites and clusters of the fleet as entities of the catalog.
 *
 * @packageDocumentation
 */
export { catalogModuleFleet as default } from './module';
