// SPDX-License-Identifier: Apache-2.0

/**
 * The Pipeline tab, promotions, approvals and rollbacks.
 *
 * @packageDocumentation
 */
export { deliveryPlugin as default } from './plugin';
export { deliveryApiRef } from './api/deliveryApi';
export { deliveryTranslationRef } from './translation';
