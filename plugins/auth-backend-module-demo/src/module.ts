// SPDX-License-Identifier: Apache-2.0
import {
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import {
  authProvidersExtensionPoint,
  createProxyAuthProviderFactory,
} from '@backstage/plugin-auth-node';
import { createDemoAuthenticator } from './authenticator';

/** Registers the auth provider `demo`. It does nothing until `auth.providers.demo` is configured. */
export const authModuleDemo = createBackendModule({
  pluginId: 'auth',
  moduleId: 'demo-provider',
  register(registration) {
    registration.registerInit({
      deps: {
        providers: authProvidersExtensionPoint,
        config: coreServices.rootConfig,
      },
      async init({ providers, config }) {
        providers.registerProvider({
          providerId: 'demo',
          factory: createProxyAuthProviderFactory({
            authenticator: createDemoAuthenticator({
              baseUrl: config.getString('backend.baseUrl'),
              nodeEnvironment: process.env.NODE_ENV,
            }),
            signInResolver: async ({ result }, context) =>
              context.signInWithCatalogUser({
                entityRef: result.userEntityRef,
              }),
          }),
        });
      },
    });
  },
});
