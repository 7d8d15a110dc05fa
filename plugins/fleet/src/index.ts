// SPDX-License-Identifier: Apache-2.0

/**
 * The map and the table of the fleet, its sites and devices, and the Edge tab of services.
 *
 * @packageDocumentation
 */
export { fleetPlugin as default } from './plugin';
export { fleetApiRef } from './api/fleetApi';
export { fleetTranslationRef } from './translation';
