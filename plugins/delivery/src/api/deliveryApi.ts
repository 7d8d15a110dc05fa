// SPDX-License-Identifier: Apache-2.0
import { createApiRef } from '@backstage/frontend-plugin-api';
import type { DeliveryClient } from '@causeway/plugin-delivery-common';

/**
 * The delivery backend, as the pages of this plugin see it. Every method rejects with a
 * `DeliveryProblem`. That a write is answered means it was recorded, not that anything was deployed.
 *
 * @public
 */
export const deliveryApiRef = createApiRef<DeliveryClient>().with({
  id: 'plugin.delivery.api',
  pluginId: 'delivery',
});
