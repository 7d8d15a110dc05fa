// SPDX-License-Identifier: Apache-2.0

/**
 * Hands the portal's configured clusters to the delivery backend.
 *
 * @packageDocumentation
 */
export { kubernetesModuleDelivery as default } from './module';
