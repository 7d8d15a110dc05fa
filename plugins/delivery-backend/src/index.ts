// SPDX-License-Identifier: Apache-2.0

/**
 * The delivery backend: pipelines, releases, promotions and rollbacks.
 *
 * @packageDocumentation
 */
export { deliveryPlugin as default } from './plugin';
