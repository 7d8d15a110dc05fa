// SPDX-License-Identifier: Apache-2.0
import { createApiRef } from '@backstage/frontend-plugin-api';
import type { DrillClient } from '@causeway/plugin-delivery-common';

/** Drills on devices. Every method rejects with a `DeliveryProblem`. */
export const drillApiRef = createApiRef<DrillClient>().with({
  id: 'plugin.fleet.drills',
  pluginId: 'fleet',
});
