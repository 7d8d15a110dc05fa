// SPDX-License-Identifier: Apache-2.0
import { AuthenticationError, NotAllowedError } from '@backstage/errors';
import { parseEntityRef, stringifyEntityRef } from '@backstage/catalog-model';
import { createProxyAuthenticator } from '@backstage/plugin-auth-node';

/** Header in which the sign-in page names the demo user, as an entity ref such as `user:default/mia`. */
export const DEMO_USER_HEADER = 'x-demo-user';

/** A demo user who asked to be signed in. */
export interface DemoSignIn {
  /** Full entity ref, for example `user:default/mia`. */
  readonly userEntityRef: string;
}

interface DemoContext {
  /** Why demo users are refused here; undefined where they are welcome. */
  readonly refusal?: string;
  readonly users: ReadonlySet<string>;
}

/** Where the portal runs; decides whether demo users are accepted at all. */
export interface Surroundings {
  /** `backend.baseUrl` of the portal. */
  readonly baseUrl: string;
  /** Value of NODE_ENV. */
  readonly nodeEnvironment: string | undefined;
}

/**
 * Says why demo users may not sign in here, or undefined when they may. Anybody can claim to be
 * any demo user, so they are welcome only in a portal that serves one machine and is not
 * declared a production one.
 */
export function refusalOfDemoUsers(
  surroundings: Surroundings,
): string | undefined {
  if (surroundings.nodeEnvironment === 'production') {
    return 'Demo users are refused because the portal runs in production mode. Configure a sign-in provider in app-config.production.yaml.';
  }
  const { hostname } = new URL(surroundings.baseUrl);
  if (!['localhost', '127.0.0.1', '[::1]'].includes(hostname)) {
    return `Demo users are refused because the portal is reachable as ${hostname}. They work on localhost only; configure a sign-in provider instead.`;
  }
  return undefined;
}

/** Signs in one of the users listed in `auth.providers.demo.users`, without a password. */
export function createDemoAuthenticator(surroundings: Surroundings) {
  return createProxyAuthenticator<DemoContext, DemoSignIn, undefined>({
    defaultProfileTransform: async () => ({ profile: {} }),
    initialize({ config }) {
      return {
        refusal: refusalOfDemoUsers(surroundings),
        users: new Set(
          config
            .getStringArray('users')
            .map(ref => stringifyEntityRef(parseEntityRef(ref))),
        ),
      };
    },
    async authenticate({ req }, { refusal, users }) {
      if (refusal) {
        throw new NotAllowedError(refusal);
      }
      const claimed = req.header(DEMO_USER_HEADER);
      if (!claimed || !users.has(claimed)) {
        throw new AuthenticationError(
          'Choose one of the demo users on the sign-in page.',
        );
      }
      return { result: { userEntityRef: claimed } };
    },
  });
}
