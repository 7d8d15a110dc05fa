// SPDX-License-Identifier: Apache-2.0

export interface Config {
  app?: {
    /**
     * How people sign in: `demo` offers the users of `auth.providers.demo`, `oidc` and `github`
     * use the auth provider of that name.
     * @visibility frontend
     */
    signIn?: 'demo' | 'oidc' | 'github';
  };
}
