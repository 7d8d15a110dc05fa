// SPDX-License-Identifier: Apache-2.0
import {
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import { catalogProcessingExtensionPoint } from '@backstage/plugin-catalog-node';
import { createDeliveryClient } from '@causeway/plugin-delivery-common';
import { FleetEntityProvider } from './FleetEntityProvider';

/** Stands for the address of the delivery plugin, which is looked up for each request. */
const anyBase = 'plugin://delivery';

/**
 * Provides the sites and clusters of the fleet to the catalog.
 *
 * @public
 */
export const catalogModuleFleet = createBackendModule({
  pluginId: 'catalog',
  moduleId: 'fleet',
  register(env) {
    env.registerInit({
      deps: {
        auth: coreServices.auth,
        catalog: catalogProcessingExtensionPoint,
        config: coreServices.rootConfig,
        discovery: coreServices.discovery,
        logger: coreServices.logger,
        scheduler: coreServices.scheduler,
      },
      async init({ auth, catalog, config, discovery, logger, scheduler }) {
        const own = config.getOptionalConfig('catalog.providers.fleet');
        const provider = new FleetEntityProvider({
          fleet: createDeliveryClient({
            baseUrl: anyBase,
            fetch: async (input, init) => {
              const { token } = await auth.getPluginRequestToken({
                onBehalfOf: await auth.getOwnServiceCredentials(),
                targetPluginId: 'delivery',
              });
              const headers = new Headers(init?.headers);
              headers.set('Authorization', `Bearer ${token}`);
              const base = await discovery.getBaseUrl('delivery');
              const address = String(input).replace(anyBase, base);
              return fetch(address, { ...init, headers });
            },
          }),
          settings: {
            owner: own?.getOptionalString('owner') ?? 'group:default/unknown',
            system: own?.getOptionalString('system'),
            portal: config.getString('app.baseUrl').replace(/\/$/, ''),
          },
          logger,
        });
        catalog.addEntityProvider(provider);
        const seconds = own?.getOptionalNumber('seconds') ?? 60;
        await scheduler.scheduleTask({
          id: 'read-fleet',
          frequency: { seconds },
          timeout: { minutes: 1 },
          initialDelay: { seconds: Math.min(seconds, 15) },
          // Each replica remembers what it has told; telling the same twice does no harm.
          scope: 'local',
          fn: () => provider.refresh(),
        });
      },
    });
  },
});
