// SPDX-License-Identifier: Apache-2.0
import { SignInPage } from '@backstage/core-components';
import { githubAuthApiRef } from '@backstage/core-plugin-api';
import type { SignInPageProps } from '@backstage/plugin-app-react';
import { oidcAuthApiRef } from './oidcAuthApi';

const providers = {
  oidc: {
    id: 'oidc',
    title: 'Your organisation',
    message: 'Sign in with your organisation’s account.',
    apiRef: oidcAuthApiRef,
  },
  github: {
    id: 'github',
    title: 'GitHub',
    message: 'Sign in with your GitHub account.',
    apiRef: githubAuthApiRef,
  },
};

/** Sign-in by an identity provider, for every portal that other people can reach. */
export function ProviderSignInPage(
  props: SignInPageProps & { readonly provider: keyof typeof providers },
) {
  return (
    <SignInPage
      title="Causeway"
      align="center"
      provider={providers[props.provider]}
      onSignInSuccess={props.onSignInSuccess}
    />
  );
}
