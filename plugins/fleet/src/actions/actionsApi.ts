// SPDX-License-Identifier: Apache-2.0
import { createApiRef } from '@backstage/frontend-plugin-api';
import type { FleetActionClient } from '@causeway/plugin-delivery-common';

/**
 * Actions on devices. Every method rejects with a `DeliveryProblem`.
 *
 * @public
 */
export const actionsApiRef = createApiRef<FleetActionClient>().with({
  id: 'plugin.fleet.actions',
  pluginId: 'fleet',
});
