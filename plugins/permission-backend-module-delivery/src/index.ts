// SPDX-License-Identifier: Apache-2.0

/**
 * The permission policy of the portal: who may promote, approve and roll back.
 *
 * @packageDocumentation
 */
export { permissionModuleDelivery as default } from './module';
