// SPDX-License-Identifier: Apache-2.0
import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import { simulationPermissions } from '@causeway/plugin-simulation-common';
import { createRouter } from './createRouter';
import { Simulator } from './Simulator';

/**
 * Hands the control API of the simulator on to people who may use it.
 *
 * @public
 */
export const simulationPlugin = createBackendPlugin({
  pluginId: 'simulation',
  register(env) {
    env.registerInit({
      deps: {
        auditor: coreServices.auditor,
        config: coreServices.rootConfig,
        http: coreServices.httpRouter,
        httpAuth: coreServices.httpAuth,
        permissions: coreServices.permissions,
        permissionsRegistry: coreServices.permissionsRegistry,
      },
      async init({ config, http, permissionsRegistry, ...services }) {
        permissionsRegistry.addPermissions(simulationPermissions);
        const simulator = Simulator.fromConfig(config);
        http.use(createRouter({ ...services, simulator }));
      },
    });
  },
});
