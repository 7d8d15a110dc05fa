// SPDX-License-Identifier: Apache-2.0

/**
 * Template actions that put a service onto the road to the fleet.
 *
 * @packageDocumentation
 */
export { scaffolderModuleDelivery as default } from './module';
