// SPDX-License-Identifier: Apache-2.0
import {
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import { policyExtensionPoint } from '@backstage/plugin-permission-node/alpha';
import { DeliveryPolicy } from './DeliveryPolicy';
import { readRoles } from './roles';

/**
 * Gives the portal its permission policy. A backend has one policy: install this module or your own.
 *
 * @public
 */
export const permissionModuleDelivery = createBackendModule({
  pluginId: 'permission',
  moduleId: 'delivery',
  register(env) {
    env.registerInit({
      deps: {
        policy: policyExtensionPoint,
        config: coreServices.rootConfig,
      },
      async init({ policy, config }) {
        policy.setPolicy(new DeliveryPolicy(readRoles(config)));
      },
    });
  },
});
