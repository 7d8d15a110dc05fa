// SPDX-License-Identifier: Apache-2.0
import { createApiRef } from '@backstage/frontend-plugin-api';
import type { FleetClient } from '@causeway/plugin-delivery-common';

/**
 * The fleet as the delivery backend knows it. Every method rejects with a `DeliveryProblem`.
 *
 * @public
 */
export const fleetApiRef = createApiRef<FleetClient>().with({
  id: 'plugin.fleet.api',
  pluginId: 'fleet',
});
