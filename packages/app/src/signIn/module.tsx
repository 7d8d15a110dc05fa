// SPDX-License-Identifier: Apache-2.0
import {
  configApiRef,
  createFrontendModule,
  useApi,
} from '@backstage/frontend-plugin-api';
import {
  SignInPageBlueprint,
  type SignInPageProps,
} from '@backstage/plugin-app-react';
import { oidcAuthApi } from './oidcAuthApi';

const signInPage = SignInPageBlueprint.make({
  params: {
    loader: async () => {
      const [{ DemoSignInPage }, { ProviderSignInPage }] = await Promise.all([
        import('./DemoSignInPage'),
        import('./ProviderSignInPage'),
      ]);
      return function PortalSignInPage(props: SignInPageProps) {
        const way = useApi(configApiRef).getString('app.signIn');
        if (way === 'demo') {
          return <DemoSignInPage {...props} />;
        }
        if (way === 'oidc' || way === 'github') {
          return <ProviderSignInPage {...props} provider={way} />;
        }
        throw new Error(
          `app.signIn is '${way}'; it must be demo, oidc or github`,
        );
      };
    },
  },
});

/** How people sign in, chosen by `app.signIn`. */
export const signInModule = createFrontendModule({
  pluginId: 'app',
  extensions: [signInPage, oidcAuthApi],
});
