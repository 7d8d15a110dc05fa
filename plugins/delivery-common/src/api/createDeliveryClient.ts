// SPDX-License-Identifier: Apache-2.0
import { connect } from './Connection';
import { deliveryClient, type DeliveryClient } from './DeliveryClient';
import { drillClient, type DrillClient } from './DrillClient';
import { fleetActionClient, type FleetActionClient } from './FleetActionClient';
import { fleetClient, type FleetClient } from './FleetClient';

/**
 * Makes a client. In a frontend plugin give `fetchApi.fetch` and `plugin://delivery`; elsewhere any
 * fetch that adds the caller's token, and the base URL of the plugin.
 */
export function createDeliveryClient(options: {
  readonly baseUrl: string;
  readonly fetch?: typeof globalThis.fetch;
}): DeliveryClient & FleetClient & FleetActionClient & DrillClient {
  const connection = connect(
    options.baseUrl,
    options.fetch ?? globalThis.fetch,
  );
  return {
    ...deliveryClient(connection),
    ...fleetClient(connection),
    ...fleetActionClient(connection),
    ...drillClient(connection),
  };
}
