// SPDX-License-Identifier: Apache-2.0
import {
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import { ScmIntegrations } from '@backstage/integration';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import { scaffolderActionsExtensionPoint } from '@backstage/plugin-scaffolder-node';
import { readReleaseSecrets } from '@causeway/plugin-delivery-node';
import { createOnboardAction } from './actions/onboard';
import { createRegisterAction } from './actions/register';
import { createReportAction } from './actions/report';
import { ServiceOwners } from './ServiceOwners';

/**
 * Actions that put a service onto the road to the fleet.
 *
 * @public
 */
export const scaffolderModuleDelivery = createBackendModule({
  pluginId: 'scaffolder',
  moduleId: 'delivery',
  register({ registerInit }) {
    registerInit({
      deps: {
        actions: scaffolderActionsExtensionPoint,
        catalog: catalogServiceRef,
        config: coreServices.rootConfig,
        discovery: coreServices.discovery,
        permissions: coreServices.permissions,
        userInfo: coreServices.userInfo,
      },
      async init({ actions, config, discovery, ...services }) {
        const integrations = ScmIntegrations.fromConfig(config);
        const secrets = readReleaseSecrets(config);
        const owners = new ServiceOwners(services);
        actions.addActions(
          createOnboardAction({ config, integrations, owners }),
          createRegisterAction({ integrations, secrets, owners }),
          createReportAction({
            discovery,
            secrets,
            owners,
            clock: () => new Date(),
          }),
        );
      },
    });
  },
});
