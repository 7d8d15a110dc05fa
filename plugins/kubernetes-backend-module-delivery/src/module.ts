// SPDX-License-Identifier: Apache-2.0
import { createBackendModule } from '@backstage/backend-plugin-api';
import { kubernetesRouterExtensionPoint } from '@backstage/plugin-kubernetes-node';
import { clusterAccessServiceRef } from '@causeway/plugin-delivery-node';

/**
 * Hands the Kubernetes plugin's clusters and sign-in strategies to the delivery plugin.
 *
 * The router is the one extension point that sees the final supplier and strategies. It is given
 * back unchanged, so the Kubernetes plugin behaves as without this module. A portal that already
 * replaces that router can not install this module and calls `clusterAccess.provide` itself.
 *
 * @public
 */
export const kubernetesModuleDelivery = createBackendModule({
  pluginId: 'kubernetes',
  moduleId: 'delivery',
  register(env) {
    env.registerInit({
      deps: {
        router: kubernetesRouterExtensionPoint,
        access: clusterAccessServiceRef,
      },
      async init({ router, access }) {
        router.addRouter(({ getDefault, clusterSupplier, authStrategyMap }) => {
          access.provide({ clusterSupplier, authStrategyMap });
          return getDefault();
        });
      },
    });
  },
});
