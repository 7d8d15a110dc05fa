// SPDX-License-Identifier: Apache-2.0
import {
  coreServices,
  type AuthService,
  createBackendPlugin,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import { mockServices, startTestBackend } from '@backstage/backend-test-utils';
import {
  clusterAccessServiceRef,
  createClusterAccess,
} from '@causeway/plugin-delivery-node';
import kubernetesModuleDelivery from './index';

const kubernetes = {
  serviceLocatorMethod: { type: 'multiTenant' },
  clusterLocatorMethods: [
    {
      type: 'config',
      clusters: [
        {
          name: 'cloud-staging',
          url: 'http://127.0.0.1:9',
          authProvider: 'serviceAccount',
          serviceAccountToken: 'a-long-and-random-service-account-token',
        },
      ],
    },
  ],
};

/** Starts the real Kubernetes plugin with our module, and a plugin that only lends its credentials. */
async function startPortal(config: object) {
  const access = createClusterAccess();
  let lent: AuthService | undefined;
  const lender = createBackendPlugin({
    pluginId: 'delivery',
    register(env) {
      env.registerInit({
        deps: { auth: coreServices.auth },
        async init({ auth }) {
          lent = auth;
        },
      });
    },
  });
  await startTestBackend({
    features: [
      mockServices.rootConfig.factory({ data: config }),
      createServiceFactory({
        service: clusterAccessServiceRef,
        deps: {},
        factory: () => access,
      }),
      import('@backstage/plugin-kubernetes-backend'),
      kubernetesModuleDelivery,
      lender,
    ],
  });
  if (!lent) throw new Error('The lending plugin did not start.');
  return { access, auth: lent };
}

describe('kubernetesModuleDelivery', () => {
  it('hands over the configured clusters and a working way to sign in', async () => {
    const { access, auth } = await startPortal({ kubernetes });
    const { clusterSupplier, authStrategyMap } = await access.provided();

    const [cluster, ...others] = await clusterSupplier.getClusters({
      credentials: await auth.getOwnServiceCredentials(),
    });
    expect(cluster.name).toBe('cloud-staging');
    expect(others).toEqual([]);

    const provider = cluster.authMetadata['kubernetes.io/auth-provider'];
    await expect(
      authStrategyMap[provider].getCredential(cluster, {}),
    ).resolves.toEqual({
      type: 'bearer token',
      token: 'a-long-and-random-service-account-token',
    });
  });

  it('does not stop a portal without Kubernetes configuration', async () => {
    const { access } = await startPortal({});
    const handedOver = jest.fn();
    access.provided().then(handedOver);
    await new Promise(setImmediate);
    expect(handedOver).not.toHaveBeenCalled();
  });
});
